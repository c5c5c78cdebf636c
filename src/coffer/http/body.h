// The body of one request: taken from what was read with the head, then from the connection,
// straight into the caller's buffer.
#pragma once

#include <optional>

#include "coffer/http/chunked_decoder.h"
#include "coffer/http/message.h"
#include "coffer/http/request_parser.h"
#include "coffer/http/wire.h"

namespace coffer::http {

class RequestBody final : public Body {
  public:
    // `wire` outlives it.
    RequestBody(Wire& wire, const RequestHead& head);

    std::optional<uint64_t> length() const override;
    // The first read answers an Expect: 100-continue, for an empty body as well.
    Task<Result<size_t>> Read(ByteSpan out) override;

    // True once the connection stands at the next request.
    bool at_end() const { return at_end_; }

    // False when the connection can't get to the next request: more than `limit_bytes` are to come,
    // the client waits for a 100 Continue that nobody will send any more, or reading failed.
    bool CanDrain(uint64_t limit_bytes) const;

    // Reads and drops what is left, at most `limit_bytes`; whether the end was reached.
    Task<bool> Drain(uint64_t limit_bytes);

  private:
    Task<Result<size_t>> ReadPlain(ByteSpan out);
    Task<Result<size_t>> ReadChunked(ByteSpan out);
    Task<Result<>> SendContinue();

    Wire& wire_;
    ChunkedDecoder decoder_;
    const bool chunked_;
    const uint64_t length_;
    uint64_t remaining_;
    bool awaits_continue_;
    bool at_end_;
    std::optional<Error> failure_;
};

}  // namespace coffer::http
