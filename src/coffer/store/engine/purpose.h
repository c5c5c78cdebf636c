// What an append to the packs is for.
#pragma once

#include <cstdint>

namespace coffer::store::engine {

// On a full disk, what frees space may use what is held back for it.
enum class Purpose : uint8_t { kStore, kFreeSpace };

}  // namespace coffer::store::engine
