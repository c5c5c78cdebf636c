// A session's side of its connection: bytes are counted, no read or write waits for ever, and a
// fast peer does not keep the executor to itself.
//
// Owned by the session; it, its request's body and the sending of its response use it, one after
// the other.
#pragma once

#include <atomic>
#include <chrono>

#include "coffer/http/connection.h"
#include "coffer/http/input_buffer.h"
#include "coffer/runtime/deadline.h"

namespace coffer::http {

// ServerCounters as the sessions of all executors write them.
struct AtomicCounters {
    std::atomic<uint64_t> connections_open = 0;
    std::atomic<uint64_t> connections_total = 0;
    std::atomic<uint64_t> requests_in_flight = 0;
    std::atomic<uint64_t> requests_total = 0;
    std::atomic<uint64_t> bytes_received = 0;
    std::atomic<uint64_t> bytes_sent = 0;
};

class Wire final : public ByteSource {
  public:
    Wire(Connection& connection, AtomicCounters& counters, runtime::Executor executor,
         std::chrono::milliseconds write_timeout);

    // From now on, until the next call or EndReadDeadline, whatever reads fails with kTimeout when
    // `timeout` is over.
    void SetReadDeadline(std::chrono::milliseconds timeout);
    void EndReadDeadline() { deadline_.Clear(); }

    Task<Result<size_t>> Read(ByteSpan out) override;

    // How much has to move in each timeout, either way: a slow peer may take its time for much, and
    // none can hold the server's memory for as long as it likes, a byte at a time.
    static constexpr size_t kLeastBytes = 4_KiB;

    // Sends both, or fails.
    Task<Result<>> Write(ByteView head, ByteView body = {});

    Connection& connection() { return connection_; }
    InputBuffer& input() { return input_; }

  private:
    void Expire();
    bool Count(std::atomic<uint64_t>& counter, size_t bytes);

    Connection& connection_;
    AtomicCounters& counters_;
    const std::chrono::milliseconds write_timeout_;
    InputBuffer input_;
    size_t bytes_in_turn_ = 0;
    bool writing_ = false;
    uint64_t sent_before_ = 0;  // when the write timeout began
    runtime::Deadline deadline_;
};

}  // namespace coffer::http
