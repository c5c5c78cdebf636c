#include "coffer/http/wire.h"

#include "coffer/runtime/sleep.h"

namespace coffer::http {
namespace {

// How much one connection may move before others of its executor get their turn: well under a
// millisecond's work.
constexpr size_t kTurnBytes = 512_KiB;

}  // namespace

Wire::Wire(Connection& connection, AtomicCounters& counters, runtime::Executor executor,
           std::chrono::milliseconds write_timeout)
    : connection_(connection),
      counters_(counters),
      write_timeout_(write_timeout),
      deadline_(executor, [this] { Expire(); }) {}

void Wire::SetReadDeadline(std::chrono::milliseconds timeout) {
    deadline_.Set(timeout);
}

// A peer that sends nothing can still be told so; one that takes nothing can't.
void Wire::Expire() {
    if (!writing_) return connection_.CancelRead();
    const uint64_t sent = connection_.sent_bytes();
    if (sent - sent_before_ < kLeastBytes) return connection_.Close(true);
    sent_before_ = sent;
    deadline_.Set(write_timeout_);
}

Task<Result<size_t>> Wire::Read(ByteSpan out) {
    // A peer whose bytes are always there already would never be caught waiting.
    if (deadline_.expired()) co_return Error(ErrorKind::kTimeout, "the client is too slow");
    CO_TRY(const size_t n, co_await connection_.Read(out));
    if (Count(counters_.bytes_received, n)) co_await runtime::Yield();
    co_return n;
}

Task<Result<>> Wire::Write(ByteView head, ByteView body) {
    writing_ = true;
    sent_before_ = connection_.sent_bytes();
    deadline_.Set(write_timeout_);
    const Result<> result = co_await connection_.WriteBoth(head, body);
    deadline_.Clear();
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
