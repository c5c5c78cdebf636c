// The Range header (RFC 9110, 14.1.2), as far as S3 serves it: one range of bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace coffer::codec {

// "bytes=first-last", "bytes=first-" or "bytes=-suffix".
struct RangeSpec {
    std::optional<uint64_t> first;
    std::optional<uint64_t> last;  // inclusive; without `first` it is a suffix length
};

struct ResolvedRange {
    uint64_t offset = 0;
    uint64_t length = 0;
};

// Nothing where the header is to be ignored: another unit, several ranges, first > last, digits
// that are none. Numbers over 2^64 - 1 count as 2^64 - 1.
std::optional<RangeSpec> ParseRange(std::string_view header);

// The bytes of an object of `size` that a range asks for; nothing where it can't be satisfied
// (416).
std::optional<ResolvedRange> ResolveRange(const RangeSpec& range, uint64_t size);

}  // namespace coffer::codec
