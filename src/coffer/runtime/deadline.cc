#include "coffer/runtime/deadline.h"

#include <utility>

#include <boost/asio/basic_waitable_timer.hpp>

#include "coffer/base/clock.h"

namespace coffer::runtime {
namespace {

using Timer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

constexpr SteadyTime kNever = SteadyTime::max();

}  // namespace

// Shared with the pending wait, which may be told of its end after the Deadline is gone.
struct Deadline::State : std::enable_shared_from_this<Deadline::State> {
    State(Executor executor, std::function<void()> expiry)
        : timer(executor), on_expiry(std::move(expiry)) {}

    void Wait() {
        fires_at = due;
        timer.expires_at(fires_at);  // ends the wait before this one
        timer.async_wait([self = shared_from_this(), wait = ++last_wait](auto) {
            if (wait == self->last_wait) self->Fire();
        });
    }

    void Fire() {
        fires_at = kNever;
        if (due == kNever) return;
        if (std::chrono::steady_clock::now() < due) return Wait();
        due = kNever;
        expired = true;
        on_expiry();
    }

    Timer timer;
    std::function<void()> on_expiry;
    SteadyTime due = kNever;
    SteadyTime fires_at = kNever;
    uint64_t last_wait = 0;
    bool expired = false;
};

Deadline::Deadline(Executor executor, std::function<void()> on_expiry)
    : state_(std::make_shared<State>(executor, std::move(on_expiry))) {}

Deadline::~Deadline() {
    ++state_->last_wait;
    state_->timer.cancel();
}

void Deadline::Set(std::chrono::milliseconds timeout) {
    state_->expired = false;
    state_->due = std::chrono::steady_clock::now() + timeout;
    if (state_->due < state_->fires_at) state_->Wait();
}

void Deadline::Clear() {
    state_->expired = false;
    state_->due = kNever;
}

bool Deadline::expired() const {
    return state_->expired;
}

}  // namespace coffer::runtime
