// The bytes of a range of a blob's file, as a stream: what is in the system's cache is read in
// place, the rest in the pool.
#pragma once

#include "coffer/runtime/blocking_pool.h"
#include "coffer/runtime/buffer_pool.h"
#include "coffer/runtime/byte_stream.h"
#include "coffer/store/engine/blob_reader.h"

namespace coffer::store::engine {

class BlobSource final : public ByteSource {
  public:
    // `piece`: what `reader` read first, a part of `buffer`, which is one of `buffers`.
    BlobSource(runtime::BlockingPool& pool, runtime::BufferPool& buffers, BlobReader reader,
               runtime::Buffer buffer, ByteView piece)
        : pool_(pool),
          buffers_(buffers),
          reader_(std::move(reader)),
          buffer_(std::move(buffer)),
          piece_(piece) {}

    Task<Result<size_t>> Read(ByteSpan out) override;

  private:
    Task<Result<ByteView>> Next(ByteSpan buffer);
    ByteSpan OwnBuffer();

    runtime::BlockingPool& pool_;
    runtime::BufferPool& buffers_;
    BlobReader reader_;
    runtime::Buffer buffer_;  // none, while the caller's memory does
    Bytes spare_;             // in place of buffer_, where there was none to be had
    ByteView piece_;          // of one of them, not yet given out
};

}  // namespace coffer::store::engine
