// A thread per core, each with an io_context of its own: what runs on one needs no lock against
// itself.
#pragma once

#include <cstddef>
#include <memory>

#include "coffer/runtime/task.h"

namespace coffer::runtime {

class Executors {
  public:
    explicit Executors(size_t threads);
    ~Executors();  // Stop, and join

    size_t size() const;
    boost::asio::io_context& at(size_t index);

    // Lets go of the threads once their work has ended; Stop does not wait for work.
    void Stop();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// Runs `task` on the first executor, and waits for it on the calling thread, which is none of the
// executors'. For start-up, commands and tests.
Result<> RunBlocking(Executors& executors, Task<Result<>> task);

}  // namespace coffer::runtime
