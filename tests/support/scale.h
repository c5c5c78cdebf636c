// How much of a test to run: a little in CI, as much as one likes on demand (`./dev torture`).
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

namespace coffer::testing {

// The number in the environment variable `name`; without one `usual`, and an eighth of that in a
// sanitized build.
inline uint64_t TestScale(const char* name, uint64_t usual) {
    if (const char* given = std::getenv(name)) return std::stoull(given);
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer) || \
    __has_feature(thread_sanitizer)
    return (usual + 7) / 8;
#else
    return usual;
#endif
}

// The same for one in how many is run: 1 is all.
inline uint64_t TestStride(const char* name, uint64_t usual) {
    if (const char* given = std::getenv(name)) return std::stoull(given);
    return usual * (usual / TestScale(name, usual));
}

}  // namespace coffer::testing
