#include "coffer/service/extents.h"

#include <algorithm>

namespace coffer::service {

std::vector<catalog::Extent> ClipExtents(const std::vector<catalog::Extent>& extents,
                                         store::ByteRange range) {
    std::vector<catalog::Extent> clipped;
    const uint64_t range_end = range.offset + range.length;
    uint64_t begin = 0;
    for (const catalog::Extent& extent : extents) {
        const uint64_t end = begin + extent.length_bytes;
        const uint64_t from = std::max(begin, range.offset);
        const uint64_t to = std::min(end, range_end);
        if (from < to) {
            clipped.push_back({extent.blob, extent.offset_bytes + (from - begin), to - from});
        }
        begin = end;
    }
    return clipped;
}

}  // namespace coffer::service
