// JSON (RFC 8259), strictly: for tokens, policies and configuration, where two readings of one text
// would be a hole. Pure functions; any thread may call them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "coffer/base/result.h"

namespace coffer::codec {

struct JsonMember;

// A value with all that it holds. A number written without fraction and exponent that fits is an
// int64_t; every other number is a double.
class JsonValue {
  public:
    using Array = std::vector<JsonValue>;
    using Object = std::vector<JsonMember>;  // in the order of the text

    JsonValue() = default;  // null
    JsonValue(bool value);
    JsonValue(int64_t value);
    JsonValue(double value);
    JsonValue(std::string value);
    JsonValue(const char* value);
    JsonValue(Array value);
    JsonValue(Object value);

    // Nothing, or null, where the value is of another type.
    bool IsNull() const { return std::holds_alternative<std::monostate>(value_); }
    std::optional<bool> AsBool() const;
    std::optional<int64_t> AsInt() const;
    std::optional<double> AsDouble() const;  // an int64_t too, rounded
    const std::string* AsString() const { return std::get_if<std::string>(&value_); }
    const Array* AsArray() const { return std::get_if<Array>(&value_); }
    const Object* AsObject() const { return std::get_if<Object>(&value_); }

    // The member of that name, of an object that has it; else null.
    const JsonValue* Find(std::string_view name) const;

  private:
    std::variant<std::monostate, bool, int64_t, double, std::string, Array, Object> value_;
};

struct JsonMember {
    std::string name;
    JsonValue value;
};

struct JsonLimits {
    size_t max_depth = 32;
    size_t max_values = 100'000;
};

// Reads one value with nothing but white space around it. kInvalid: not JSON by RFC 8259, not UTF-8
// (a lone surrogate as an escape included), a byte order mark, an object with one name twice, a
// number that a double can't hold (1e400, 1e-400), or over a limit.
Result<JsonValue> ParseJson(std::string_view text, const JsonLimits& limits = {});

// The value as JSON without white space. ParseJson gives it back as it was, provided that it is
// within the limits, its doubles are finite and its text is UTF-8; bytes that are not become
// U+FFFD, infinity and NaN become null.
std::string WriteJson(const JsonValue& value);

// The text of an object's member of that name; empty where there is none, or it is no text.
std::string TextOf(const JsonValue& object, std::string_view name);

// Appends `text` as a JSON string, quotes included. Control characters, '"' and '\' are escaped.
void AppendJsonString(std::string* out, std::string_view text);

}  // namespace coffer::codec
