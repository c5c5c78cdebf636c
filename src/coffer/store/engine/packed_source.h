// A range of a packed blob, as a stream: all of it has been read and checked before.
#pragma once

#include <algorithm>
#include <utility>

#include "coffer/runtime/buffer_pool.h"
#include "coffer/runtime/byte_stream.h"

namespace coffer::store::engine {

class PackedSource final : public ByteSource {
  public:
    // `content`: a part of `buffer`.
    PackedSource(runtime::Buffer buffer, ByteView content)
        : buffer_(std::move(buffer)), content_(content) {}

    Task<Result<size_t>> Read(ByteSpan out) override {
        const size_t length = std::min(out.size(), content_.size());
        std::copy_n(content_.begin(), length, out.begin());
        content_ = content_.subspan(length);
        // What it was needed for is done, however long the client takes to receive it.
        if (content_.empty()) buffer_ = runtime::Buffer();
        co_return length;
    }

  private:
    runtime::Buffer buffer_;
    ByteView content_;  // not yet given out
};

}  // namespace coffer::store::engine
