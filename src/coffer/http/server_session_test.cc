#include "coffer/http/server_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "coffer/runtime/byte_stream.h"
#include "coffer/runtime/sleep.h"

#include "tests/support/memory_stream.h"

namespace coffer::http {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using Answer = std::function<Task<Response>(Request&)>;

class TestHandler final : public Handler {
  public:
    Task<Response> Handle(Request& request) override {
        ++requests;
        targets.push_back(request.method + " " + request.target);
        co_return co_await answer(request);
    }

    Answer answer;
    int requests = 0;
    std::vector<std::string> targets;
};

Task<Response> Hello(Request&) {
    Response response;
    response.body = "hello";
    co_return response;
}

// Answers with the body that came, or with what went wrong.
Task<Response> Echo(Request& request) {
    Response response;
    Result<std::string> body = co_await runtime::ReadAll(*request.body, 64_MiB);
    if (body) {
        response.body = std::move(body.value());
    } else {
        response.status = 400;
        response.body = body.error().ToString();
    }
    co_return response;
}

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

std::string Repeat(std::string_view text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i)
        all += text;
    return all;
}

constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr std::string_view kPut = "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n";

class ServerSessionTest : public ::testing::Test {
  protected:
    ServerSessionTest() { handler_.answer = Hello; }

    // Runs the session until it ends. `client` runs beside it; without one, everything was sent
    // before.
    std::string Serve(Task<void> client) {
        SessionContext context(handler_, options_);
        auto session = std::make_unique<ServerSession>(
            context, std::make_unique<testing::MemoryConnection>(pipe_),
            Peer{.address = "192.0.2.1"}, io_.get_executor());
        context_ = &context;
        session_ = session.get();
        boost::asio::co_spawn(io_, RunSession(std::move(session)), boost::asio::detached);
        boost::asio::co_spawn(io_, std::move(client), boost::asio::detached);
        io_.run();
        EXPECT_TRUE(pipe_.closed());
        counters_requests_ = context.counters.requests_total;
        EXPECT_EQ(context.counters.requests_in_flight, 0u);
        return pipe_.received();
    }

    static Task<void> Nothing() { co_return; }
    static Task<void> RunSession(std::unique_ptr<ServerSession> session) {
        co_await session->Run();
    }

    std::string Serve(std::string_view sent) {
        pipe_.Send(sent);
        pipe_.EndSending();
        return Serve(Nothing());
    }

    boost::asio::io_context io_{1};
    ServerOptions options_;
    TestHandler handler_;
    testing::MemoryPipe pipe_{io_.get_executor()};
    SessionContext* context_ = nullptr;
    ServerSession* session_ = nullptr;
    uint64_t counters_requests_ = 0;
};

// --- one request after the other
// -------------------------------------------------------------------------------------

TEST_F(ServerSessionTest, AnswersWithHeadAndBodyInOneWrite) {
    const std::string received = Serve(kGet);
    EXPECT_THAT(received, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(received, HasSubstr("\r\nContent-Length: 5\r\n"));
    EXPECT_THAT(received, HasSubstr("\r\nServer: Coffer\r\n"));
    EXPECT_THAT(received,
                ::testing::ContainsRegex("\r\nDate: [A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} "
                                         "[0-9]{2}:[0-9]{2}:[0-9]{2} GMT\r\n"));
    EXPECT_THAT(received, Not(HasSubstr("Connection:")));
    EXPECT_THAT(received, EndsWith("\r\n\r\nhello"));
    EXPECT_EQ(pipe_.writes(), 1u);
    EXPECT_FALSE(pipe_.reset());
}

TEST_F(ServerSessionTest, ServesPipelinedRequestsInOrder) {
    handler_.answer = Echo;
    const std::string received =
        Serve(std::string(kPut) + "first" + std::string(kGet) + std::string(kPut) + "third");
    EXPECT_THAT(handler_.targets, ::testing::ElementsAre("PUT /a", "GET /a", "PUT /a"));
    EXPECT_LT(received.find("first"), received.find("Content-Length: 0"));
    EXPECT_THAT(received, EndsWith("third"));
    EXPECT_EQ(counters_requests_, 3u);
}

TEST_F(ServerSessionTest, TakesARequestThatComesByteByByte) {
    handler_.answer = Echo;
    for (const char c : std::string(kPut) + "01234")
        pipe_.Send(std::string(1, c));
    pipe_.EndSending();
    EXPECT_THAT(Serve(Nothing()), EndsWith("\r\n\r\n01234"));
}

TEST_F(ServerSessionTest, KeepsTheConnectionWhereTheClientWouldLikeIt) {
    const std::string get10 = "GET / HTTP/1.0\r\n\r\n";
    EXPECT_THAT(Serve(get10 + get10), HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_EQ(handler_.requests, 1);
}

TEST_F(ServerSessionTest, TellsHttp10ThatItKeepsTheConnection) {
    const std::string get10 = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    EXPECT_THAT(Serve(get10 + get10), HasSubstr("\r\nConnection: keep-alive\r\n"));
    EXPECT_EQ(handler_.requests, 2);
}

TEST_F(ServerSessionTest, EndsTheConnectionWhereTheHandlerSaysSo) {
    handler_.answer = [](Request&) -> Task<Response> {
        Response response;
        response.close = true;
        co_return response;
    };
    EXPECT_THAT(Serve(Repeat(kGet, 2)), HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_EQ(handler_.requests, 1);
}

TEST_F(ServerSessionTest, IsSilentTowardsAClientThatComesAndGoes) {
    EXPECT_EQ(Serve(""), "");
    EXPECT_EQ(handler_.requests, 0);
}

TEST_F(ServerSessionTest, IsSilentTowardsAClientThatGoesInsideAHead) {
    EXPECT_EQ(Serve("GET / HT"), "");
    EXPECT_EQ(handler_.requests, 0);
}

// --- what is not HTTP
// ------------------------------------------------------------------------------------------------

TEST_F(ServerSessionTest, RefusesWhatIsNotHttpWithoutAskingTheHandler) {
    const std::string received = Serve(
        "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
        "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(received, StartsWith("HTTP/1.1 400 Bad Request\r\n"));
    EXPECT_THAT(received, HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_EQ(handler_.requests, 0);
    EXPECT_TRUE(pipe_.write_ended());
    EXPECT_FALSE(pipe_.reset());
}

TEST_F(ServerSessionTest, ServesWhatCameBeforeWhatIsNotHttp) {
    const std::string received = Serve(std::string(kPut) + "01234garbage\r\n\r\n");
    EXPECT_THAT(received, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(received, HasSubstr("HTTP/1.1 400 Bad Request\r\n"));
    EXPECT_EQ(handler_.requests, 1);
}

TEST_F(ServerSessionTest, ReadsNoMoreThanTheLimitOfAHead) {
    options_.max_header_bytes = 4096;
    const std::string received = Serve("GET / HTTP/1.1\r\nHost: h\r\n" +
                                       Repeat("A: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n", 150));
    EXPECT_THAT(received, StartsWith("HTTP/1.1 431 "));
}

TEST_F(ServerSessionTest, RendersErrorsAsItIsTold) {
    options_.render_error = [](int status, std::string_view) {
        Response response;
        response.status = status;
        response.body = "<Error/>";
        return response;
    };
    EXPECT_THAT(Serve("BAD\r\n\r\n"), AllOf(StartsWith("HTTP/1.1 400"), EndsWith("<Error/>")));
}

// --- bodies of requests
// ----------------------------------------------------------------------------------------------

TEST_F(ServerSessionTest, GivesTheHandlerAChunkedBody) {
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

TEST_F(ServerSessionTest, ReadsALongBodyStraightIntoTheHandlersBuffer) {
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

TEST_F(ServerSessionTest, TellsTheHandlerOfABodyThatBreaksOff) {
    handler_.answer = Echo;
    const std::string received = Serve(std::string(kPut) + "012");
    EXPECT_THAT(received, HasSubstr("closed: "));
    EXPECT_THAT(received, HasSubstr("\r\nConnection: close\r\n"));
}

TEST_F(ServerSessionTest, TellsTheHandlerOfAMalformedChunk) {
    handler_.answer = Echo;
    const std::string received =
        Serve("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n" +
              std::string(kGet));
    EXPECT_THAT(received, HasSubstr("invalid: "));
    EXPECT_THAT(received, HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_EQ(handler_.requests, 1);
}

TEST_F(ServerSessionTest, EndsOnAChunkExtensionWithoutEnd) {
    handler_.answer = Echo;
    EXPECT_THAT(Serve("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
                      std::string(1_MiB, 'x')),
                HasSubstr("invalid: "));
    EXPECT_LE(pipe_.largest_read(), 16_KiB);
}

TEST_F(ServerSessionTest, DropsASmallBodyThatNobodyRead) {
    EXPECT_EQ(Serve(std::string(kPut) + "01234" + std::string(kGet)).find("Connection: close"),
              std::string::npos);
    EXPECT_EQ(handler_.requests, 2);
}

TEST_F(ServerSessionTest, DropsASmallChunkedBodyThatNobodyRead) {
    Serve("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" +
          std::string(kGet));
    EXPECT_EQ(handler_.requests, 2);
}

TEST_F(ServerSessionTest,
       EndsTheConnectionAfterALargeBodyThatNobodyReadAndLetsTheClientSeeTheAnswer) {
    const std::string received =
        Serve("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n" +
              std::string(1'000'000, 'x') + std::string(kGet));
    EXPECT_THAT(received, HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_THAT(received, EndsWith("hello"));
    EXPECT_EQ(handler_.requests, 1);
    EXPECT_TRUE(pipe_.write_ended());
    EXPECT_FALSE(pipe_.reset());
}

TEST_F(ServerSessionTest, EndsTheConnectionAfterALargeChunkedBodyThatNobodyRead) {
    std::string body = "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 20; ++i)
        body += "2000\r\n" + std::string(0x2000, 'x') + "\r\n";
    Serve(body + "0\r\n\r\n" + std::string(kGet));
    EXPECT_EQ(handler_.requests, 1);
    EXPECT_FALSE(pipe_.reset());
}

// --- Expect: 100-continue
// --------------------------------------------------------------------------------------------

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

TEST_F(ServerSessionTest, SaysContinueWhenTheHandlerReads) {
    handler_.answer = Echo;
    EXPECT_THAT(Serve(SendBodyAfterContinue(pipe_)), EndsWith("01234"));
}

Task<void> WaitForContinue(testing::MemoryPipe& pipe) {
    pipe.Send(kExpectingPut);
    co_await pipe.ReceiveUntil("hello");
    pipe.EndSending();
}

TEST_F(ServerSessionTest, RefusesWithoutContinueAndEndsTheConnection) {
    const std::string received = Serve(WaitForContinue(pipe_));
    EXPECT_THAT(received, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(received, HasSubstr("\r\nConnection: close\r\n"));
}

TEST_F(ServerSessionTest, SaysNoContinueToAClientThatDidNotWait) {
    handler_.answer = Echo;
    EXPECT_THAT(Serve(std::string(kExpectingPut) + "01234"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(ServerSessionTest, SaysNoContinueWhereNoBodyIsPromised) {
    handler_.answer = Echo;
    const std::string received =
        Serve("PUT /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n" + std::string(kGet));
    EXPECT_THAT(received, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_EQ(handler_.requests, 2);
}

// --- responses
// -------------------------------------------------------------------------------------------------------

TEST_F(ServerSessionTest, SendsNoBodyToHead) {
    EXPECT_THAT(Serve("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n" + std::string(kGet)),
                ::testing::ContainsRegex("Content-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\n"));
}

TEST_F(ServerSessionTest, TellsHeadTheLengthThatGetWouldHave) {
    handler_.answer = [](Request&) -> Task<Response> {
        Response response;
        response.content_length = 123456;
        co_return response;
    };
    EXPECT_THAT(Serve("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n"),
                HasSubstr("Content-Length: 123456\r\n"));
}

TEST_F(ServerSessionTest, SendsNeitherBodyNorLengthWith204) {
    handler_.answer = [](Request&) -> Task<Response> {
        Response response;
        response.status = 204;
        response.body = "not sent";
        co_return response;
    };
    EXPECT_THAT(Serve(kGet), AllOf(StartsWith("HTTP/1.1 204 No Content\r\n"), EndsWith("\r\n\r\n"),
                                   Not(HasSubstr("Content-Length")), Not(HasSubstr("chunked"))));
}

TEST_F(ServerSessionTest, SendsNeitherBodyNorLengthWith304) {
    handler_.answer = [](Request&) -> Task<Response> {
        Response response;
        response.status = 304;
        co_return response;
    };
    EXPECT_THAT(Serve(kGet), AllOf(EndsWith("\r\n\r\n"), Not(HasSubstr("Content-Length"))));
}

TEST_F(ServerSessionTest, NoHeaderValueCanEndItsLine) {
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

TEST_F(ServerSessionTest, SendsAStreamOfKnownLength) {
    handler_.answer = StreamOf({"abc", "de"}, 5, false);
    EXPECT_THAT(Serve(Repeat(kGet, 2)),
                AllOf(HasSubstr("Content-Length: 5\r\n\r\nabcdeHTTP"), EndsWith("abcde")));
    EXPECT_EQ(pipe_.writes(), 4u);
}

TEST_F(ServerSessionTest, SendsAStreamOfUnknownLengthInChunks) {
    handler_.answer = StreamOf({"abc", "0123456789abcdef"}, std::nullopt, false);
    EXPECT_THAT(Serve(kGet),
                AllOf(HasSubstr("Transfer-Encoding: chunked\r\n"),
                      EndsWith("\r\n\r\n3\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n")));
}

TEST_F(ServerSessionTest, EndsAStreamOfUnknownLengthToHttp10ByClosing) {
    handler_.answer = StreamOf({"abc", "de"}, std::nullopt, false);
    EXPECT_THAT(Serve("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
                AllOf(HasSubstr("Connection: close\r\n"), EndsWith("\r\n\r\nabcde"),
                      Not(HasSubstr("chunked")), Not(HasSubstr("Content-Length"))));
    EXPECT_FALSE(pipe_.reset());
}

TEST_F(ServerSessionTest, SendsAnEmptyStream) {
    handler_.answer = StreamOf({}, 0, false);
    EXPECT_THAT(Serve(kGet), EndsWith("Content-Length: 0\r\n\r\n"));
}

TEST_F(ServerSessionTest, ResetsTheConnectionWhereAStreamFailsAfterTheHead) {
    handler_.answer = StreamOf({"abc"}, 5, true);
    EXPECT_THAT(Serve(Repeat(kGet, 2)), EndsWith("abc"));
    EXPECT_TRUE(pipe_.reset());
}

TEST_F(ServerSessionTest, ResetsTheConnectionWhereAChunkedStreamFails) {
    handler_.answer = StreamOf({"abc"}, std::nullopt, true);
    EXPECT_THAT(Serve(kGet), EndsWith("3\r\nabc"));
    EXPECT_TRUE(pipe_.reset());
}

TEST_F(ServerSessionTest, ResetsTheConnectionWhereAStreamEndsTooEarly) {
    handler_.answer = StreamOf({"abc"}, 5, false);
    Serve(kGet);
    EXPECT_TRUE(pipe_.reset());
}

TEST_F(ServerSessionTest, AnswersWith500WhereAStreamFailsBeforeTheHead) {
    handler_.answer = StreamOf({}, 5, true);
    EXPECT_THAT(Serve(Repeat(kGet, 2)), StartsWith("HTTP/1.1 500 "));
    EXPECT_FALSE(pipe_.reset());
    EXPECT_EQ(handler_.requests, 2);
}

TEST_F(ServerSessionTest, TakesABufferOfThePoolForALongStreamAndGivesItBack) {
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

TEST_F(ServerSessionTest, AnswersWith500WhereTheHandlerThrows) {
    handler_.answer = [](Request&) -> Task<Response> {
        throw std::runtime_error("secret");
        co_return Response{};
    };
    EXPECT_THAT(Serve(Repeat(kGet, 2)),
                AllOf(StartsWith("HTTP/1.1 500 "), Not(HasSubstr("secret"))));
    EXPECT_EQ(handler_.requests, 2);
}

// --- time
// ------------------------------------------------------------------------------------------------------------

Task<void> SendAndWait(testing::MemoryPipe& pipe, std::string_view bytes) {
    pipe.Send(bytes);
    co_await pipe.WaitUntilEnded();
    pipe.EndSending();
}

TEST_F(ServerSessionTest, EndsAnIdleConnectionSilently) {
    options_.idle_timeout = milliseconds(1);
    EXPECT_THAT(Serve(SendAndWait(pipe_, kGet)), EndsWith("hello"));
    EXPECT_EQ(handler_.requests, 1);
}

TEST_F(ServerSessionTest, AnswersAHeadThatNeverEndsWith408) {
    options_.header_timeout = milliseconds(1);
    EXPECT_THAT(Serve(SendAndWait(pipe_, "GET / HTTP/1.1\r\nHos")), StartsWith("HTTP/1.1 408 "));
    EXPECT_EQ(handler_.requests, 0);
}

Task<void> Trickle(testing::MemoryPipe& pipe) {
    pipe.Send("GET / HTTP/1.1\r\n");
    while (!pipe.write_ended()) {
        pipe.Send("A: b\r\n");
        co_await runtime::Sleep(milliseconds(1));
    }
    pipe.EndSending();
}

TEST_F(ServerSessionTest, AnswersAHeadThatComesTooSlowlyWith408) {
    options_.header_timeout = milliseconds(5);
    options_.max_headers = 2000;
    EXPECT_THAT(Serve(Trickle(pipe_)), StartsWith("HTTP/1.1 408 "));
    EXPECT_EQ(handler_.requests, 0);
}

TEST_F(ServerSessionTest, TellsTheHandlerOfABodyThatStopsComing) {
    options_.read_timeout = milliseconds(1);
    handler_.answer = Echo;
    EXPECT_THAT(Serve(SendAndWait(pipe_, std::string(kPut) + "01")),
                AllOf(HasSubstr("timeout: "), HasSubstr("\r\nConnection: close\r\n")));
}

TEST_F(ServerSessionTest, GivesEachPieceOfALongTextAWriteTimeoutOfItsOwn) {
    const std::string text(1_MiB, 'x');
    handler_.answer = [&](Request&) -> Task<Response> {
        Response response;
        response.body = text;
        co_return response;
    };
    EXPECT_THAT(Serve(kGet), EndsWith("\r\n\r\n" + text));
    EXPECT_EQ(pipe_.writes(), 1_MiB / 64_KiB);
}

TEST_F(ServerSessionTest, ResetsAClientThatTakesNothing) {
    options_.write_timeout = milliseconds(1);
    pipe_.SetWindow(10);
    EXPECT_EQ(Serve(SendAndWait(pipe_, kGet)), "HTTP/1.1 2");
    EXPECT_TRUE(pipe_.reset());
}

// --- the end of the server
// -------------------------------------------------------------------------------------------

class DrainTest : public ServerSessionTest {
  protected:
    static Task<void> DrainWhenIdle(DrainTest& test) {
        test.pipe_.Send(kGet);
        co_await test.pipe_.ReceiveUntil("hello");
        test.context_->draining = true;
        test.session_->Drain();
    }

    static Task<void> DrainInFlight(DrainTest& test) {
        test.pipe_.Send(kPut);
        co_await test.in_handler_.Wait();
        test.context_->draining = true;
        test.session_->Drain();
        test.pipe_.Send("01234");
    }

    testing::Signal in_handler_{io_.get_executor()};
};

TEST_F(DrainTest, EndsAnIdleConnectionAtOnce) {
    EXPECT_THAT(Serve(DrainWhenIdle(*this)), EndsWith("hello"));
    EXPECT_FALSE(pipe_.reset());
}

TEST_F(DrainTest, FinishesWhatIsInFlightAndThenEndsTheConnection) {
    handler_.answer = [this](Request& request) -> Task<Response> {
        in_handler_.Notify();
        co_return co_await Echo(request);
    };
    EXPECT_THAT(Serve(DrainInFlight(*this)),
                AllOf(HasSubstr("\r\nConnection: close\r\n"), EndsWith("01234")));
}

}  // namespace
}  // namespace coffer::http
