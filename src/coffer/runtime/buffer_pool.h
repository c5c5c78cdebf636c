// The memory that moves bodies: aligned buffers under one limit for the whole process.
//
// Any thread may call it. A few free buffers are kept for the next taker; the rest goes back to the
// system, so that an idle server is small.
#pragma once

#include <cstddef>
#include <memory>

#include "coffer/base/bytes.h"
#include "coffer/base/result.h"

namespace coffer::runtime {

inline constexpr size_t kBufferBytes = 256_KiB;
inline constexpr size_t kBufferAlignment = 4096;

class BufferPool;

// Memory, given back when destroyed. The pool outlives it.
class Buffer {
  public:
    Buffer() = default;
    Buffer(Buffer&& other) noexcept;
    Buffer& operator=(Buffer&& other) noexcept;
    ~Buffer();

    ByteSpan span() const { return {data_, size_}; }
    explicit operator bool() const { return data_ != nullptr; }

  private:
    friend class BufferPool;
    Buffer(BufferPool* pool, std::byte* data, size_t size)
        : pool_(pool), data_(data), size_(size) {}
    BufferPool* pool_ = nullptr;
    std::byte* data_ = nullptr;
    size_t size_ = 0;
};

class BufferPool {
  public:
    explicit BufferPool(size_t limit_bytes);
    ~BufferPool();

    // kBufferBytes, aligned to kBufferAlignment. kBusy (503 SlowDown) when the limit is reached.
    Result<Buffer> Take() { return Take(kBufferBytes); }

    // At least `bytes`, at most kBufferBytes: small bodies take what they need, and thousands of
    // them fit. Only what Take() gives is aligned.
    Result<Buffer> TakeAtLeast(size_t bytes);

    size_t taken_bytes() const;
    size_t limit_bytes() const;

  private:
    friend class Buffer;
    Result<Buffer> Take(size_t size);
    void GiveBack(std::byte* data, size_t size);
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace coffer::runtime
