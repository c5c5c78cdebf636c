// Ranges of an object as ranges of its blobs.
#pragma once

#include <vector>

#include "coffer/catalog/types.h"
#include "coffer/store/store.h"

namespace coffer::service {

// The parts of `extents` that `range` of their concatenation covers; it lies inside.
std::vector<catalog::Extent> ClipExtents(const std::vector<catalog::Extent>& extents,
                                         store::ByteRange range);

}  // namespace coffer::service
