#include "coffer/codec/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <boost/json/basic_parser_impl.hpp>

#include "coffer/codec/names.h"

namespace coffer::codec {
namespace {

using boost::json::error_code;
using boost::json::string_view;

// Builds the value from what the parser reports; says no to what the parser lets pass.
class Builder {
  public:
    // NOLINTBEGIN(readability-identifier-naming): names that the parser looks for
    static constexpr size_t max_object_size = static_cast<size_t>(-1);
    static constexpr size_t max_array_size = static_cast<size_t>(-1);
    static constexpr size_t max_key_size = static_cast<size_t>(-1);
    static constexpr size_t max_string_size = static_cast<size_t>(-1);
    // NOLINTEND(readability-identifier-naming)

    explicit Builder(size_t max_values) : values_left_(max_values) {}

    JsonValue Take() { return std::move(root_); }
    const char* refusal() const { return refusal_; }

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }

    bool on_object_begin(error_code&) {
        open_.push_back({.is_object = true});
        return true;
    }
    bool on_object_end(size_t, error_code& ec) {
        JsonValue::Object members = std::move(open_.back().members);
        open_.pop_back();
        if (HasDuplicates(members)) return Refuse("an object has one name twice", ec);
        return Add(std::move(members), ec);
    }
    bool on_array_begin(error_code&) {
        open_.push_back({.is_object = false});
        return true;
    }
    bool on_array_end(size_t, error_code& ec) {
        JsonValue::Array elements = std::move(open_.back().elements);
        open_.pop_back();
        return Add(std::move(elements), ec);
    }

    bool on_key_part(string_view part, size_t, error_code&) { return Append(part); }
    bool on_key(string_view part, size_t, error_code&) {
        Append(part);
        open_.back().name = std::exchange(text_, {});
        return true;
    }
    bool on_string_part(string_view part, size_t, error_code&) { return Append(part); }
    bool on_string(string_view part, size_t, error_code& ec) {
        Append(part);
        return Add(std::exchange(text_, {}), ec);
    }

    bool on_number_part(string_view part, error_code&) { return Append(part); }
    bool on_int64(int64_t number, string_view, error_code& ec) {
        text_.clear();
        return Add(number, ec);
    }
    bool on_uint64(uint64_t, string_view part, error_code& ec) { return AddDouble(part, ec); }
    bool on_double(double, string_view part, error_code& ec) { return AddDouble(part, ec); }

    bool on_bool(bool value, error_code& ec) { return Add(value, ec); }
    bool on_null(error_code& ec) { return Add(JsonValue(), ec); }
    bool on_comment_part(string_view, error_code&) { return true; }
    bool on_comment(string_view, error_code&) { return true; }

  private:
    struct Container {
        bool is_object = false;
        std::string name = {};  // of the member that comes next
        JsonValue::Object members = {};
        JsonValue::Array elements = {};
    };

    bool Refuse(const char* why, error_code& ec) {
        refusal_ = why;
        ec = boost::json::error::syntax;
        return false;
    }

    bool Append(string_view part) {
        text_.append(part.data(), part.size());
        return true;
    }

    // From the text: the parser's own conversion can be off in the last bit.
    bool AddDouble(string_view part, error_code& ec) {
        Append(part);
        double number = 0;
        const auto [end, error] =
            std::from_chars(text_.data(), text_.data() + text_.size(), number);
        const bool whole = end == text_.data() + text_.size();
        text_.clear();
        if (error != std::errc() || !whole) return Refuse("a number is out of range", ec);
        return Add(number, ec);
    }

    bool Add(JsonValue value, error_code& ec) {
        if (values_left_-- == 0) return Refuse("it has too many values", ec);
        if (open_.empty()) {
            root_ = std::move(value);
        } else if (Container& container = open_.back(); container.is_object) {
            container.members.push_back({std::move(container.name), std::move(value)});
        } else {
            container.elements.push_back(std::move(value));
        }
        return true;
    }

    static bool HasDuplicates(const JsonValue::Object& members) {
        std::vector<std::string_view> names(members.size());
        std::ranges::transform(members, names.begin(), &JsonMember::name);
        std::ranges::sort(names);
        return std::ranges::adjacent_find(names) != names.end();
    }

    size_t values_left_;
    std::vector<Container> open_;
    std::string text_;  // of the string or number that is being read
    JsonValue root_;
    const char* refusal_ = nullptr;
};

bool IsSpace(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

Error NotJson(std::string_view why) {
    return Error(ErrorKind::kInvalid, "The JSON is not accepted: " + std::string(why) + ".");
}

void AppendValue(std::string* out, const JsonValue& value);

void AppendNumber(std::string* out, double number) {
    if (!std::isfinite(number)) {
        *out += "null";
        return;
    }
    char digits[32];
    const std::to_chars_result end = std::to_chars(digits, digits + sizeof digits, number);
    const std::string_view text(digits, end.ptr);
    *out += text;
    // What looks like an integer would be read as one.
    if (text.find_first_of(".e") == text.npos) *out += ".0";
}

void AppendArray(std::string* out, const JsonValue::Array& elements) {
    *out += '[';
    for (size_t i = 0; i < elements.size(); ++i) {
        if (i > 0) *out += ',';
        AppendValue(out, elements[i]);
    }
    *out += ']';
}

void AppendObject(std::string* out, const JsonValue::Object& members) {
    *out += '{';
    for (size_t i = 0; i < members.size(); ++i) {
        if (i > 0) *out += ',';
        AppendJsonString(out, members[i].name);
        *out += ':';
        AppendValue(out, members[i].value);
    }
    *out += '}';
}

void AppendValue(std::string* out, const JsonValue& value) {
    if (const auto truth = value.AsBool()) {
        *out += *truth ? "true" : "false";
    } else if (const auto integer = value.AsInt()) {
        *out += std::to_string(*integer);
    } else if (const auto number = value.AsDouble()) {
        AppendNumber(out, *number);
    } else if (const auto* text = value.AsString()) {
        AppendJsonString(out, *text);
    } else if (const auto* elements = value.AsArray()) {
        AppendArray(out, *elements);
    } else if (const auto* members = value.AsObject()) {
        AppendObject(out, *members);
    } else {
        *out += "null";
    }
}

}  // namespace

JsonValue::JsonValue(bool value) : value_(value) {}
JsonValue::JsonValue(int64_t value) : value_(value) {}
JsonValue::JsonValue(double value) : value_(value) {}
JsonValue::JsonValue(std::string value) : value_(std::move(value)) {}
JsonValue::JsonValue(const char* value) : value_(std::string(value)) {}
JsonValue::JsonValue(Array value) : value_(std::move(value)) {}
JsonValue::JsonValue(Object value) : value_(std::move(value)) {}

std::optional<bool> JsonValue::AsBool() const {
    const bool* value = std::get_if<bool>(&value_);
    return value ? std::optional(*value) : std::nullopt;
}

std::optional<int64_t> JsonValue::AsInt() const {
    const int64_t* value = std::get_if<int64_t>(&value_);
    return value ? std::optional(*value) : std::nullopt;
}

std::optional<double> JsonValue::AsDouble() const {
    if (const int64_t* value = std::get_if<int64_t>(&value_)) return static_cast<double>(*value);
    const double* value = std::get_if<double>(&value_);
    return value ? std::optional(*value) : std::nullopt;
}

const JsonValue* JsonValue::Find(std::string_view name) const {
    const Object* members = AsObject();
    if (members == nullptr) return nullptr;
    const auto found = std::ranges::find(*members, name, &JsonMember::name);
    return found == members->end() ? nullptr : &found->value;
}

std::string TextOf(const JsonValue& object, std::string_view name) {
    const JsonValue* const member = object.Find(name);
    const std::string* const text = member == nullptr ? nullptr : member->AsString();
    return text == nullptr ? std::string() : *text;
}

Result<JsonValue> ParseJson(std::string_view text, const JsonLimits& limits) {
    if (!IsUtf8(text)) return NotJson("it is not UTF-8");
    boost::json::parse_options options;
    options.max_depth = limits.max_depth;
    boost::json::basic_parser<Builder> parser(options, limits.max_values);
    error_code error;
    const size_t read = parser.write_some(false, text.data(), text.size(), error);
    if (const char* refusal = parser.handler().refusal()) return NotJson(refusal);
    if (error) return NotJson(error.message());
    if (!std::ranges::all_of(text.substr(read), IsSpace)) return NotJson("something follows it");
    return parser.handler().Take();
}

std::string WriteJson(const JsonValue& value) {
    std::string out;
    AppendValue(&out, value);
    return out;
}

}  // namespace coffer::codec
