// A session from request to request: order, errors, time, and its end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "coffer/runtime/sleep.h"

#include "tests/support/server_session_fixture.h"

namespace coffer::http {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

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

Task<void> TrickleABody(testing::MemoryPipe& pipe) {
    pipe.Send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n");
    while (!pipe.write_ended()) {
        pipe.Send("x");
        co_await runtime::Sleep(milliseconds(1));
    }
    pipe.EndSending();
}

TEST_F(ServerSessionTest, TellsTheHandlerOfABodyThatComesAByteAtATime) {
    options_.read_timeout = milliseconds(20);
    handler_.answer = Echo;
    EXPECT_THAT(Serve(TrickleABody(pipe_)),
                AllOf(HasSubstr("timeout: "), HasSubstr("\r\nConnection: close\r\n")));
}

Task<void> SendSlowly(testing::MemoryPipe& pipe, std::string_view body) {
    pipe.Send("PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n");
    for (; !body.empty() && !pipe.closed(); body.remove_prefix(8_KiB)) {
        pipe.Send(body.substr(0, 8_KiB));
        co_await runtime::Sleep(milliseconds(4));
    }
    pipe.EndSending();
}

TEST_F(ServerSessionTest, LetsAClientSendMuchInItsOwnTime) {
    const std::string text(2_MiB, 'x');
    options_.read_timeout = milliseconds(500);  // half of what it takes
    handler_.answer = Echo;
    EXPECT_THAT(Serve(SendSlowly(pipe_, text)), EndsWith("\r\n\r\n" + text));
}

Task<void> SendSmallBodiesLate(testing::MemoryPipe& pipe, int requests) {
    for (int i = 0; i < requests && !pipe.closed(); ++i) {
        pipe.Send(kPut);
        co_await runtime::Sleep(milliseconds(25));
        pipe.Send("01234");
    }
    pipe.EndSending();
}

TEST_F(ServerSessionTest, GivesEachRequestsBodyTheWholeTime) {
    options_.read_timeout = milliseconds(500);  // half of what all take
    handler_.answer = Echo;
    EXPECT_THAT(Serve(SendSmallBodiesLate(pipe_, 40)), Not(HasSubstr("timeout: ")));
    EXPECT_EQ(handler_.requests, 40);
}

Task<void> TakeSlowly(testing::MemoryPipe& pipe) {
    pipe.SetWindow(0);
    pipe.Send(kGet);
    while (!pipe.closed() && !pipe.received().ends_with("end")) {
        pipe.SetWindow(8_KiB);
        co_await runtime::Sleep(milliseconds(4));
    }
    pipe.SetWindow(SIZE_MAX);
    pipe.EndSending();
}

TEST_F(ServerSessionTest, LetsAClientTakeItsTimeForMuch) {
    const std::string text = std::string(2_MiB, 'x') + "end";
    options_.write_timeout = milliseconds(500);  // half of what it takes
    handler_.answer = [&](Request&) -> Task<Response> {
        Response response;
        response.body = text;
        co_return response;
    };
    EXPECT_THAT(Serve(TakeSlowly(pipe_)), EndsWith("\r\n\r\n" + text));
    EXPECT_FALSE(pipe_.reset());
}

// Endless, and never much at once.
class TricklingSource final : public ByteSource {
  public:
    Task<Result<size_t>> Read(ByteSpan out) override {
        const ByteSpan some = out.first(std::min<size_t>(out.size(), 1_KiB));
        std::ranges::fill(some, std::byte('x'));
        co_return some.size();
    }
};

Task<void> TakeLittleAtATime(testing::MemoryPipe& pipe) {
    pipe.SetWindow(0);
    pipe.Send(kGet);
    while (!pipe.closed()) {
        pipe.SetWindow(100);
        co_await runtime::Sleep(milliseconds(1));
    }
}

// Each of its pieces is gone in time.
TEST_F(ServerSessionTest, ResetsAClientThatTakesTooLittleOfManyPieces) {
    options_.write_timeout = milliseconds(20);
    handler_.answer = [](Request&) -> Task<Response> {
        Response response;
        response.body = std::make_unique<TricklingSource>();
        co_return response;
    };
    Serve(TakeLittleAtATime(pipe_));
    EXPECT_TRUE(pipe_.reset());
}

TEST_F(ServerSessionTest, ResetsAClientThatTakesNothing) {
    options_.write_timeout = milliseconds(1);
    pipe_.SetWindow(10);
    EXPECT_EQ(Serve(SendAndWait(pipe_, kGet)), "HTTP/1.1 2");
    EXPECT_TRUE(pipe_.reset());
}

// Counts how often it gets its turn while the session runs.
Task<void> CountTurns(testing::MemoryPipe& pipe, int& turns) {
    while (!pipe.closed()) {
        ++turns;
        co_await runtime::Yield();
    }
}

TEST_F(ServerSessionTest, AFastUploadLeavesTurnsToOthers) {
    handler_.answer = Echo;
    pipe_.Send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 8388608\r\n\r\n" +
               std::string(8_MiB, 'x'));
    pipe_.EndSending();
    int turns = 0;
    Serve(CountTurns(pipe_, turns));
    EXPECT_GE(turns, 16);
}

TEST_F(ServerSessionTest, PipelinedRequestsLeaveTurnsToOthers) {
    pipe_.Send(Repeat(kGet, 100));
    pipe_.EndSending();
    int turns = 0;
    Serve(CountTurns(pipe_, turns));
    EXPECT_GE(turns, 99);
}

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
