// The aws-chunked coding of a body: chunks with or without signatures, and a trailer. Fed from
// buffers, no I/O.
//
// Source: AWS Signature Version 4, "Transferring payload in multiple chunks" and "… including
// trailing headers".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "coffer/base/bytes.h"
#include "coffer/base/result.h"
#include "coffer/codec/digest.h"

namespace coffer::codec {

struct AwsChunkedOptions {
    bool signed_chunks = false;              // STREAMING-AWS4-HMAC-SHA256-PAYLOAD(-TRAILER)
    bool trailer = false;                    // …-TRAILER: a trailer follows the last chunk
    Sha256Digest signing_key{};              // the rest is used where chunks are signed
    std::string timestamp;                   // x-amz-date of the request
    std::string scope;                       // "20260101/us-east-1/s3/aws4_request"
    std::string seed_signature;              // of the request, in hex
    std::vector<std::string> trailer_names;  // announced by x-amz-trailer, in lower case
};

// Takes coded bytes and gives out decoded ones.
class AwsChunkedDecoder {
  public:
    AwsChunkedDecoder(AwsChunkedOptions options, std::optional<uint64_t> decoded_length);
    ~AwsChunkedDecoder();

    struct Step {
        size_t consumed = 0;  // of `in`
        size_t produced = 0;  // in `out`
        bool done = false;    // the last chunk and the trailer are in, and right
    };

    // Decodes as much of `in` into `out` as fits. Bytes of a signed chunk are given out as they
    // come; a wrong signature is an error at the chunk's end, so the caller keeps nothing until
    // `done`. Errors: "SignatureDoesNotMatch", "IncompleteBody" (decoded length), "InvalidRequest"
    // / "MalformedTrailerError" (coding, trailer), "InvalidChunkSizeError".
    Result<Step> Decode(ByteView in, ByteSpan out);

    // Names in lower case, after `done`.
    const std::vector<std::pair<std::string, std::string>>& trailers() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace coffer::codec
