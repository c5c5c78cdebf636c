#include "coffer/runtime/buffer_pool.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <utility>
#include <vector>

#include "coffer/base/check.h"
#include "coffer/base/mutex.h"

namespace coffer::runtime {
namespace {

// Enough that requests in turn find warm memory, little enough that an idle server stays small.
constexpr size_t kFreeBuffersKept = 8;

// Small ones are as malloc gives them, which keeps such memory itself: a power of two between
// these.
constexpr size_t kSmallestBytes = 4096;
constexpr size_t kSmallBytes = 64_KiB;

}  // namespace

struct BufferPool::State {
    explicit State(size_t limit) : limit_bytes(limit) {}

    const size_t limit_bytes;
    mutable Mutex mutex;
    std::vector<std::byte*> free GUARDED_BY(mutex);
    size_t taken_bytes GUARDED_BY(mutex) = 0;
};

Buffer::Buffer(Buffer&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    Buffer given_back(std::move(other));
    return *this;
}

Buffer::~Buffer() {
    if (data_ != nullptr) pool_->GiveBack(data_, size_);
}

BufferPool::BufferPool(size_t limit_bytes) : state_(std::make_unique<State>(limit_bytes)) {}

BufferPool::~BufferPool() {
    MutexLock lock(state_->mutex);
    COFFER_CHECK(state_->taken_bytes == 0);
    for (std::byte* data : state_->free)
        std::free(data);
}

Result<Buffer> BufferPool::TakeAtLeast(size_t bytes) {
    COFFER_CHECK(bytes <= kBufferBytes);
    const size_t size = std::max(std::bit_ceil(bytes), kSmallestBytes);
    return Take(size <= kSmallBytes ? size : kBufferBytes);
}

Result<Buffer> BufferPool::Take(size_t size) {
    const bool whole = size == kBufferBytes;
    {
        MutexLock lock(state_->mutex);
        if (state_->limit_bytes - state_->taken_bytes < size) {
            return Error(ErrorKind::kBusy, "the memory for transfers is in use");
        }
        state_->taken_bytes += size;
        if (whole && !state_->free.empty()) {
            std::byte* const data = state_->free.back();
            state_->free.pop_back();
            return Buffer(this, data, size);
        }
    }
    // A whole one is over malloc's threshold for mmap, so that free gives it back to the system at
    // once.
    void* const data = whole ? std::aligned_alloc(kBufferAlignment, size) : std::malloc(size);
    if (data == nullptr) {
        MutexLock lock(state_->mutex);
        state_->taken_bytes -= size;
        return Error(ErrorKind::kBusy, "the system has no memory for a transfer");
    }
    return Buffer(this, static_cast<std::byte*>(data), size);
}

void BufferPool::GiveBack(std::byte* data, size_t size) {
    {
        MutexLock lock(state_->mutex);
        state_->taken_bytes -= size;
        if (size == kBufferBytes && state_->free.size() < kFreeBuffersKept) {
            state_->free.push_back(data);
            return;
        }
    }
    std::free(data);
}

size_t BufferPool::taken_bytes() const {
    MutexLock lock(state_->mutex);
    return state_->taken_bytes;
}

size_t BufferPool::limit_bytes() const {
    return state_->limit_bytes;
}

}  // namespace coffer::runtime
