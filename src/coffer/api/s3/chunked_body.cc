#include "coffer/api/s3/chunked_body.h"

#include "coffer/base/check.h"

namespace coffer::api::s3 {
namespace {

constexpr size_t kBufferBytes = 64_KiB;

}  // namespace

ChunkedBody::ChunkedBody(ByteSource& coded, codec::AwsChunkedOptions options,
                         std::optional<uint64_t> decoded_length)
    : coded_(coded), decoder_(std::move(options), decoded_length) {}

Task<Result<size_t>> ChunkedBody::Read(ByteSpan out) {
    while (!done_) {
        if (begin_ == end_) {
            CO_TRY(co_await Fill());
        }
        CO_TRY(const auto step,
               decoder_.Decode(ByteView(buffer_).subspan(begin_, end_ - begin_), out));
        COFFER_CHECK(step.consumed > 0 || step.produced > 0 || step.done);
        begin_ += step.consumed;
        if (step.done) {
            CO_TRY(co_await ExpectEnd());
            done_ = true;
        }
        if (step.produced > 0) co_return step.produced;
    }
    co_return size_t{0};
}

Task<Result<>> ChunkedBody::Fill() {
    // Made at the first read, so that a refused request costs none.
    buffer_.resize(kBufferBytes);
    begin_ = 0;
    CO_TRY(end_, co_await coded_.Read(buffer_));
    if (end_ == 0) {
        co_return Error(ErrorKind::kClosed, "IncompleteBody",
                        "the body ends before its last chunk");
    }
    co_return Ok();
}

Task<Result<>> ChunkedBody::ExpectEnd() {
    bool more = begin_ < end_;
    if (!more) {
        CO_TRY(const size_t read, co_await coded_.Read(buffer_));
        more = read > 0;
    }
    if (more)
        co_return Error(ErrorKind::kInvalid, "InvalidRequest",
                        "bytes follow the last chunk of the body");
    co_return Ok();
}

std::optional<std::string_view> ChunkedBody::Trailer(std::string_view name) const {
    if (!done_) return std::nullopt;
    for (const auto& [field, value] : decoder_.trailers()) {
        if (field == name) return value;
    }
    return std::nullopt;
}

Task<Result<size_t>> LimitedBody::Read(ByteSpan out) {
    CO_TRY(const size_t read, co_await body_.Read(out));
    if (read > left_) co_return Error(ErrorKind::kTooLarge, "EntityTooLarge", "");
    left_ -= read;
    co_return read;
}

}  // namespace coffer::api::s3
