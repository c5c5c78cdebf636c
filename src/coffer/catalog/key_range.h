// Ranges of keys in byte order.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace coffer::catalog {

// The least string that is greater than every string with this prefix; nothing where there is none
// (all bytes 0xff).
inline std::optional<std::string> PrefixEnd(std::string_view prefix) {
    std::string end(prefix);
    while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff)
        end.pop_back();
    if (end.empty()) return std::nullopt;
    end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
    return end;
}

}  // namespace coffer::catalog
