#include "coffer/base/random.h"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <span>
#include <utility>

#include "coffer/base/check.h"

namespace coffer {

void FillRandom(ByteSpan out) {
    while (!out.empty()) {
        const ssize_t n = getrandom(out.data(), out.size(), 0);
        if (n < 0) {
            COFFER_CHECK(errno == EINTR);
            continue;
        }
        out = out.subspan(static_cast<size_t>(n));
    }
}

// A call of the system for each number would be one for each request, which has an id.
uint64_t RandomUint64() {
    thread_local std::array<uint64_t, 32> numbers;
    thread_local size_t left = 0;
    if (left == 0) {
        FillRandom(std::as_writable_bytes(std::span(numbers)));
        left = numbers.size();
    }
    return std::exchange(numbers[--left], 0);
}

}  // namespace coffer
