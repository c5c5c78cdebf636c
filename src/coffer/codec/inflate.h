// Deflated bytes (RFC 1951) as what they stand for, piece by piece.
#pragma once

#include <memory>

#include "coffer/base/bytes.h"
#include "coffer/base/result.h"

namespace coffer::codec {

// One thread at a time. Takes some 40 KiB of memory.
class Inflater {
  public:
    Inflater();
    ~Inflater();
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    struct Step {
        size_t consumed = 0;  // of the input
        size_t produced = 0;  // in the output
        bool done = false;    // the last block has ended
    };

    // Goes on until the input is used up, the output is full, or the end has come. kCorrupt where
    // the input is not deflated.
    Result<Step> Inflate(ByteView in, ByteSpan out);

  private:
    struct Stream;
    std::unique_ptr<Stream> stream_;
};

}  // namespace coffer::codec
