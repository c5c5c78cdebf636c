#include "coffer/base/random.h"

#include <sys/random.h>

#include <cerrno>

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

uint64_t RandomUint64() {
    uint64_t value = 0;
    FillRandom(std::as_writable_bytes(std::span(&value, 1)));
    return value;
}

}  // namespace coffer
