// A keep-alive connection to a server on loopback that sends one request at a time. Non-blocking;
// used by one thread.
#pragma once

#include <span>

#include "coffer/base/result.h"

#include "bench/loader/response_reader.h"
#include "bench/loader/workload.h"

namespace coffer::bench {

class Connection {
  public:
    enum class Progress {
        kIncomplete,  // wait until it is readable (or writable, while sending())
        kAnswered,    // answer() is whole
        kClosed,      // the server ended it before any byte of the answer
    };

    explicit Connection(uint16_t port) : port_(port) {}
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Blocks until it is connected; ends what was before.
    Result<> Connect();

    // Starts to send; the request's views must live until it is answered.
    Result<> Send(const Request& request);

    // Goes on sending, when it is writable.
    Result<> ContinueSending();

    // Takes what has come. `buffer`: room to read into, shared by all connections.
    Result<Progress> Receive(std::span<char> buffer);

    int fd() const { return fd_; }
    bool sending() const { return sent_ < total_; }
    const Request& request() const { return request_; }
    const ResponseReader& answer() const { return reader_; }

  private:
    const uint16_t port_;
    int fd_ = -1;
    Request request_;
    size_t sent_ = 0;
    size_t total_ = 0;
    ResponseReader reader_;
};

}  // namespace coffer::bench
