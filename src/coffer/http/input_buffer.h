// Bytes that were read from a connection and not used yet: a head, the start of a body, the next
// request.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "coffer/runtime/byte_stream.h"

namespace coffer::http {

class InputBuffer {
  public:
    // Valid until the next call that is not const.
    std::string_view data() const { return {bytes_.get() + begin_, end_ - begin_}; }

    void Consume(size_t n) { begin_ += n; }

    // Reads once from `source` behind what is there, growing to at most `limit` bytes, which are
    // more than what is there. As ByteSource::Read.
    Task<Result<size_t>> Fill(ByteSource& source, size_t limit);

    // Gives the memory back. Only when there is no data.
    void Release();

  private:
    void MakeRoom(size_t limit);

    std::unique_ptr<char[]> bytes_;
    size_t capacity_ = 0;
    size_t begin_ = 0;
    size_t end_ = 0;
};

}  // namespace coffer::http
