#include "coffer/app/bootstrap/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include "coffer/base/bytes.h"

namespace coffer::app::bootstrap {
namespace {

using codec::JsonValue;

constexpr int kMaxDepth = 32;
constexpr int kMaxValues = 100'000;
constexpr size_t kMaxBytes =
    16_MiB;  // of all texts and names: one that stands in many places counts in each

Error Wrong(const YAML::Mark& mark, std::string_view what) {
    if (mark.is_null()) return Error(ErrorKind::kInvalid, std::string(what));
    return Error(ErrorKind::kInvalid, fmt::format("line {}: {}", mark.line + 1, what));
}

// Only as it would be written again: 007 is a text, and stays one.
template <class Number>
std::optional<Number> ParseNumber(const std::string& text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

JsonValue ReadPlain(const std::string& text) {
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL")
        return JsonValue();
    if (text == "true" || text == "True" || text == "TRUE") return JsonValue(true);
    if (text == "false" || text == "False" || text == "FALSE") return JsonValue(false);
    const auto whole = ParseNumber<int64_t>(text);
    if (whole && std::to_string(*whole) == text) return JsonValue(*whole);
    return JsonValue(text);
}

class Reader {
  public:
    Result<JsonValue> Read(const YAML::Node& node, int depth) {
        if (depth > kMaxDepth) return Wrong(node.Mark(), "it is nested too deeply");
        if (++values_ > kMaxValues) return Wrong(node.Mark(), "there are too many values");
        switch (node.Type()) {
            case YAML::NodeType::Undefined:
            case YAML::NodeType::Null:
                return JsonValue();
            case YAML::NodeType::Scalar:
                return ReadScalar(node);
            case YAML::NodeType::Sequence:
                return ReadSequence(node, depth);
            case YAML::NodeType::Map:
                return ReadMapping(node, depth);
        }
        return JsonValue();
    }

  private:
    Result<> Count(const YAML::Node& scalar) {
        bytes_ += scalar.Scalar().size();
        if (bytes_ > kMaxBytes) return Wrong(scalar.Mark(), "there is too much text");
        return Ok();
    }

    // A scalar's tag is "?" where it is plain, and "!" where it is quoted.
    Result<JsonValue> ReadScalar(const YAML::Node& node) {
        TRY(Count(node));
        const std::string& tag = node.Tag();
        if (tag == "?" || tag.empty()) return ReadPlain(node.Scalar());
        if (tag == "!" || tag == "tag:yaml.org,2002:str") return JsonValue(node.Scalar());
        // Not shown: who forgets the quotes around a secret makes a tag of it.
        return Wrong(node.Mark(), "a tag means nothing here; put a text with a ! into quotes");
    }

    Result<JsonValue> ReadSequence(const YAML::Node& node, int depth) {
        JsonValue::Array items;
        for (const YAML::Node& item : node) {
            TRY(JsonValue value, Read(item, depth + 1));
            items.push_back(std::move(value));
        }
        return JsonValue(std::move(items));
    }

    Result<JsonValue> ReadMapping(const YAML::Node& node, int depth) {
        JsonValue::Object members;
        for (const auto& member : node) {
            if (!member.first.IsScalar())
                return Wrong(member.first.Mark(), "a name must be a text");
            const std::string& name = member.first.Scalar();
            TRY(Count(member.first));
            for (const codec::JsonMember& other : members)
                if (other.name == name)
                    return Wrong(member.first.Mark(), fmt::format("\"{}\" is there twice", name));
            TRY(JsonValue value, Read(member.second, depth + 1));
            members.push_back({name, std::move(value)});
        }
        return JsonValue(std::move(members));
    }

    int values_ = 0;
    size_t bytes_ = 0;
};

}  // namespace

Result<JsonValue> ReadYaml(std::string_view text) {
    try {
        const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
        if (documents.empty()) return JsonValue(JsonValue::Object{});
        if (documents.size() > 1) return Wrong(documents[1].Mark(), "there is a second document");
        return Reader().Read(documents.front(), 0);
    } catch (const YAML::Exception& e) {
        return Wrong(e.mark, e.msg);
    }
}

}  // namespace coffer::app::bootstrap
