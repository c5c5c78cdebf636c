#include "coffer/http/unix_address.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

namespace coffer::http {

Result<UnixAddress> UnixAddress::Of(const std::string& path) {
    UnixAddress address;
    std::string reached = path;
    if (reached.size() >= sizeof address.address_.sun_path) {
        const size_t slash = path.rfind('/');
        const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
        address.directory_ = UniqueFd(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        if (address.directory_.get() < 0) return ErrnoError(errno, "open " + directory);
        reached = fmt::format("/proc/self/fd/{}/{}", address.directory_.get(),
                              path.substr(slash == std::string::npos ? 0 : slash + 1));
    }
    if (reached.size() >= sizeof address.address_.sun_path)
        return Error(ErrorKind::kInvalid, path + " is too long for a socket's name");
    address.address_.sun_family = AF_UNIX;
    std::ranges::copy(reached, address.address_.sun_path);
    return address;
}

}  // namespace coffer::http
