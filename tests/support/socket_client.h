// A blocking client of one TCP connection to 127.0.0.1: bytes out, bytes in.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace coffer::testing {

class SocketClient {
  public:
    // Not connected yet, but with a descriptor.
    SocketClient() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {}
    explicit SocketClient(uint16_t port) : SocketClient() { Connect(port); }
    SocketClient(SocketClient&& other) noexcept
        : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_) {}
    ~SocketClient() {
        if (fd_ >= 0) ::close(fd_);
    }

    void Connect(uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    }

    int fd() const { return fd_; }
    bool connected() const { return connected_; }

    void Send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n < 0) return;
            bytes.remove_prefix(static_cast<size_t>(n));
        }
    }

    // Until `text` has come, or the server ended the connection.
    std::string ReceiveUntil(std::string_view text) {
        while (received_.find(text) == std::string::npos && ReceiveSome()) {
        }
        return std::exchange(received_, "");
    }
    std::string ReceiveAll() {
        while (ReceiveSome()) {
        }
        return std::exchange(received_, "");
    }

    // errno of the last call that failed; 0 after an orderly end.
    int error() const { return error_; }

  private:
    bool ReceiveSome() {
        char buffer[65536];
        const ssize_t n = ::recv(fd_, buffer, sizeof buffer, 0);
        if (n > 0) received_.append(buffer, static_cast<size_t>(n));
        error_ = n < 0 ? errno : 0;
        return n > 0;
    }

    int fd_;
    bool connected_ = false;
    int error_ = 0;
    std::string received_;
};

}  // namespace coffer::testing
