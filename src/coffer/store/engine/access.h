// Whether reading may wait for a disk.
#pragma once

#include <cstdint>

namespace coffer::store::engine {

// With kCached, what others wait for is not held up: kBusy in place of waiting for a disk. Nothing
// has changed then, and the call can be made again with kBlocking, on a thread that may wait.
enum class Access : uint8_t { kBlocking, kCached };

}  // namespace coffer::store::engine
