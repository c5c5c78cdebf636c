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

inline constexpr size_t kBufferBytes = 256 * 1024;
inline constexpr size_t kBufferAlignment = 4096;

class BufferPool;

// kBufferBytes of memory, given back when destroyed. The pool outlives it.
class Buffer {
  public:
    Buffer() = default;
    Buffer(Buffer&& other) noexcept;
    Buffer& operator=(Buffer&& other) noexcept;
    ~Buffer();

    ByteSpan span() const { return {data_, data_ == nullptr ? 0 : kBufferBytes}; }
    explicit operator bool() const { return data_ != nullptr; }

  private:
    friend class BufferPool;
    Buffer(BufferPool* pool, std::byte* data) : pool_(pool), data_(data) {}
    BufferPool* pool_ = nullptr;
    std::byte* data_ = nullptr;
};

class BufferPool {
  public:
    explicit BufferPool(size_t limit_bytes);
    ~BufferPool();

    // kBusy (503 SlowDown) when the limit is reached.
    Result<Buffer> Take();

    size_t taken_bytes() const;
    size_t limit_bytes() const;

  private:
    friend class Buffer;
    void GiveBack(std::byte* data);
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace coffer::runtime
