// Ids of versions. Those that Coffer gives are 32 hexadecimal digits: 16 that say where the version
// lies in the order of all versions, so that it is found by its primary key and a listing goes on
// behind it when it is gone, and 16 that nobody can guess.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "coffer/catalog/types.h"

namespace coffer::catalog {

// The id of a null version that was written while its bucket's versioning was suspended. One from
// before versioning was ever configured has the empty id, and is the oldest version of its key.
inline constexpr std::string_view kNullId = "null";

inline bool IsNull(std::string_view version_id) {
    return version_id.empty() || version_id == kNullId;
}

std::string NewVersionId(Sequence sequence);

// Where a version of that id lies, whether it is there or not; nothing for another form of id.
std::optional<Sequence> SequenceOf(std::string_view version_id);

}  // namespace coffer::catalog
