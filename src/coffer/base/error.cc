#include "coffer/base/error.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace coffer {

std::string_view ToString(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::kNotFound:
            return "not-found";
        case ErrorKind::kAlreadyExists:
            return "already-exists";
        case ErrorKind::kConflict:
            return "conflict";
        case ErrorKind::kPreconditionFailed:
            return "precondition-failed";
        case ErrorKind::kInvalid:
            return "invalid";
        case ErrorKind::kUnauthenticated:
            return "unauthenticated";
        case ErrorKind::kDenied:
            return "denied";
        case ErrorKind::kTooLarge:
            return "too-large";
        case ErrorKind::kQuotaExceeded:
            return "quota-exceeded";
        case ErrorKind::kNoSpace:
            return "no-space";
        case ErrorKind::kBusy:
            return "busy";
        case ErrorKind::kTimeout:
            return "timeout";
        case ErrorKind::kUnavailable:
            return "unavailable";
        case ErrorKind::kClosed:
            return "closed";
        case ErrorKind::kIo:
            return "io";
        case ErrorKind::kCorrupt:
            return "corrupt";
        case ErrorKind::kUnsupported:
            return "unsupported";
        case ErrorKind::kInternal:
            return "internal";
    }
    return "unknown";
}

bool Error::retryable() const {
    return kind_ == ErrorKind::kBusy || kind_ == ErrorKind::kTimeout ||
           kind_ == ErrorKind::kUnavailable;
}

Error Error::Wrap(std::string_view context) const {
    return Error(kind_, code_, fmt::format("{}: {}", context, message_));
}

std::string Error::ToString() const {
    if (code_.empty()) return fmt::format("{}: {}", coffer::ToString(kind_), message_);
    return fmt::format("{} ({}): {}", coffer::ToString(kind_), code_, message_);
}

Error ErrnoError(int errno_value, std::string_view what) {
    ErrorKind kind = ErrorKind::kIo;
    switch (errno_value) {
        case ENOENT:
            kind = ErrorKind::kNotFound;
            break;
        case EEXIST:
            kind = ErrorKind::kAlreadyExists;
            break;
        case ENOSPC:
        case EDQUOT:
            kind = ErrorKind::kNoSpace;
            break;
        case EMFILE:
        case ENFILE:
            kind = ErrorKind::kBusy;
            break;
        case EACCES:
        case EPERM:
            kind = ErrorKind::kDenied;
            break;
        default:
            break;
    }
    return Error(kind, fmt::format("{}: {}", what, std::generic_category().message(errno_value)));
}

}  // namespace coffer
