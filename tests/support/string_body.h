// The body of a request, in memory.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "coffer/http/body.h"
#include "coffer/runtime/byte_stream.h"

namespace coffer::testing {

class StringBody final : public http::Body {
  public:
    explicit StringBody(std::string text) : length_(text.size()), source_(std::move(text)) {}
    Task<Result<size_t>> Read(ByteSpan out) override {
        was_read_ = true;
        co_return co_await source_.Read(out);
    }
    std::optional<uint64_t> length() const override { return length_; }
    bool was_read() const { return was_read_; }

  private:
    bool was_read_ = false;
    uint64_t length_;
    runtime::StringSource source_;
};

}  // namespace coffer::testing
