// The seed of a test that draws lots.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include "coffer/base/random.h"

namespace coffer::testing {

// COFFER_TEST_SEED of the environment, or a random one; printed, so that a failure can be had
// again.
inline uint64_t TestSeed() {
    const char* given = std::getenv("COFFER_TEST_SEED");
    const uint64_t seed = given != nullptr ? std::stoull(given) : RandomUint64();
    std::cout << "COFFER_TEST_SEED=" << seed << std::endl;
    return seed;
}

}  // namespace coffer::testing
