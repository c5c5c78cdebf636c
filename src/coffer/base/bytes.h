// Views of bytes. Text is std::string_view; what is not text is ByteView.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace coffer {

using ByteView = std::span<const std::byte>;  // to read from
using ByteSpan = std::span<std::byte>;        // to write into
using Bytes = std::vector<std::byte>;

inline ByteView AsBytes(std::string_view text) {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

inline std::string_view AsText(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline constexpr size_t operator""_KiB(unsigned long long n) {
    return n << 10;
}
inline constexpr size_t operator""_MiB(unsigned long long n) {
    return n << 20;
}
inline constexpr uint64_t operator""_GiB(unsigned long long n) {
    return uint64_t{n} << 30;
}
inline constexpr uint64_t operator""_TiB(unsigned long long n) {
    return uint64_t{n} << 40;
}

}  // namespace coffer
