#include "coffer/runtime/suspend.h"

#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace coffer::runtime {
namespace {

namespace asio = boost::asio;

using Token = asio::use_awaitable_t<Executor>;
using Handler = asio::async_result<Token, void()>::handler_type;

// Keeps run() from returning.
auto Tracked(const Handler& handler) {
    return asio::prefer(asio::get_associated_executor(handler),
                        asio::execution::outstanding_work.tracked);
}

}  // namespace

struct Waker::State {
    explicit State(Handler h) : executor(Tracked(h)), handler(std::move(h)) {}
    decltype(Tracked(std::declval<Handler>())) executor;
    Handler handler;
};

Waker::Waker(std::shared_ptr<State> state) : state_(std::move(state)) {}

void Waker::operator()() const {
    // A copy, since the coroutine may end before post returns, and whoever holds this with it.
    const auto executor = state_->executor;
    asio::post(executor, [state = state_] { std::move(state->handler)(); });
}

Task<void> Suspend(std::function<void(Waker)> start) {
    co_await asio::async_initiate<const Token, void()>(
        [&](Handler handler) { start(Waker(std::make_shared<Waker::State>(std::move(handler)))); },
        Token());
}

}  // namespace coffer::runtime
