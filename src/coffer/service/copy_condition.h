// What an error of a store says of the copy that was wanted: reads, uploads and the scrub draw the
// same conclusions from it.
#pragma once

#include <cstdint>
#include <optional>

#include "coffer/base/error.h"

namespace coffer::service {

enum class CopyCondition : uint8_t {
    kWhole,
    kDamaged,     // other bytes than were written
    kMissing,     // the store has no such copy
    kUnreadable,  // the system can't read it
    kChanged,     // it was moved, written again or given up meanwhile: nothing is known
};

// kDamaged, kMissing or kUnreadable: the copy is to be marked (DamageLog). A mark costs little
// where the disk failed but once: the scrub reads the copy back, and revives it. Nothing where the
// error is of the moment (no descriptor, no buffer, a store that does not answer), and says nothing
// of the copy.
std::optional<CopyCondition> ConditionOf(const Error& error);

}  // namespace coffer::service
