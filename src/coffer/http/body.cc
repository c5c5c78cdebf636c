#include "coffer/http/body.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace coffer::http {
namespace {

// A chunk's header with its extensions, and all trailers, fit in this.
constexpr size_t kChunkedBufferBytes = 16_KiB;

}  // namespace

RequestBody::RequestBody(Wire& wire, const RequestHead& head)
    : wire_(wire),
      chunked_(head.chunked),
      length_(head.content_length),
      remaining_(head.content_length),
      awaits_continue_(head.expects_continue),
      at_end_(!head.has_body()) {}

std::optional<uint64_t> RequestBody::length() const {
    if (chunked_) return std::nullopt;
    return length_;
}

Task<Result<size_t>> RequestBody::Read(ByteSpan out) {
    if (failure_) co_return *failure_;
    if (awaits_continue_) {
        CO_TRY(co_await SendContinue());
    }
    if (at_end_) co_return 0;
    Result<size_t> n = chunked_ ? co_await ReadChunked(out) : co_await ReadPlain(out);
    if (!n) failure_ = n.error();
    co_return n;
}

Task<Result<size_t>> RequestBody::ReadPlain(ByteSpan out) {
    out = out.first(std::min<uint64_t>(out.size(), remaining_));
    size_t n = std::min(out.size(), wire_.input().data().size());
    if (n > 0) {
        std::memcpy(out.data(), wire_.input().data().data(), n);
        wire_.input().Consume(n);
    } else {
        CO_TRY(n, co_await wire_.Read(out));
        if (n == 0) co_return Error(ErrorKind::kClosed, "the client sent less than it promised");
    }
    remaining_ -= n;
    at_end_ = remaining_ == 0;
    co_return n;
}

Task<Result<size_t>> RequestBody::ReadChunked(ByteSpan out) {
    InputBuffer& input = wire_.input();
    while (true) {
        CO_TRY(const ChunkedDecoder::Step step, decoder_.Decode(input.data(), out));
        input.Consume(step.consumed);
        at_end_ = step.done;
        if (step.produced > 0 || step.done) co_return step.produced;
        if (step.consumed > 0) continue;
        if (input.data().size() >= kChunkedBufferBytes) {
            co_return Error(ErrorKind::kInvalid, "a chunk's header or the trailers are too long");
        }
        CO_TRY(const size_t n, co_await input.Fill(wire_, kChunkedBufferBytes));
        if (n == 0) co_return Error(ErrorKind::kClosed, "the client ended inside a chunked body");
    }
}

Task<Result<>> RequestBody::SendContinue() {
    awaits_continue_ = false;
    // A client that did not wait needs no answer (RFC 9110, 10.1.1).
    if (!wire_.input().data().empty()) co_return Ok();
    Result<> sent = co_await wire_.Write(AsBytes("HTTP/1.1 100 Continue\r\n\r\n"));
    if (!sent) failure_ = sent.error();
    co_return sent;
}

// A final answer without a 100 Continue leaves botocore unable to read the next answer on that
// connection, whether a body was to follow or not; so it has to be the connection's last.
bool RequestBody::CanDrain(uint64_t limit_bytes) const {
    return !awaits_continue_ && (at_end_ || (!failure_ && remaining_ <= limit_bytes));
}

Task<bool> RequestBody::Drain(uint64_t limit_bytes) {
    if (!CanDrain(limit_bytes)) co_return false;
    std::array<std::byte, 4096> dropped;
    uint64_t drained = 0;
    while (!at_end_ && drained <= limit_bytes) {
        const Result<size_t> n = co_await Read(dropped);
        if (!n) co_return false;
        drained += n.value();
    }
    co_return at_end_;
}

}  // namespace coffer::http
