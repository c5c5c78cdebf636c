// Bytes that come and go piece by piece. Objects of any size pass through these with bounded
// memory.
//
// One coroutine at a time uses a stream; nothing here is thread-safe. A stream lives until the last
// call on it has ended, and buffers given to a call until that call has ended.
#pragma once

#include <cstdint>
#include <string>

#include "coffer/base/bytes.h"
#include "coffer/runtime/task.h"

namespace coffer::runtime {

class ByteSource {
  public:
    virtual ~ByteSource() = default;

    // Reads at least one byte and at most out.size(); 0 means the end, and so does every later
    // call. An error is final. What lies in `out` behind what was read, or after an error, is no
    // part of the stream, and may be anything.
    virtual Task<Result<size_t>> Read(ByteSpan out) = 0;
};

class ByteSink {
  public:
    virtual ~ByteSink() = default;

    // Takes all of `data`, or fails.
    virtual Task<Result<>> Write(ByteView data) = 0;
};

// Both directions: a connection, plain or TLS. Failing with kClosed means that the peer went away.
class ByteStream : public ByteSource, public ByteSink {
  public:
    // Writes `head` and then `body`, in one system call where the stream can.
    virtual Task<Result<>> WriteBoth(ByteView head, ByteView body) = 0;

    // Says that no more will be written (FIN, or TLS close_notify first).
    virtual Task<Result<>> ShutdownWrite() = 0;

    // Ends the connection now: pending calls fail, and so does every later one. `abortive` resets
    // it, so that the peer can't take what it got for the whole.
    virtual void Close(bool abortive) = 0;
};

// A source over bytes that it owns.
class StringSource final : public ByteSource {
  public:
    explicit StringSource(std::string data) : data_(std::move(data)) {}
    Task<Result<size_t>> Read(ByteSpan out) override;

  private:
    std::string data_;
    size_t offset_ = 0;
};

// Reads to the end. kTooLarge once there are more than `limit_bytes`.
Task<Result<std::string>> ReadAll(ByteSource& source, size_t limit_bytes);

}  // namespace coffer::runtime

namespace coffer {
using runtime::ByteSink;
using runtime::ByteSource;
using runtime::ByteStream;
}  // namespace coffer
