// A non-blocking socket whose readiness a coroutine can wait for. Reading and writing are its
// user's own system calls.
//
// Owned by a stream or a listener, and used on one executor.
#pragma once

#include <memory>

#include "coffer/runtime/task.h"

namespace coffer::http {

class Socket {
  public:
    // Takes `fd`.
    Socket(runtime::Executor executor, int fd);
    ~Socket();
    Socket(Socket&&) noexcept;

    // -1 once closed.
    int fd() const;

    // kTimeout after CancelWaits, kClosed after Close.
    Task<Result<>> WaitReadable();
    Task<Result<>> WaitWritable();

    // Whoever sends says how much the system took; of that, what the peer has acknowledged.
    void CountSent(size_t bytes);
    uint64_t acknowledged_bytes() const;

    // Ends what waits now.
    void CancelWaits();

    // Ends what waits now, and closes. `abortive` resets the connection (RST) instead of ending it
    // (FIN).
    void Close(bool abortive);

  private:
    struct State;
    Task<Result<>> Wait(bool readable);
    std::unique_ptr<State> state_;
};

}  // namespace coffer::http
