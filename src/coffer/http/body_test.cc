// What handlers see of the bodies of requests, and what becomes of those that nobody reads.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/server_session_fixture.h"

namespace coffer::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class BodyTest : public ServerSessionTest {};

TEST_F(BodyTest, GivesTheHandlerAChunkedBody) {
    handler_.answer = [](Request& request) -> Task<Response> {
        EXPECT_EQ(request.body->length(),
                  request.method == "GET" ? std::optional<uint64_t>(0) : std::nullopt);
        co_return co_await Echo(request);
    };
    EXPECT_THAT(Serve("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "3\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n" +
                      std::string(kGet)),
                HasSubstr("\r\n\r\nabcde"));
    EXPECT_EQ(handler_.requests, 2);
}

TEST_F(BodyTest, ReadsALongBodyStraightIntoTheHandlersBuffer) {
    const std::string body(1_MiB, 'x');
    handler_.answer = [&](Request& request) -> Task<Response> {
        EXPECT_EQ(request.body->length(), 1_MiB);
        std::vector<std::byte> buffer(256_KiB);
        size_t total = 0;
        while (true) {
            const Result<size_t> n = co_await request.body->Read(buffer);
            if (!n || n.value() == 0) break;
            total += n.value();
        }
        EXPECT_EQ(total, 1_MiB);
        co_return Response{};
    };
    Serve("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1048576\r\n\r\n" + body);
    EXPECT_EQ(pipe_.largest_read(), 256_KiB);
}

TEST_F(BodyTest, TellsTheHandlerOfABodyThatBreaksOff) {
    handler_.answer = Echo;
    const std::string received = Serve(std::string(kPut) + "012");
    EXPECT_THAT(received, HasSubstr("closed: "));
    EXPECT_THAT(received, HasSubstr("\r\nConnection: close\r\n"));
}

TEST_F(BodyTest, TellsTheHandlerOfAMalformedChunk) {
    handler_.answer = Echo;
    const std::string received =
        Serve("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n" +
              std::string(kGet));
    EXPECT_THAT(received, HasSubstr("invalid: "));
    EXPECT_THAT(received, HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_EQ(handler_.requests, 1);
}

TEST_F(BodyTest, EndsOnAChunkExtensionWithoutEnd) {
    handler_.answer = Echo;
    EXPECT_THAT(Serve("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
                      std::string(1_MiB, 'x')),
                HasSubstr("invalid: "));
    EXPECT_LE(pipe_.largest_read(), 16_KiB);
}

TEST_F(BodyTest, DropsASmallBodyThatNobodyRead) {
    EXPECT_EQ(Serve(std::string(kPut) + "01234" + std::string(kGet)).find("Connection: close"),
              std::string::npos);
    EXPECT_EQ(handler_.requests, 2);
}

TEST_F(BodyTest, DropsASmallChunkedBodyThatNobodyRead) {
    Serve("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" +
          std::string(kGet));
    EXPECT_EQ(handler_.requests, 2);
}

TEST_F(BodyTest, EndsTheConnectionAfterALargeBodyThatNobodyReadAndLetsTheClientSeeTheAnswer) {
    const std::string received =
        Serve("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n" +
              std::string(1'000'000, 'x') + std::string(kGet));
    EXPECT_THAT(received, HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_THAT(received, EndsWith("hello"));
    EXPECT_EQ(handler_.requests, 1);
    EXPECT_TRUE(pipe_.write_ended());
    EXPECT_FALSE(pipe_.reset());
}

TEST_F(BodyTest, EndsTheConnectionAfterALargeChunkedBodyThatNobodyRead) {
    std::string body = "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 20; ++i)
        body += "2000\r\n" + std::string(0x2000, 'x') + "\r\n";
    Serve(body + "0\r\n\r\n" + std::string(kGet));
    EXPECT_EQ(handler_.requests, 1);
    EXPECT_FALSE(pipe_.reset());
}

constexpr std::string_view kExpectingPut =
    "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";

Task<void> SendBodyAfterContinue(testing::MemoryPipe& pipe) {
    pipe.Send(kExpectingPut);
    co_await pipe.ReceiveUntil("\r\n\r\n");
    EXPECT_EQ(pipe.received(), "HTTP/1.1 100 Continue\r\n\r\n");
    pipe.Send("01234");
    co_await pipe.ReceiveUntil("01234");
    pipe.EndSending();
}

TEST_F(BodyTest, SaysContinueWhenTheHandlerReads) {
    handler_.answer = Echo;
    EXPECT_THAT(Serve(SendBodyAfterContinue(pipe_)), EndsWith("01234"));
}

Task<void> WaitForContinue(testing::MemoryPipe& pipe) {
    pipe.Send(kExpectingPut);
    co_await pipe.ReceiveUntil("hello");
    pipe.EndSending();
}

TEST_F(BodyTest, RefusesWithoutContinueAndEndsTheConnection) {
    const std::string received = Serve(WaitForContinue(pipe_));
    EXPECT_THAT(received, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(received, HasSubstr("\r\nConnection: close\r\n"));
}

TEST_F(BodyTest, SaysNoContinueToAClientThatDidNotWait) {
    handler_.answer = Echo;
    EXPECT_THAT(Serve(std::string(kExpectingPut) + "01234"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

constexpr std::string_view kExpectingEmptyPut =
    "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n";

Task<void> SendEmptyAndThenAnother(testing::MemoryPipe& pipe) {
    pipe.Send(kExpectingEmptyPut);
    co_await pipe.ReceiveUntil("HTTP/1.1 200 OK\r\n");
    pipe.Send(std::string(kPut) + "01234");
    co_await pipe.ReceiveUntil("01234");
    pipe.EndSending();
}

// botocore expects it for an empty file too, and mistakes the next answer on the connection when it
// doesn't come.
TEST_F(BodyTest, SaysContinueForAnEmptyBodyThatTheHandlerReads) {
    handler_.answer = Echo;
    EXPECT_THAT(Serve(SendEmptyAndThenAnother(pipe_)),
                StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
    EXPECT_EQ(handler_.requests, 2);
}

TEST_F(BodyTest, EndsTheConnectionWhereAnEmptyBodyGotNoContinue) {
    const std::string received = Serve(std::string(kExpectingEmptyPut));
    EXPECT_THAT(received, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(received, HasSubstr("\r\nConnection: close\r\n"));
}
}  // namespace
}  // namespace coffer::http
