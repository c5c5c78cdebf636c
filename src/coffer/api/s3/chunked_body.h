// A body in the aws-chunked coding, as the bytes that it stands for.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/api/s3/call.h"
#include "coffer/codec/aws_chunked.h"

namespace coffer::api::s3 {

// Decodes an aws-chunked body as it is read. Owned by one request; reads from `coded`, which
// outlives it.
//
// Read fails with the decoder's errors, with kClosed "IncompleteBody" where the body ends before
// its last chunk, and with kInvalid "InvalidRequest" where bytes follow the last chunk. It yields
// the end only after the trailer is in and every signature was right.
class ChunkedBody final : public ByteSource {
  public:
    ChunkedBody(ByteSource& coded, codec::AwsChunkedOptions options,
                std::optional<uint64_t> decoded_length);

    Task<Result<size_t>> Read(ByteSpan out) override;

    // A field of the trailer, named in lower case; nothing before Read has yielded the end.
    std::optional<std::string_view> Trailer(std::string_view name) const;

  private:
    Task<Result<>> Fill();
    Task<Result<>> ExpectEnd();

    ByteSource& coded_;
    codec::AwsChunkedDecoder decoder_;
    std::vector<std::byte> buffer_;
    size_t begin_ = 0;  // of what is left in buffer_
    size_t end_ = 0;
    bool done_ = false;
};

// A body of unknown length that must not be longer than `limit_bytes`: kTooLarge "EntityTooLarge"
// then.
class LimitedBody final : public ByteSource {
  public:
    LimitedBody(ByteSource& body, uint64_t limit_bytes) : body_(body), left_(limit_bytes) {}

    Task<Result<size_t>> Read(ByteSpan out) override;

  private:
    ByteSource& body_;
    uint64_t left_;
};

}  // namespace coffer::api::s3
