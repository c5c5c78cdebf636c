// The address of a Unix socket, whatever the length of its path.
//
// The system takes 107 bytes of a path. A longer one is reached through a descriptor of its
// directory, which this holds.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <string>

#include "coffer/base/result.h"
#include "coffer/http/unique_fd.h"

namespace coffer::http {

class UnixAddress {
  public:
    // kInvalid: even the last name of the path is too long. Errors of opening its directory.
    static Result<UnixAddress> Of(const std::string& path);

    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address_); }
    socklen_t size() const { return sizeof address_; }

  private:
    sockaddr_un address_{};
    UniqueFd directory_;
};

}  // namespace coffer::http
