// YAML, of which JSON is a part, as the values of codec/json.h. Home of yaml-cpp.
//
// Source: YAML 1.2.2, "Core Schema": a plain `yes` or `on` is a text, as is a date.
#pragma once

#include <string_view>

#include "coffer/base/result.h"
#include "coffer/codec/json.h"

namespace coffer::app::bootstrap {

// One document; empty text is an empty object. kInvalid, with the line: no YAML, a second document,
// a name twice in a mapping, a name that is no text, a tag of one's own, more than 100,000 values
// (an alias counts with all that it stands for), or deeper than 32.
Result<codec::JsonValue> ReadYaml(std::string_view text);

}  // namespace coffer::app::bootstrap
