// A connection in memory: the test is the client.
//
// All calls come from one io_context. What the test sends arrives in the pieces that it was sent
// in.
#pragma once

#include <algorithm>
#include <cstring>
#include <deque>
#include <string>
#include <utility>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "coffer/http/connection.h"

namespace coffer::testing {

// Something that coroutines of one executor wait for.
class Signal {
  public:
    explicit Signal(runtime::Executor executor)
        : timer_(executor, std::chrono::steady_clock::time_point::max()) {}

    void Notify() { timer_.cancel(); }

    // Until the next Notify.
    Task<void> Wait() {
        boost::system::error_code cancelled;
        co_await timer_.async_wait(boost::asio::redirect_error(
            boost::asio::use_awaitable_t<runtime::Executor>(), cancelled));
    }

  private:
    using Clock = std::chrono::steady_clock;
    boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, runtime::Executor>
        timer_;
};

// What both ends see. The test keeps it; the connection that the code under test owns refers to it.
class MemoryPipe {
  public:
    explicit MemoryPipe(runtime::Executor executor) : changed_(executor) {}

    // Client to server: each call is what one Read sees at most.
    void Send(std::string_view bytes) {
        sent_.emplace_back(bytes);
        changed_.Notify();
    }
    void EndSending() {
        ended_ = true;
        changed_.Notify();
    }

    // Server to client.
    const std::string& received() const { return received_; }

    // Waits until the server has sent at least `size` bytes in all, or closed.
    Task<void> Receive(size_t size) {
        while (received_.size() < size && !closed_)
            co_await changed_.Wait();
    }
    Task<void> ReceiveUntil(std::string_view text) {
        while (received_.find(text) == std::string::npos && !closed_)
            co_await changed_.Wait();
    }
    // Waits until the server says that it will send no more.
    Task<void> WaitUntilEnded() {
        while (!closed_ && !write_ended_)
            co_await changed_.Wait();
    }

    // How many bytes more the client takes before the server has to wait.
    void SetWindow(size_t bytes) {
        window_ = bytes;
        changed_.Notify();
    }

    bool write_ended() const { return write_ended_; }
    bool closed() const { return closed_; }
    bool reset() const { return reset_; }
    size_t largest_read() const { return largest_read_; }
    size_t writes() const { return writes_; }

  private:
    friend class MemoryConnection;
    Signal changed_;
    std::deque<std::string> sent_;
    std::string received_;
    size_t window_ = SIZE_MAX;
    size_t largest_read_ = 0;  // the largest buffer that the server read into
    size_t writes_ = 0;
    bool ended_ = false;
    bool write_ended_ = false;
    bool closed_ = false;
    bool reset_ = false;
    bool read_cancelled_ = false;
};

class MemoryConnection final : public http::Connection {
  public:
    explicit MemoryConnection(MemoryPipe& pipe) : pipe_(pipe) {}

    Task<Result<>> Handshake() override { co_return Ok(); }

    Task<Result<>> WaitReadable() override {
        pipe_.read_cancelled_ = false;
        while (true) {
            if (pipe_.closed_) co_return Error(ErrorKind::kClosed, "closed");
            if (!pipe_.sent_.empty() || pipe_.ended_) co_return Ok();
            if (pipe_.read_cancelled_) co_return Error(ErrorKind::kTimeout, "cancelled");
            co_await pipe_.changed_.Wait();
        }
    }

    Task<Result<size_t>> Read(ByteSpan out) override {
        pipe_.largest_read_ = std::max(pipe_.largest_read_, out.size());
        CO_TRY(co_await WaitReadable());
        if (pipe_.sent_.empty()) co_return 0;
        std::string& piece = pipe_.sent_.front();
        const size_t n = std::min(piece.size(), out.size());
        std::memcpy(out.data(), piece.data(), n);
        piece.erase(0, n);
        if (piece.empty()) pipe_.sent_.pop_front();
        co_return n;
    }

    void CancelRead() override {
        pipe_.read_cancelled_ = true;
        pipe_.changed_.Notify();
    }

    Task<Result<>> Write(ByteView data) override { co_return co_await WriteBoth(data, {}); }

    Task<Result<>> WriteBoth(ByteView head, ByteView body) override {
        ++pipe_.writes_;
        std::string all(AsText(head));
        all += AsText(body);
        while (!all.empty()) {
            if (pipe_.closed_ || pipe_.write_ended_) co_return Error(ErrorKind::kClosed, "closed");
            const size_t n = std::min(all.size(), pipe_.window_);
            if (n == 0) {
                co_await pipe_.changed_.Wait();
                continue;
            }
            acknowledged_bytes_ += n;
            pipe_.received_.append(all, 0, n);
            if (pipe_.window_ != SIZE_MAX) pipe_.window_ -= n;
            all.erase(0, n);
            pipe_.changed_.Notify();
        }
        co_return Ok();
    }

    Task<Result<>> ShutdownWrite() override {
        if (pipe_.closed_) co_return Error(ErrorKind::kClosed, "closed");
        pipe_.write_ended_ = true;
        pipe_.changed_.Notify();
        co_return Ok();
    }

    void Close(bool abortive) override {
        if (pipe_.closed_) return;
        pipe_.closed_ = true;
        pipe_.reset_ = abortive;
        pipe_.changed_.Notify();
    }

    uint64_t acknowledged_bytes() const override { return acknowledged_bytes_; }

  private:
    MemoryPipe& pipe_;
    uint64_t acknowledged_bytes_ = 0;
};

}  // namespace coffer::testing
