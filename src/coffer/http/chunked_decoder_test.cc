#include "coffer/http/chunked_decoder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace coffer::http {
namespace {

// Decodes `text`, which comes in pieces of `piece` bytes, into a buffer of `room` bytes.
Result<std::string> Decode(std::string_view text, size_t piece, size_t room, std::string* rest) {
    ChunkedDecoder decoder;
    std::string body, buffered, out(room, '\0');
    while (true) {
        TRY(const ChunkedDecoder::Step step,
            decoder.Decode(buffered, std::as_writable_bytes(std::span(out))));
        body.append(out, 0, step.produced);
        buffered.erase(0, step.consumed);
        if (step.done) break;
        if (step.consumed > 0 || step.produced > 0) continue;
        if (text.empty()) return Error(ErrorKind::kClosed, "incomplete");
        buffered += text.substr(0, piece);
        text.remove_prefix(std::min(piece, text.size()));
    }
    *rest = buffered + std::string(text);
    return body;
}

TEST(ChunkedDecoder, IsDecodedWhateverThePieces) {
    const std::string text =
        "5\r\nhello\r\n1;ext=\"a b\"\r\n \r\n0B\r\nchunked wor\r\n2\r\nld\r\n0\r\nTrailer: "
        "x\r\n\r\nGET /";
    for (const size_t piece : {1, 2, 3, 7, 1000}) {
        for (const size_t room : {1, 2, 5, 64}) {
            std::string rest;
            const Result<std::string> body = Decode(text, piece, room, &rest);
            ASSERT_TRUE(body) << body.error().ToString() << " " << piece << " " << room;
            EXPECT_EQ(body.value(), "hello chunked world");
            EXPECT_EQ(rest, "GET /");
        }
    }
}

TEST(ChunkedDecoder, MayBeEmptyAndComeByteByByte) {
    std::string rest;
    EXPECT_EQ(Decode("0\r\n\r\nrest", 1, 64, &rest).value(), "");
    EXPECT_EQ(Decode("0\r\nTrailer: x\r\n\r\n", 1, 64, &rest).value(), "");
}

TEST(ChunkedDecoder, IsRefusedWhereItIsMalformed) {
    for (const std::string_view text :
         {"xyz\r\n", "-1\r\na\r\n", "10000000000000000\r\na", "1\na\n0\n\n", "1\r\nab\r\n0\r\n\r\n",
          "1 x\r\na\r\n0\r\n\r\n", "\r\n\r\nx", "1\r\na\n0\r\n\r\n", " 1\r\na\r\n0\r\n\r\n",
          "0x1\r\na\r\n0\r\n\r\n", "1\r\na\r\n0\r\nbad trailer\r\n\r\n", "+1\r\na\r\n0\r\n\r\n",
          "8000000000000000\r\na", "1;a\x01\r\na\r\n0\r\n\r\n", "0\r\n folded: x\r\n\r\n",
          "1\r\naX"}) {
        std::string rest;
        const Result<std::string> body = Decode(text, 1000, 64, &rest);
        ASSERT_FALSE(body) << text;
        EXPECT_EQ(body.error().kind(), ErrorKind::kInvalid) << text;
    }
}

TEST(ChunkedDecoder, RefusesTrailersWithoutEnd) {
    std::string text = "0\r\n";
    for (int i = 0; i < 1000; ++i)
        text += "X: y\r\n";
    std::string rest;
    EXPECT_EQ(Decode(text + "\r\n", 1000, 64, &rest).error().kind(), ErrorKind::kInvalid);
}

}  // namespace
}  // namespace coffer::http
