#include "bench/loader/response_reader.h"

#include <gtest/gtest.h>

namespace coffer::bench {
namespace {

using Progress = ResponseReader::Progress;

constexpr std::string_view kSized =
    "HTTP/1.1 200 OK\r\nServer: x\r\nETag: \"abc\"\r\ncontent-length: 5\r\n\r\nhello";
constexpr std::string_view kChunked =
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    "3;name=value\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: x\r\n\r\n";

// Fed in pieces of every size, the last piece alone ends it.
void ExpectHello(std::string_view text) {
    for (size_t piece = 1; piece <= text.size(); ++piece) {
        ResponseReader reader;
        reader.Begin(false, 100);
        for (size_t at = 0; at < text.size(); at += piece) {
            const bool last = at + piece >= text.size();
            ASSERT_EQ(reader.Feed(text.substr(at, piece)), last ? Progress::kDone : Progress::kMore)
                << piece << " at " << at;
        }
        EXPECT_EQ(reader.status(), 200);
        EXPECT_EQ(reader.kept(), "hello");
        EXPECT_EQ(reader.body_bytes(), 5u);
        EXPECT_FALSE(reader.closes());
    }
}

TEST(ResponseReader, ReadsABodyOfKnownLengthInAnyPieces) {
    ExpectHello(kSized);
}

TEST(ResponseReader, ReadsChunksInAnyPieces) {
    ExpectHello(kChunked);
}

TEST(ResponseReader, KnowsTheETagAndKeepsNoMoreThanAsked) {
    ResponseReader reader;
    reader.Begin(false, 2);
    EXPECT_EQ(reader.Feed(kSized), Progress::kDone);
    EXPECT_EQ(reader.etag(), "\"abc\"");
    EXPECT_EQ(reader.kept(), "he");
    EXPECT_EQ(reader.body_bytes(), 5u);
}

TEST(ResponseReader, SkipsABodyOnlyBehindWhatIsKept) {
    ResponseReader reader;
    reader.Begin(false, 2);
    const std::string_view text = kSized;
    EXPECT_EQ(reader.Feed(text.substr(0, text.size() - 4)), Progress::kMore);
    EXPECT_EQ(reader.Skippable(), 0u);
    EXPECT_EQ(reader.Feed(text.substr(text.size() - 4, 1)), Progress::kMore);
    EXPECT_EQ(reader.Skippable(), 3u);
    EXPECT_EQ(reader.Skip(3), Progress::kDone);
    EXPECT_EQ(reader.body_bytes(), 5u);
}

TEST(ResponseReader, WaitsForNoBodyWhereThereIsNone) {
    ResponseReader reader;
    reader.Begin(true, 0);
    EXPECT_EQ(reader.Feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), Progress::kDone);
    reader.Begin(false, 0);
    EXPECT_EQ(reader.Feed("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"), Progress::kDone);
    EXPECT_TRUE(reader.closes());
}

TEST(ResponseReader, RefusesWhatIsNoResponse) {
    for (const std::string_view text :
         {"HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nbad\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
        ResponseReader reader;
        reader.Begin(false, 0);
        EXPECT_EQ(reader.Feed(text), Progress::kBad) << text;
    }
}

}  // namespace
}  // namespace coffer::bench
