#include "coffer/runtime/background_loop.h"

#include <future>
#include <utility>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "coffer/base/check.h"

namespace coffer::runtime {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

struct BackgroundLoop::Run {
    explicit Run(Executor e) : executor(e), timer(e) {}
    Executor executor;
    asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> timer;  // on executor
    bool woken = false;                                                           // on executor
    std::promise<void> ended;
};

BackgroundLoop::BackgroundLoop(std::function<Task<Duration>()> step) : step_(std::move(step)) {}

BackgroundLoop::~BackgroundLoop() {
    Stop();
}

void BackgroundLoop::Start(Executor executor) {
    MutexLock lock(mutex_);
    COFFER_CHECK(run_ == nullptr);
    run_ = std::make_shared<Run>(executor);
    asio::co_spawn(executor, Loop(run_), asio::detached);
}

void BackgroundLoop::Wake() {
    MutexLock lock(mutex_);
    if (run_ == nullptr) return;
    asio::post(run_->executor, [run = run_] {
        run->woken = true;
        run->timer.cancel();
    });
}

void BackgroundLoop::Stop() {
    std::shared_ptr<Run> run;
    {
        MutexLock lock(mutex_);
        run = run_;
    }
    if (run == nullptr) return;
    stopping_ = true;
    Wake();
    run->ended.get_future().wait();
    {
        MutexLock lock(mutex_);
        run_ = nullptr;
    }
    stopping_ = false;
}

Task<void> BackgroundLoop::Loop(std::shared_ptr<Run> run) {
    while (!stopping_) {
        run->woken = false;
        const Duration rest = co_await step_();
        if (run->woken || stopping_ || rest <= Duration::zero()) continue;
        if (rest == kUntilWoken)
            run->timer.expires_at(Clock::time_point::max());
        else
            run->timer.expires_after(rest);
        boost::system::error_code cancelled;
        co_await run->timer.async_wait(
            asio::redirect_error(asio::use_awaitable_t<Executor>(), cancelled));
    }
    run->ended.set_value();
}

}  // namespace coffer::runtime
