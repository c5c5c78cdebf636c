#include "coffer/http/request_parser.h"

#include <gtest/gtest.h>

namespace coffer::http {
namespace {

constexpr HeadLimits kLimits{.bytes = 8192, .headers = 20, .target_bytes = 2048};

Parsed<RequestHead> Parse(std::string_view text) {
    HeadScanner scanner(kLimits);
    BOOST_OUTCOME_TRY(const std::optional<size_t> length, scanner.Scan(text));
    if (!length) return ProtocolError{0, "incomplete"};
    return ParseHead(text.substr(0, *length), kLimits);
}

// The status that `text` is refused with; 0 where it is incomplete, 200 where it is fine.
int StatusOf(std::string_view text) {
    const Parsed<RequestHead> head = Parse(text);
    return head ? 200 : head.error().status;
}

int StatusWith(std::string_view header_lines) {
    return StatusOf("PUT /k HTTP/1.1\r\nHost: h\r\n" + std::string(header_lines) + "\r\n");
}

TEST(RequestHead, IsTakenAsSent) {
    const Parsed<RequestHead> parsed = Parse(
        "PUT /b/a%2Fb//../\xc3\xa9?x=%zz HTTP/1.1\r\nHOST: h:9000\r\nx-Amz-Date:\t 1 \t\r\n"
        "Empty:\r\nContent-Length: 12\r\n\r\nrest");
    ASSERT_TRUE(parsed);
    const RequestHead& head = parsed.value();
    EXPECT_EQ(head.method, "PUT");
    EXPECT_EQ(head.target, "/b/a%2Fb//../\xc3\xa9?x=%zz");
    EXPECT_EQ(head.headers.size(), 4u);
    EXPECT_EQ(head.headers.begin()->name, "HOST");
    EXPECT_EQ(head.headers.Get("X-Amz-Date"), "1");
    EXPECT_EQ(head.headers.Get("empty"), "");
    EXPECT_EQ(head.content_length, 12u);
    EXPECT_TRUE(head.has_body());
    EXPECT_TRUE(head.keep_alive);
    EXPECT_FALSE(head.chunked);
}

TEST(RequestHead, MayFollowAnEmptyLine) {
    EXPECT_EQ(StatusOf("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"), 200);
    EXPECT_EQ(StatusOf("\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
}

TEST(RequestHead, IsFoundWhereverItIsCutIntoPieces) {
    const std::string text = "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n";
    HeadScanner scanner(kLimits);
    for (size_t n = 0; n < text.size(); ++n) {
        const auto length = scanner.Scan(text.substr(0, n));
        ASSERT_TRUE(length);
        EXPECT_FALSE(length.value()) << n;
    }
    EXPECT_EQ(scanner.Scan(text + "GET").value(), text.size());
}

TEST(RequestHead, SaysWhatBecomesOfTheConnection) {
    EXPECT_TRUE(Parse("GET / HTTP/1.1\r\nHost: h\r\n\r\n").value().keep_alive);
    EXPECT_FALSE(
        Parse("GET / HTTP/1.1\r\nHost: h\r\nConnection: x, Close\r\n\r\n").value().keep_alive);
    EXPECT_FALSE(Parse("GET / HTTP/1.0\r\n\r\n").value().keep_alive);
    EXPECT_TRUE(Parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").value().keep_alive);
}

TEST(RequestLine, IsRefusedWhereItIsNotHttp1) {
    EXPECT_EQ(StatusOf("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
    EXPECT_EQ(StatusOf("GET / HTTP/1.2\r\nHost: h\r\n\r\n"), 505);
    EXPECT_EQ(StatusOf("GET / HTTP/0.9\r\nHost: h\r\n\r\n"), 505);
    EXPECT_EQ(StatusOf("GET / HTTP/1.10\r\nHost: h\r\n\r\n"), 400);
    EXPECT_EQ(StatusOf("GET / http/1.1\r\nHost: h\r\n\r\n"), 400);
    EXPECT_EQ(StatusOf("GET /\r\nHost: h\r\n\r\n"), 400);
    EXPECT_EQ(StatusOf("\x16\x03\x01\x02"), 400);
    EXPECT_EQ(StatusOf(std::string_view("\0", 1)), 400);
}

TEST(RequestLine, IsRefusedWhereItIsMalformed) {
    for (const std::string_view line :
         {"GE(T / HTTP/1.1", " GET / HTTP/1.1", "GET  / HTTP/1.1", "GET  HTTP/1.1",
          "GET / HTTP/1.1 ", "GET /a b HTTP/1.1", "GET /a\tb HTTP/1.1", "GET /a\x01 HTTP/1.1",
          "GET /a\x7f HTTP/1.1", "GET /a\rb HTTP/1.1", "GET\t/ HTTP/1.1", "GET",
          "G\xc3\xa9T / HTTP/1.1"}) {
        EXPECT_EQ(StatusOf(std::string(line) + "\r\nHost: h\r\n\r\n"), 400) << line;
    }
    EXPECT_EQ(StatusOf(std::string_view("GET /a\0b HTTP/1.1\r\nHost: h\r\n\r\n", 31)), 400);
}

TEST(RequestLine, TooLongIs414EvenBeforeItEnds) {
    EXPECT_EQ(StatusOf("GET /" + std::string(2047, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n"), 200);
    EXPECT_EQ(StatusOf("GET /" + std::string(2048, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n"), 414);
    EXPECT_EQ(StatusOf("GET /" + std::string(4000, 'a')), 414);
}

TEST(RequestTarget, InAbsoluteFormHasTheHostOfTheHeader) {
    EXPECT_EQ(Parse("GET http://H:1/a?b HTTP/1.1\r\nHost: h:1\r\n\r\n").value().target, "/a?b");
    EXPECT_EQ(Parse("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n").value().target, "/");
    EXPECT_EQ(Parse("GET https://h?x HTTP/1.1\r\nHost: h\r\n\r\n").value().target, "/?x");
    EXPECT_EQ(StatusOf("GET http://other/a HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
    EXPECT_EQ(StatusOf("GET http://h@other/a HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
    EXPECT_EQ(StatusOf("GET http:///a HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
    EXPECT_EQ(StatusOf("GET ftp://h/a HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
    EXPECT_EQ(StatusOf("GET a HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
    EXPECT_EQ(StatusOf("CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
    EXPECT_EQ(StatusOf("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"), 501);
}

TEST(HostHeader, IsThereOnceAndWellFormed) {
    EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\n\r\n"), 400);
    EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n"), 400);
    EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), 400);
    EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400);
    EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"), 400);
    EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost: [::1]:9000\r\n\r\n"), 200);
    EXPECT_EQ(StatusOf("GET / HTTP/1.0\r\n\r\n"), 200);
}

TEST(HeaderLine, IsRefusedWhereItIsMalformed) {
    EXPECT_EQ(StatusWith("A: b\r\n"), 200);
    EXPECT_EQ(StatusWith("A: \xc3\xa9\r\n"), 200);
    for (const std::string_view line :
         {"A : b\r\n", "A\t: b\r\n", " A: b\r\n", "A: b\r\n c\r\n", "A: b\r\n\tc\r\n", "A\r\n",
          ": b\r\n", "A(: b\r\n", "A: b\rc\r\n", "A: b\x01\r\n", "A: b\x7f\r\n", "A: b\n",
          "A: b\nB: c\r\n", "A: b\r\r\n", "\xc3\xa9: b\r\n"}) {
        EXPECT_EQ(StatusWith(line), 400) << line;
    }
    EXPECT_EQ(StatusWith(std::string_view("A: b\0c\r\n", 8)), 400);
    EXPECT_EQ(StatusWith(std::string_view("A\0: b\r\n", 7)), 400);
}

TEST(HeaderLine, BareLineFeedsAreRefusedAtOnce) {
    EXPECT_EQ(StatusOf("GET / HTTP/1.1\nHost: h\n\n"), 400);
    EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost: h\r\n\n"), 400);
}

TEST(Headers, TooManyOrTooLongAre431EvenBeforeTheyEnd) {
    std::string many = "GET / HTTP/1.1\r\nHost: h\r\n";
    for (int i = 0; i < 19; ++i)
        many += "A: b\r\n";
    EXPECT_EQ(StatusOf(many + "\r\n"), 200);
    EXPECT_EQ(StatusOf(many + "A: b\r\n\r\n"), 431);
    EXPECT_EQ(StatusOf(many + "A: b\r\nA: b\r\n"), 431);
    EXPECT_EQ(StatusWith("A: " + std::string(7000, 'x') + "\r\n"), 200);
    EXPECT_EQ(StatusWith("A: " + std::string(9000, 'x') + "\r\n"), 431);
    EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nA: " + std::string(9000, 'x')), 431);
}

TEST(BodyLength, IsUnambiguousOrRefused) {
    EXPECT_EQ(StatusWith("Content-Length: 0\r\n"), 200);
    EXPECT_EQ(StatusWith("Content-Length: 9223372036854775807\r\n"), 200);
    for (const std::string_view lines :
         {"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
          "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
          "Content-Length: 1\r\nContent-Length: 2\r\n",
          "Content-Length: 1\r\nContent-Length: 1\r\n", "Content-Length: 1, 1\r\n",
          "Content-Length: +1\r\n", "Content-Length: -1\r\n", "Content-Length: 0x1\r\n",
          "Content-Length:\r\n", "Content-Length: 1 1\r\n",
          "Content-Length: 9223372036854775808\r\n", "Content-Length: 18446744073709551616\r\n",
          "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
          "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n"}) {
        EXPECT_EQ(StatusWith(lines), 400) << lines;
    }
}

TEST(TransferEncoding, OtherThanChunkedIs501) {
    EXPECT_TRUE(
        Parse("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n").value().chunked);
    for (const std::string_view value :
         {"chunkedx", "xchunked", "gzip, chunked", "chunked, gzip", "identity", "\"chunked\"", "",
          "chunked, chunked", "chunked;q=1", ",chunked"}) {
        EXPECT_EQ(StatusWith("Transfer-Encoding: " + std::string(value) + "\r\n"), 501) << value;
    }
    EXPECT_EQ(StatusOf("PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST(Expect, IsContinueOrRefused) {
    EXPECT_TRUE(Parse("PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\n\r\n")
                    .value()
                    .expects_continue);
    EXPECT_FALSE(Parse("PUT / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").value().expects_continue);
    EXPECT_EQ(StatusWith("Expect: 200-ok\r\n"), 417);
    EXPECT_EQ(StatusWith("Expect: 100-continue\r\nExpect: 100-continue\r\n"), 417);
}

}  // namespace
}  // namespace coffer::http
