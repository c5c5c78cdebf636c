#include "coffer/codec/post_policy.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "coffer/codec/ascii.h"
#include "coffer/codec/base64.h"
#include "coffer/codec/date.h"
#include "coffer/codec/json.h"

namespace coffer::codec {
namespace {

Error InvalidPolicy(std::string_view what) {
    return Error(ErrorKind::kInvalid, "InvalidPolicyDocument",
                 "Invalid Policy: " + std::string(what));
}

Error Denied(std::string_view what) {
    return Error(ErrorKind::kDenied, "AccessDenied",
                 "Invalid according to Policy: " + std::string(what));
}

// A size, written as a number or a string.
std::optional<uint64_t> SizeOf(const JsonValue& value) {
    if (const auto number = value.AsInt())
        return *number < 0 ? std::nullopt : std::optional<uint64_t>(*number);
    const std::string* text = value.AsString();
    if (text == nullptr) return std::nullopt;
    uint64_t size = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), size);
    if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
    return size;
}

bool NeedsNoCondition(std::string_view field) {
    constexpr std::array<std::string_view, 5> kFree = {"x-amz-signature", "signature",
                                                       "awsaccesskeyid", "policy", "file"};
    return field.starts_with("x-ignore-") || field.starts_with("x-amz-checksum-") ||
           std::ranges::find(kFree, field) != kFree.end();
}

}  // namespace

class PostPolicyReader {
  public:
    Result<PostPolicy> Read(const JsonValue& document);

  private:
    Result<> ReadSimple(const JsonValue::Object& condition);
    Result<> ReadList(const JsonValue::Array& condition);
    Result<> ReadRange(const JsonValue::Array& condition);

    PostPolicy policy_;
};

Result<PostPolicy> PostPolicy::Parse(std::string_view base64) {
    // Tools break it into lines; what is signed are the lines.
    std::string in_one_line(TrimSpaces(base64));
    std::erase_if(in_one_line, [](char c) { return c == '\r' || c == '\n'; });
    const auto text = Base64Decode(in_one_line);
    if (!text) return InvalidPolicy("invalid Base64 encoding.");
    if (text->empty()) return InvalidPolicy("Expecting '{' but found End-of-Input");
    const auto document = ParseJson(*text);
    if (!document || document.value().AsObject() == nullptr) return InvalidPolicy("Invalid JSON.");
    return PostPolicyReader().Read(document.value());
}

Result<PostPolicy> PostPolicyReader::Read(const JsonValue& document) {
    const JsonValue* expiration = document.Find("expiration");
    if (expiration == nullptr) return InvalidPolicy("Policy missing expiration.");
    const JsonValue* conditions = document.Find("conditions");
    if (conditions == nullptr) return InvalidPolicy("Policy missing conditions.");
    for (const JsonMember& member : *document.AsObject())
        if (member.name != "expiration" && member.name != "conditions")
            return InvalidPolicy("Unexpected: \"" + member.name + "\"");

    const std::string* time = expiration->AsString();
    if (time == nullptr) return InvalidPolicy("Invalid JSON.");
    const auto parsed = ParseIso8601(*time);
    if (!parsed) return InvalidPolicy("Invalid 'expiration' value: '" + *time + "'");
    policy_.expiration_ = *parsed;

    const JsonValue::Array* all = conditions->AsArray();
    if (all == nullptr) return InvalidPolicy("Invalid 'conditions' value: must be a List.");
    for (const JsonValue& condition : *all) {
        if (const auto* members = condition.AsObject()) {
            TRY(ReadSimple(*members));
        } else if (const auto* elements = condition.AsArray()) {
            TRY(ReadList(*elements));
        } else {
            return InvalidPolicy("Invalid condition test: must be a List or Object.");
        }
    }
    return std::move(policy_);
}

Result<> PostPolicyReader::ReadSimple(const JsonValue::Object& condition) {
    if (condition.size() != 1)
        return InvalidPolicy(
            "Invalid Simple-Condition: Simple-Conditions must have exactly one property "
            "specified.");
    const std::string* value = condition[0].value.AsString();
    if (value == nullptr) return InvalidPolicy("Invalid Simple-Condition: value must be a string.");
    policy_.conditions_.push_back({false, ToLower(condition[0].name), *value});
    return Ok();
}

Result<> PostPolicyReader::ReadList(const JsonValue::Array& condition) {
    const std::string* operation = condition.empty() ? nullptr : condition[0].AsString();
    if (operation == nullptr)
        return InvalidPolicy("Invalid Condition: missing operation identifier.");
    const std::string lower = ToLower(*operation);
    if (lower == "content-length-range") return ReadRange(condition);
    if (lower != "eq" && lower != "starts-with")
        return InvalidPolicy("Invalid Condition: unknown operation '" + *operation + "'.");
    if (condition.size() != 3)
        return InvalidPolicy("Invalid " + lower + ": wrong number of arguments.");
    const std::string* field = condition[1].AsString();
    const std::string* value = condition[2].AsString();
    if (field == nullptr || value == nullptr || !field->starts_with('$') || field->size() < 2)
        return InvalidPolicy("Invalid " + lower + ": expecting a $field and a string.");
    policy_.conditions_.push_back({lower == "starts-with", ToLower(field->substr(1)), *value});
    return Ok();
}

Result<> PostPolicyReader::ReadRange(const JsonValue::Array& condition) {
    if (condition.size() != 3)
        return InvalidPolicy("Invalid content-length-range: wrong number of arguments.");
    const auto min = SizeOf(condition[1]);
    const auto max = SizeOf(condition[2]);
    if (!min || !max) return InvalidPolicy("Invalid content-length-range: expecting two sizes.");
    policy_.min_bytes_ = std::max(policy_.min_bytes_, *min);
    policy_.max_bytes_ = std::min(policy_.max_bytes_, *max);
    return Ok();
}

std::string PostPolicy::Condition::ToString() const {
    std::string text = is_prefix ? "[\"starts-with\", " : "[\"eq\", ";
    AppendJsonString(&text, "$" + field);
    text += ", ";
    AppendJsonString(&text, value);
    return text + "]";
}

bool PostPolicy::Condition::Holds(std::string_view of_form) const {
    if (!is_prefix) return of_form == value;
    if (field != "content-type") return of_form.starts_with(value);
    // A form may have several types, for several files.
    return std::ranges::all_of(Split(of_form, ','), [this](std::string_view type) {
        return TrimSpaces(type).starts_with(value);
    });
}

Result<> PostPolicy::Check(const std::vector<FormField>& fields, std::string_view bucket,
                           Timestamp now) const {
    if (now >= expiration_) return Denied("Policy expired.");
    const auto has_condition = [this](std::string_view field) {
        return std::ranges::find(conditions_, field, &Condition::field) != conditions_.end();
    };
    if (!has_condition("bucket")) return Denied("Extra input fields: bucket");
    for (const FormField& field : fields) {
        const std::string name = ToLower(field.name);
        if (!NeedsNoCondition(name) && !has_condition(name))
            return Denied("Extra input fields: " + name);
    }
    for (const Condition& condition : conditions_) {
        // A field that stands twice must be right both times.
        size_t found = 0;
        bool holds = true;
        if (condition.field == "bucket") {
            ++found;
            holds = condition.Holds(bucket);
        }
        for (const FormField& field : fields) {
            if (!EqualsIgnoringCase(field.name, condition.field)) continue;
            ++found;
            holds = holds && condition.Holds(field.value);
        }
        // Anything is right where everything begins with nothing: a field that is not there, too.
        if (found == 0) holds = condition.is_prefix && condition.value.empty();
        if (!holds) return Denied("Policy Condition failed: " + condition.ToString());
    }
    return Ok();
}

Result<> PostPolicy::CheckSize(uint64_t size_bytes) const {
    if (size_bytes > max_bytes_)
        return Error(ErrorKind::kInvalid, "EntityTooLarge",
                     "Your proposed upload exceeds the maximum allowed size");
    if (size_bytes < min_bytes_)
        return Error(ErrorKind::kInvalid, "EntityTooSmall",
                     "Your proposed upload is smaller than the minimum allowed size");
    return Ok();
}

std::string PutInFileName(std::string_view value, std::string_view file_name) {
    constexpr std::string_view kVariable = "${filename}";
    const size_t separator = file_name.find_last_of("/\\");
    if (separator != file_name.npos) file_name.remove_prefix(separator + 1);
    std::string out;
    for (size_t at = value.find(kVariable); at != value.npos; at = value.find(kVariable)) {
        out += value.substr(0, at);
        out += file_name;
        value.remove_prefix(at + kVariable.size());
    }
    return out += value;
}

}  // namespace coffer::codec
