#include "coffer/runtime/byte_stream.h"

#include <algorithm>
#include <cstring>

namespace coffer::runtime {

Task<Result<size_t>> StringSource::Read(ByteSpan out) {
    const size_t n = std::min(out.size(), data_.size() - offset_);
    if (n > 0) std::memcpy(out.data(), data_.data() + offset_, n);
    offset_ += n;
    co_return n;
}

Task<Result<std::string>> ReadAll(ByteSource& source, size_t limit_bytes) {
    constexpr size_t kStep = 16_KiB;
    std::string all;
    size_t used = 0;
    while (true) {
        if (used == all.size()) all.resize(used + std::max(kStep, used));
        const auto room = std::as_writable_bytes(std::span(all)).subspan(used);
        CO_TRY(const size_t n, co_await source.Read(room));
        if (n == 0) break;
        used += n;
        if (used > limit_bytes) {
            co_return Error(ErrorKind::kTooLarge,
                            "more than " + std::to_string(limit_bytes) + " bytes");
        }
    }
    all.resize(used);
    co_return all;
}

}  // namespace coffer::runtime
