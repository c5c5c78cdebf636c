// A session's side of its connection: bytes are counted, no read or write waits for ever, and a
// fast peer does not keep the executor to itself.
//
// Owned by the session; it, its request's body and the sending of its response use it, one after
// the other.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>

#include "coffer/http/connection.h"
#include "coffer/http/input_buffer.h"
#include "coffer/http/wait_budget.h"
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
         std::chrono::milliseconds read_timeout, std::chrono::milliseconds write_timeout);

    // From now on, until the next call or EndReadDeadline, whatever reads fails with kTimeout when
    // `timeout` is over.
    void SetReadDeadline(std::chrono::milliseconds timeout);
    void EndReadDeadline();

    // A request's head is in: its body and its response get budgets of their own.
    void BeginRequest();

    // kTimeout: the deadline is over or, where none is set, the budget of the read timeout.
    Task<Result<size_t>> Read(ByteSpan out) override;

    // Sends both, or fails; resets the connection when the budget of the write timeout is over.
    Task<Result<>> Write(ByteView head, ByteView body = {});

    Connection& connection() { return connection_; }
    InputBuffer& input() { return input_; }

  private:
    // Around what waits for the peer, until the deadline.
    void BeginWait(std::chrono::milliseconds deadline);
    void EndWait(WaitBudget& budget, uint64_t moved_bytes);

    void Expire();
    bool Count(std::atomic<uint64_t>& counter, size_t bytes);

    Connection& connection_;
    AtomicCounters& counters_;
    WaitBudget read_budget_;
    WaitBudget write_budget_;
    InputBuffer input_;
    size_t bytes_in_turn_ = 0;
    bool has_read_deadline_ = false;
    bool writing_ = false;
    SteadyTime waits_since_;
    std::optional<uint64_t> acknowledged_before_;  // as of a look before, in this Write
    runtime::Deadline deadline_;
};

}  // namespace coffer::http
