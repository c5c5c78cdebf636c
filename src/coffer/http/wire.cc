#include "coffer/http/wire.h"

#include "coffer/runtime/sleep.h"

namespace coffer::http {
namespace {

// How much one connection may move before others of its executor get their turn: well under a
// millisecond's work.
constexpr size_t kTurnBytes = 512_KiB;

}  // namespace

Wire::Wire(Connection& connection, AtomicCounters& counters, runtime::Executor executor,
           std::chrono::milliseconds read_timeout, std::chrono::milliseconds write_timeout)
    : connection_(connection),
      counters_(counters),
      read_budget_(read_timeout),
      write_budget_(write_timeout),
      deadline_(executor, [this] { Expire(); }) {}

void Wire::SetReadDeadline(std::chrono::milliseconds timeout) {
    has_read_deadline_ = true;
    deadline_.Set(timeout);
}

void Wire::EndReadDeadline() {
    has_read_deadline_ = false;
    deadline_.Clear();
}

void Wire::BeginRequest() {
    read_budget_.Renew();
    write_budget_.Renew();
}

void Wire::BeginWait(std::chrono::milliseconds deadline) {
    waits_since_ = std::chrono::steady_clock::now();
    deadline_.Set(deadline);
}

void Wire::EndWait(WaitBudget& budget, uint64_t moved_bytes) {
    deadline_.Clear();
    budget.Spend(std::chrono::steady_clock::now() - waits_since_, moved_bytes);
}

// A peer that sends nothing can still be told so; one that takes nothing can't. What the system
// takes of a Write says little: it holds megabytes, and asks for more only when a third of them is
// gone, which is minutes with a slow peer.
void Wire::Expire() {
    if (!writing_) return connection_.CancelRead();
    const uint64_t acknowledged = connection_.acknowledged_bytes();
    EndWait(write_budget_, acknowledged_before_ ? acknowledged - *acknowledged_before_ : 0);
    acknowledged_before_ = acknowledged;
    if (write_budget_.left().count() == 0) return connection_.Close(true);
    BeginWait(write_budget_.until_look());
}

Task<Result<size_t>> Wire::Read(ByteSpan out) {
    // A peer whose bytes are always there already would never be caught waiting.
    if (deadline_.expired()) co_return Error(ErrorKind::kTimeout, "the client is too slow");
    if (!has_read_deadline_) BeginWait(read_budget_.left());
    const Result<size_t> n = co_await connection_.Read(out);
    if (!has_read_deadline_) EndWait(read_budget_, n ? n.value() : 0);
    CO_TRY(n);
    if (Count(counters_.bytes_received, n.value())) co_await runtime::Yield();
    co_return n;
}

Task<Result<>> Wire::Write(ByteView head, ByteView body) {
    writing_ = true;
    acknowledged_before_.reset();
    BeginWait(write_budget_.until_look());
    const Result<> result = co_await connection_.WriteBoth(head, body);
    EndWait(write_budget_, head.size() + body.size());
    writing_ = false;
    CO_TRY(result);
    if (Count(counters_.bytes_sent, head.size() + body.size())) co_await runtime::Yield();
    co_return Ok();
}

// True when it is the turn of others: a socket that is always ready never makes its coroutine wait.
bool Wire::Count(std::atomic<uint64_t>& counter, size_t bytes) {
    counter.fetch_add(bytes, std::memory_order_relaxed);
    bytes_in_turn_ += bytes;
    if (bytes_in_turn_ < kTurnBytes) return false;
    bytes_in_turn_ = 0;
    return true;
}

}  // namespace coffer::http
