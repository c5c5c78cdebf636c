// Content for tests that no compression and no luck makes equal.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace coffer::testing {

// `size` bytes, the same for the same seed.
inline std::string RandomText(size_t size, uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<uint64_t> words(size / sizeof(uint64_t) + 1);
    std::ranges::generate(words, random);
    return std::string(reinterpret_cast<const char*>(words.data()), size);
}

}  // namespace coffer::testing
