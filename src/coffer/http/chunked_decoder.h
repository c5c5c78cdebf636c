// Takes the chunked coding off a body, from buffers (RFC 9112, 7.1). Pure, no I/O.
//
// Every line ends with CRLF and nothing else; a size is hexadecimal digits and nothing else. Chunk
// extensions and trailers are checked for their characters, and ignored.
#pragma once

#include <cstdint>
#include <string_view>

#include "coffer/base/bytes.h"
#include "coffer/base/result.h"

namespace coffer::http {

class ChunkedDecoder {
  public:
    struct Step {
        size_t consumed = 0;  // of what came in
        size_t produced = 0;  // bytes of the body
        bool done = false;    // the body has ended; what follows is the next request
    };

    // With nothing consumed, nothing produced and not done, it needs more than `in`, which never
    // takes more than a line. kInvalid: the coding is malformed, or has more trailers than anybody
    // sends; final.
    Result<Step> Decode(std::string_view in, ByteSpan out);

  private:
    enum class State : uint8_t { kChunkHeader, kChunk, kChunkEnd, kTrailers, kDone };

    Result<> ReadChunkHeader(std::string_view line);
    Result<> ReadTrailer(std::string_view line);

    State state_ = State::kChunkHeader;
    uint64_t left_in_chunk_ = 0;
    size_t trailers_ = 0;
};

}  // namespace coffer::http
