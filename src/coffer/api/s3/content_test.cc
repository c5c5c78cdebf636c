#include "coffer/api/s3/content.h"

#include <gtest/gtest.h>

#include <cstring>

#include "coffer/base/check.h"

#include "tests/support/run_task.h"

namespace coffer::api::s3 {
namespace {

using testing::RunTask;

// Gives out its pieces one by one, then an error or the end.
class Pieces final : public ByteSource {
  public:
    Pieces(std::vector<std::string> pieces, std::optional<Error> error)
        : pieces_(std::move(pieces)), error_(error) {}
    Task<Result<size_t>> Read(ByteSpan out) override {
        if (next_ == pieces_.size()) {
            if (error_) co_return *error_;
            co_return size_t{0};
        }
        const std::string& piece = pieces_[next_++];
        COFFER_CHECK(piece.size() <= out.size());
        std::memcpy(out.data(), piece.data(), piece.size());
        co_return piece.size();
    }

  private:
    std::vector<std::string> pieces_;
    std::optional<Error> error_;
    size_t next_ = 0;
};

std::vector<std::string> ByteByByte(std::string_view text) {
    std::vector<std::string> pieces;
    for (const char c : text)
        pieces.emplace_back(1, c);
    return pieces;
}

constexpr std::string_view kCoded = "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";

TEST(ChunkedBody, YieldsWhatTheChunksHold) {
    Pieces coded(ByteByByte(kCoded), std::nullopt);
    ChunkedBody body(coded, {}, 11);
    EXPECT_EQ(RunTask(runtime::ReadAll(body, 100)).value(), "hello world");
}

TEST(ChunkedBody, FailsWhereverTheBodyBreaksOff) {
    for (size_t length = 0; length < kCoded.size(); ++length) {
        Pieces coded(ByteByByte(kCoded.substr(0, length)), std::nullopt);
        ChunkedBody body(coded, {}, 11);
        const auto read = RunTask(runtime::ReadAll(body, 100));
        ASSERT_FALSE(read) << length;
        EXPECT_EQ(read.error().code(), "IncompleteBody") << length;
    }
}

TEST(ChunkedBody, PassesOnTheErrorsOfTheConnection) {
    for (size_t length = 0; length < kCoded.size(); ++length) {
        Pieces coded({std::string(kCoded.substr(0, length))}, Error(ErrorKind::kTimeout, "slow"));
        ChunkedBody body(coded, {}, 11);
        const auto read = RunTask(runtime::ReadAll(body, 100));
        ASSERT_FALSE(read) << length;
        // Of an empty piece it is the end that comes first.
        EXPECT_EQ(read.error().kind(), length == 0 ? ErrorKind::kClosed : ErrorKind::kTimeout)
            << length;
    }
}

TEST(ChunkedBody, RefusesBytesBehindTheLastChunk) {
    Pieces together({std::string(kCoded) + "x"}, std::nullopt);
    ChunkedBody body(together, {}, 11);
    EXPECT_EQ(RunTask(runtime::ReadAll(body, 100)).error().code(), "InvalidRequest");

    Pieces apart({std::string(kCoded), "x"}, std::nullopt);
    ChunkedBody other(apart, {}, 11);
    EXPECT_EQ(RunTask(runtime::ReadAll(other, 100)).error().code(), "InvalidRequest");
}

TEST(ChunkedBody, HasItsTrailerOnceItHasEnded) {
    Pieces coded({"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"}, std::nullopt);
    ChunkedBody body(coded, {.trailer = true, .trailer_names = {"x-amz-checksum-crc32"}}, 5);
    EXPECT_EQ(body.Trailer("x-amz-checksum-crc32"), std::nullopt);
    EXPECT_EQ(RunTask(runtime::ReadAll(body, 100)).value(), "hello");
    EXPECT_EQ(body.Trailer("x-amz-checksum-crc32"), "NhCmhg==");
    EXPECT_EQ(body.Trailer("x-amz-checksum-sha1"), std::nullopt);
}

TEST(LimitedBody, FailsOverItsLimitAndNotAtIt) {
    Pieces exact({"12345", "67890"}, std::nullopt);
    LimitedBody fits(exact, 10);
    EXPECT_EQ(RunTask(runtime::ReadAll(fits, 100)).value(), "1234567890");
    Pieces more({"12345", "678901"}, std::nullopt);
    LimitedBody over(more, 10);
    EXPECT_EQ(RunTask(runtime::ReadAll(over, 100)).error().code(), "EntityTooLarge");
}

TEST(ChecksumValue, IsBase64OfTheRightSizeOrBadDigest) {
    using codec::ChecksumAlgorithm;
    EXPECT_EQ(ParseChecksumValue(ChecksumAlgorithm::kCrc32, "AAAAAA==").value(),
              std::string(4, '\0'));
    for (const std::string_view bad :
         {"bad", "", "AAAA", "AAAAAAAA", "AAAAAA==\n", "AAAAAB==", "AAAAAA==-1"}) {
        EXPECT_EQ(ParseChecksumValue(ChecksumAlgorithm::kCrc32, bad).error().code(), "BadDigest")
            << bad;
    }
}

}  // namespace
}  // namespace coffer::api::s3
