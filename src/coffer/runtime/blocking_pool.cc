#include "coffer/runtime/blocking_pool.h"

#include <pthread.h>

#include <deque>
#include <exception>
#include <thread>
#include <vector>

#include "coffer/base/mutex.h"
#include "coffer/runtime/suspend.h"

namespace coffer::runtime {

struct BlockingPool::State {
    State(std::string pool_name, size_t limit) : name(std::move(pool_name)), queue_limit(limit) {}

    // A place in the queue, to be filled by Push. Taken first, so that a refused caller has nothing
    // to take back.
    bool Reserve() {
        MutexLock lock(mutex);
        if (waiting >= queue_limit) return false;
        ++waiting;
        return true;
    }

    void Push(std::function<void()> work) {
        {
            MutexLock lock(mutex);
            queue.push_back(std::move(work));
        }
        wake.NotifyOne();
    }

    void RunThread() {
        pthread_setname_np(pthread_self(), name.c_str());
        while (std::function<void()> work = Next())
            work();
    }

    // Blocks until there is work; empty once the pool ends and nothing is queued.
    std::function<void()> Next() {
        MutexLock lock(mutex);
        while (queue.empty()) {
            if (ending) return {};
            wake.Wait(mutex);
        }
        std::function<void()> work = std::move(queue.front());
        queue.pop_front();
        --waiting;
        return work;
    }

    const std::string name;
    const size_t queue_limit;
    mutable Mutex mutex;
    CondVar wake;
    std::deque<std::function<void()>> queue GUARDED_BY(mutex);
    size_t waiting GUARDED_BY(mutex) = 0;  // queued, or about to be
    bool ending GUARDED_BY(mutex) = false;
    std::vector<std::thread> threads;
};

BlockingPool::BlockingPool(std::string name, size_t threads, size_t queue_limit)
    : state_(std::make_unique<State>(std::move(name), queue_limit)) {
    for (size_t i = 0; i < threads; ++i) {
        state_->threads.emplace_back([state = state_.get()] { state->RunThread(); });
    }
}

BlockingPool::~BlockingPool() {
    {
        MutexLock lock(state_->mutex);
        state_->ending = true;
    }
    state_->wake.NotifyAll();
    for (std::thread& thread : state_->threads)
        thread.join();
}

bool BlockingPool::TryPost(std::function<void()> work) {
    if (!state_->Reserve()) return false;
    state_->Push(std::move(work));
    return true;
}

size_t BlockingPool::queued() const {
    MutexLock lock(state_->mutex);
    return state_->waiting;
}

Task<Result<>> BlockingPool::RunErased(std::function<void()> work) {
    if (!state_->Reserve()) {
        co_return Error(ErrorKind::kBusy, "the queue of '" + state_->name + "' is full");
    }
    std::exception_ptr thrown;
    co_await Suspend([&](Waker wake) {
        state_->Push([&work, &thrown, wake = std::move(wake)] {
            try {
                work();
            } catch (...) {
                thrown = std::current_exception();
            }
            wake();
        });
    });
    if (thrown) std::rethrow_exception(thrown);
    co_return Ok();
}

}  // namespace coffer::runtime
