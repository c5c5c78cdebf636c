#include "coffer/http/socket.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace coffer::http {

using Descriptor = boost::asio::posix::basic_stream_descriptor<runtime::Executor>;

struct Socket::State {
    State(runtime::Executor executor, int fd) : descriptor(executor, fd) {}
    Descriptor descriptor;
    uint64_t sent_bytes = 0;
    mutable uint64_t acknowledged_bytes = 0;  // as of the last look
};

Socket::Socket(runtime::Executor executor, int fd)
    : state_(std::make_unique<State>(executor, fd)) {}

Socket::~Socket() = default;
Socket::Socket(Socket&&) noexcept = default;

int Socket::fd() const {
    return state_->descriptor.is_open() ? state_->descriptor.native_handle() : -1;
}

Task<Result<>> Socket::WaitReadable() {
    return Wait(true);
}
Task<Result<>> Socket::WaitWritable() {
    return Wait(false);
}

Task<Result<>> Socket::Wait(bool readable) {
    if (!state_->descriptor.is_open()) co_return Error(ErrorKind::kClosed, "closed");
    boost::system::error_code error;
    co_await state_->descriptor.async_wait(
        readable ? Descriptor::wait_read : Descriptor::wait_write,
        boost::asio::redirect_error(boost::asio::use_awaitable_t<runtime::Executor>(), error));
    if (!error) co_return Ok();
    if (!state_->descriptor.is_open()) co_return Error(ErrorKind::kClosed, "closed");
    if (error == boost::asio::error::operation_aborted) {
        co_return Error(ErrorKind::kTimeout, "waited too long");
    }
    co_return Error(ErrorKind::kIo, "wait for a socket: " + error.message());
}

void Socket::CountSent(size_t bytes) {
    state_->sent_bytes += bytes;
}

// SIOCOUTQ: what has been sent and not been acknowledged (tcp(7)).
uint64_t Socket::acknowledged_bytes() const {
    int queued = 0;
    if (::ioctl(fd(), SIOCOUTQ, &queued) == 0) {
        const uint64_t waiting = std::min(static_cast<uint64_t>(queued), state_->sent_bytes);
        state_->acknowledged_bytes =
            std::max(state_->acknowledged_bytes, state_->sent_bytes - waiting);
    }
    return state_->acknowledged_bytes;
}

void Socket::CancelWaits() {
    boost::system::error_code ignored;
    state_->descriptor.cancel(ignored);
}

void Socket::Close(bool abortive) {
    if (!state_->descriptor.is_open()) return;
    if (abortive) {
        const linger now{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    boost::system::error_code ignored;
    state_->descriptor.close(ignored);
}

}  // namespace coffer::http
