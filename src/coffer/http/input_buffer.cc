#include "coffer/http/input_buffer.h"

#include <algorithm>
#include <cstring>

#include "coffer/base/check.h"

namespace coffer::http {
namespace {

// A usual head, and a small body with it, come in one piece.
constexpr size_t kFirstCapacity = 8_KiB;

}  // namespace

Task<Result<size_t>> InputBuffer::Fill(ByteSource& source, size_t limit) {
    MakeRoom(limit);
    const std::span<char> room(bytes_.get() + end_, capacity_ - end_);
    CO_TRY(const size_t n, co_await source.Read(std::as_writable_bytes(room)));
    end_ += n;
    co_return n;
}

void InputBuffer::MakeRoom(size_t limit) {
    const size_t size = end_ - begin_;
    COFFER_CHECK(size < limit);
    if (size == 0) begin_ = end_ = 0;
    if (end_ < capacity_) return;
    if (size < capacity_) {
        std::memmove(bytes_.get(), bytes_.get() + begin_, size);
    } else {
        capacity_ = std::min(std::max(kFirstCapacity, 2 * capacity_), limit);
        auto larger = std::make_unique_for_overwrite<char[]>(capacity_);
        if (size > 0) std::memcpy(larger.get(), bytes_.get() + begin_, size);
        bytes_ = std::move(larger);
    }
    begin_ = 0;
    end_ = size;
}

void InputBuffer::Release() {
    COFFER_CHECK(begin_ == end_);
    bytes_.reset();
    capacity_ = begin_ = end_ = 0;
}

}  // namespace coffer::http
