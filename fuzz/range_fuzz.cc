// The first eight bytes are the object's size, the rest is the header. What is served lies inside
// the object.
#include <cstring>

#include "coffer/codec/range.h"

#include "fuzz/fuzz.h"

namespace coffer::fuzz {

void Fuzz(std::string_view input) {
    uint64_t size = 0;
    if (input.size() < sizeof size) return;
    std::memcpy(&size, input.data(), sizeof size);
    const auto range = codec::ParseRange(input.substr(sizeof size));
    if (!range) return;
    COFFER_CHECK(range->first || range->last);
    COFFER_CHECK(!range->first || !range->last || *range->first <= *range->last);
    const auto resolved = codec::ResolveRange(*range, size);
    if (!resolved) {
        COFFER_CHECK(size == 0 || (range->first ? *range->first >= size : *range->last == 0));
        return;
    }
    COFFER_CHECK(resolved->length > 0 && resolved->offset < size);
    COFFER_CHECK(resolved->length <= size - resolved->offset);
    if (range->first) COFFER_CHECK(resolved->offset == *range->first);
    if (!range->first) COFFER_CHECK(resolved->offset + resolved->length == size);
}

}  // namespace coffer::fuzz
