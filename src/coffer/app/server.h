// A running server: everything wired together, from the disk to the ports.
//
// Made, stopped and destroyed by one thread, which is none of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "coffer/app/config.h"
#include "coffer/app/data_directory.h"
#include "coffer/base/result.h"
#include "coffer/os/file_system.h"

namespace coffer::app {

class Server {
  public:
    // Opens the catalogue and the store, puts right what a crash left, and listens. When it
    // returns, requests are served. `files` outlives it. Blocks. Errors say what is wrong where: an
    // address in use, a catalogue of a newer program, a certificate that can't be read, …
    static Result<std::unique_ptr<Server>> Start(const Config& config, os::FileSystem& files,
                                                 DataDirectory directory);

    // Stop with no patience, where it was not called.
    ~Server();

    // Serves no new request, finishes what is in flight for at most `grace`, and leaves the
    // catalogue in good order.
    void Stop(std::chrono::milliseconds grace);

    bool tls() const;
    uint16_t port() const;
    uint16_t second_port() const;  // 0: there is none

  private:
    struct State;
    explicit Server(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace coffer::app
