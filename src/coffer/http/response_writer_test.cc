// Responses as they go over the connection.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "coffer/runtime/buffer_pool.h"

#include "tests/support/server_session_fixture.h"

namespace coffer::http {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Pieces, and then an error or the end.
class PiecesSource final : public ByteSource {
  public:
    PiecesSource(std::vector<std::string> pieces, bool fails)
        : pieces_(std::move(pieces)), fails_(fails) {}
    Task<Result<size_t>> Read(ByteSpan out) override {
        if (next_ == pieces_.size()) {
            if (fails_) co_return Error(ErrorKind::kCorrupt, "damaged");
            co_return 0;
        }
        const std::string& piece = pieces_[next_++];
        EXPECT_LE(piece.size(), out.size());
        std::copy(piece.begin(), piece.end(), reinterpret_cast<char*>(out.data()));
        co_return piece.size();
    }

  private:
    const std::vector<std::string> pieces_;
    const bool fails_;
    size_t next_ = 0;
};

// Nothing, after a look.
class WatchedSource final : public ByteSource {
  public:
    explicit WatchedSource(std::function<void()> look) : look_(std::move(look)) {}
    Task<Result<size_t>> Read(ByteSpan) override {
        look_();
        co_return 0;
    }

  private:
    const std::function<void()> look_;
};

class ResponseTest : public ServerSessionTest {};

TEST_F(ResponseTest, SendsNoBodyToHead) {
    EXPECT_THAT(Serve("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n" + std::string(kGet)),
                ::testing::ContainsRegex("Content-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\n"));
}

TEST_F(ResponseTest, TellsHeadTheLengthThatGetWouldHave) {
    handler_.answer = [](Request&) -> Task<Response> {
        Response response;
        response.content_length = 123456;
        co_return response;
    };
    EXPECT_THAT(Serve("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n"),
                HasSubstr("Content-Length: 123456\r\n"));
}

TEST_F(ResponseTest, SendsNeitherBodyNorLengthWith204) {
    handler_.answer = [](Request&) -> Task<Response> {
        Response response;
        response.status = 204;
        response.body = "not sent";
        co_return response;
    };
    EXPECT_THAT(Serve(kGet), AllOf(StartsWith("HTTP/1.1 204 No Content\r\n"), EndsWith("\r\n\r\n"),
                                   Not(HasSubstr("Content-Length")), Not(HasSubstr("chunked"))));
}

TEST_F(ResponseTest, SendsNeitherBodyNorLengthWith304) {
    handler_.answer = [](Request&) -> Task<Response> {
        Response response;
        response.status = 304;
        co_return response;
    };
    EXPECT_THAT(Serve(kGet), AllOf(EndsWith("\r\n\r\n"), Not(HasSubstr("Content-Length"))));
}

TEST_F(ResponseTest, NoHeaderValueCanEndItsLine) {
    handler_.answer = [](Request&) -> Task<Response> {
        Response response;
        response.headers.Add("X-A", "a\r\nSet-Cookie: b\nc");
        response.headers.Add("X-B\r\nSet-Cookie", "d");
        response.headers.Add("Content-Length", "99");
        response.headers.Add("Transfer-Encoding", "chunked");
        co_return response;
    };
    const std::string received = Serve(kGet);
    EXPECT_THAT(received, HasSubstr("X-A: a  Set-Cookie: b c\r\n"));
    EXPECT_THAT(received, Not(HasSubstr("\r\nSet-Cookie")));
    EXPECT_THAT(received, Not(HasSubstr("99")));
    EXPECT_THAT(received, Not(HasSubstr("chunked")));
}

Answer StreamOf(std::vector<std::string> pieces, std::optional<uint64_t> length, bool fails) {
    return [=](Request&) -> Task<Response> {
        Response response;
        response.body = std::make_unique<PiecesSource>(pieces, fails);
        response.content_length = length;
        co_return response;
    };
}

TEST_F(ResponseTest, SendsAStreamOfKnownLength) {
    handler_.answer = StreamOf({"abc", "de"}, 5, false);
    EXPECT_THAT(Serve(Repeat(kGet, 2)),
                AllOf(HasSubstr("Content-Length: 5\r\n\r\nabcdeHTTP"), EndsWith("abcde")));
    EXPECT_EQ(pipe_.writes(), 4u);
}

TEST_F(ResponseTest, SendsAStreamOfUnknownLengthInChunks) {
    handler_.answer = StreamOf({"abc", "0123456789abcdef"}, std::nullopt, false);
    EXPECT_THAT(Serve(kGet),
                AllOf(HasSubstr("Transfer-Encoding: chunked\r\n"),
                      EndsWith("\r\n\r\n3\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n")));
}

TEST_F(ResponseTest, EndsAStreamOfUnknownLengthToHttp10ByClosing) {
    handler_.answer = StreamOf({"abc", "de"}, std::nullopt, false);
    EXPECT_THAT(Serve("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
                AllOf(HasSubstr("Connection: close\r\n"), EndsWith("\r\n\r\nabcde"),
                      Not(HasSubstr("chunked")), Not(HasSubstr("Content-Length"))));
    EXPECT_FALSE(pipe_.reset());
}

TEST_F(ResponseTest, SendsAnEmptyStream) {
    handler_.answer = StreamOf({}, 0, false);
    EXPECT_THAT(Serve(kGet), EndsWith("Content-Length: 0\r\n\r\n"));
}

TEST_F(ResponseTest, ResetsTheConnectionWhereAStreamFailsAfterTheHead) {
    handler_.answer = StreamOf({"abc"}, 5, true);
    EXPECT_THAT(Serve(Repeat(kGet, 2)), EndsWith("abc"));
    EXPECT_TRUE(pipe_.reset());
}

TEST_F(ResponseTest, ResetsTheConnectionWhereAChunkedStreamFails) {
    handler_.answer = StreamOf({"abc"}, std::nullopt, true);
    EXPECT_THAT(Serve(kGet), EndsWith("3\r\nabc"));
    EXPECT_TRUE(pipe_.reset());
}

TEST_F(ResponseTest, ResetsTheConnectionWhereAStreamEndsTooEarly) {
    handler_.answer = StreamOf({"abc"}, 5, false);
    Serve(kGet);
    EXPECT_TRUE(pipe_.reset());
}

TEST_F(ResponseTest, AnswersWith500WhereAStreamFailsBeforeTheHead) {
    handler_.answer = StreamOf({}, 5, true);
    EXPECT_THAT(Serve(Repeat(kGet, 2)), StartsWith("HTTP/1.1 500 "));
    EXPECT_FALSE(pipe_.reset());
    EXPECT_EQ(handler_.requests, 2);
}

// A thousand listeners would leave nothing of it for those who read and write objects.
TEST_F(ResponseTest, TakesNothingOfThePoolForAStreamWithoutALength) {
    runtime::BufferPool pool(1_MiB);
    options_.buffers = &pool;
    size_t taken = 1;
    handler_.answer = [&](Request&) -> Task<Response> {
        Response response;
        response.body = std::make_unique<WatchedSource>([&] { taken = pool.taken_bytes(); });
        co_return response;
    };
    EXPECT_THAT(Serve(kGet), EndsWith("\r\n\r\n0\r\n\r\n"));
    EXPECT_EQ(taken, 0U);
}

TEST_F(ResponseTest, TakesABufferOfThePoolForALongStreamAndGivesItBack) {
    runtime::BufferPool pool(1_MiB);
    options_.buffers = &pool;
    const std::string piece(256_KiB, 'x');
    handler_.answer = [&](Request&) -> Task<Response> {
        Response response;
        response.body = std::make_unique<PiecesSource>(std::vector{piece, piece}, false);
        response.content_length = 2 * piece.size();
        co_return response;
    };
    EXPECT_THAT(Serve(kGet), EndsWith("\r\n\r\n" + piece + piece));
    EXPECT_EQ(pool.taken_bytes(), 0u);
}

TEST_F(ResponseTest, AnswersWith500WhereTheHandlerThrows) {
    handler_.answer = [](Request&) -> Task<Response> {
        throw std::runtime_error("secret");
        co_return Response{};
    };
    EXPECT_THAT(Serve(Repeat(kGet, 2)),
                AllOf(StartsWith("HTTP/1.1 500 "), Not(HasSubstr("secret"))));
    EXPECT_EQ(handler_.requests, 2);
}
}  // namespace
}  // namespace coffer::http
