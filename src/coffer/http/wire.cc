#include "coffer/http/wire.h"

namespace coffer::http {

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
    if (writing_)
        connection_.Close(true);
    else
        connection_.CancelRead();
}

Task<Result<size_t>> Wire::Read(ByteSpan out) {
    // A peer whose bytes are always there already would never be caught waiting.
    if (deadline_.expired()) co_return Error(ErrorKind::kTimeout, "the client is too slow");
    CO_TRY(const size_t n, co_await connection_.Read(out));
    counters_.bytes_received.fetch_add(n, std::memory_order_relaxed);
    co_return n;
}

Task<Result<>> Wire::Write(ByteView head, ByteView body) {
    writing_ = true;
    deadline_.Set(write_timeout_);
    const Result<> result = co_await connection_.WriteBoth(head, body);
    deadline_.Clear();
    writing_ = false;
    CO_TRY(result);
    counters_.bytes_sent.fetch_add(head.size() + body.size(), std::memory_order_relaxed);
    co_return Ok();
}

}  // namespace coffer::http
