// Randomness from the operating system: for ids and keys that nobody may guess.
#pragma once

#include <cstdint>

#include "coffer/base/bytes.h"

namespace coffer {

// Fills `out` from getrandom(2). Blocks only before the kernel's pool is ready, at boot.
void FillRandom(ByteSpan out);

uint64_t RandomUint64();

}  // namespace coffer
