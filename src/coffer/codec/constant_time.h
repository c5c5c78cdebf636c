// Comparing what an attacker guesses at.
#pragma once

#include <string_view>

namespace coffer::codec {

// Whether the two are equal, in a time that depends on their lengths alone. For signatures, tokens
// and secrets.
bool EqualInConstantTime(std::string_view a, std::string_view b);

}  // namespace coffer::codec
