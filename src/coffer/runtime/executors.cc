#include "coffer/runtime/executors.h"

#include <pthread.h>

#include <exception>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>

#include "coffer/base/check.h"

namespace coffer::runtime {
namespace {

struct OneThread {
    OneThread() : context(1), work(context.get_executor()) {}

    boost::asio::io_context context;
    std::optional<boost::asio::executor_work_guard<Executor>> work;
    std::thread thread;
};

Task<void> Settle(Task<Result<>> task, std::promise<Result<>> ended) {
    std::optional<Result<>> result;
    try {
        result.emplace(co_await std::move(task));
    } catch (const std::exception& e) {
        result.emplace(Error(ErrorKind::kInternal, e.what()));
    }
    ended.set_value(std::move(*result));
}

}  // namespace

struct Executors::State {
    std::vector<std::unique_ptr<OneThread>> threads;
};

Executors::Executors(size_t threads) : state_(std::make_unique<State>()) {
    COFFER_CHECK(threads > 0);
    for (size_t i = 0; i < threads; ++i) {
        auto& one = *state_->threads.emplace_back(std::make_unique<OneThread>());
        one.thread = std::thread([&one, i] {
            pthread_setname_np(pthread_self(), ("io-" + std::to_string(i)).c_str());
            one.context.run();
        });
    }
}

Executors::~Executors() {
    Stop();
    for (auto& one : state_->threads)
        one->thread.join();
}

size_t Executors::size() const {
    return state_->threads.size();
}

boost::asio::io_context& Executors::at(size_t index) {
    return state_->threads.at(index)->context;
}

void Executors::Stop() {
    for (auto& one : state_->threads)
        one->work.reset();
}

Result<> RunBlocking(Executors& executors, Task<Result<>> task) {
    std::promise<Result<>> ended;
    std::future<Result<>> result = ended.get_future();
    boost::asio::co_spawn(executors.at(0).get_executor(), Settle(std::move(task), std::move(ended)),
                          boost::asio::detached);
    return result.get();
}

}  // namespace coffer::runtime
