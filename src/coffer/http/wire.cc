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

void Wire::BeginWait(const WaitBudget& budget) {
    waits_since_ = std::chrono::steady_clock::now();
    sent_before_ = connection_.sent_bytes();
    deadline_.Set(budget.left());
}

void Wire::EndWait(WaitBudget& budget, uint64_t moved_bytes) {
    deadline_.Clear();
    budget.Spend(std::chrono::steady_clock::now() - waits_since_, moved_bytes);
}

// A peer that sends nothing can still be told so; one that takes nothing can't.
void Wire::Expire() {
    if (!writing_) return connection_.CancelRead();
    EndWait(write_budget_, connection_.sent_bytes() - sent_before_);
    if (write_budget_.left().count() == 0) return connection_.Close(true);
    BeginWait(write_budget_);
}

Task<Result<size_t>> Wire::Read(ByteSpan out) {
    // A peer whose bytes are always there already would never be caught waiting.
    if (deadline_.expired()) co_return Error(ErrorKind::kTimeout, "the client is too slow");
    if (!has_read_deadline_) BeginWait(read_budget_);
    const Result<size_t> n = co_await connection_.Read(out);
    if (!has_read_deadline_) EndWait(read_budget_, n ? n.value() : 0);
    CO_TRY(n);
    if (Count(counters_.bytes_received, n.value())) co_await runtime::Yield();
    co_return n;
}

Task<Result<>> Wire::Write(ByteView head, ByteView body) {
    writing_ = true;
    BeginWait(write_budget_);
    const Result<> result = co_await connection_.WriteBoth(head, body);
    EndWait(write_budget_, connection_.sent_bytes() - sent_before_);
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
