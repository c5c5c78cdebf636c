// Why something failed: one type for every layer.
//
// The kind is what code decides by; the message is for the person who reads it, and never holds a
// secret. A layer that knows exactly which error of a public interface this is (the service knows
// "NoSuchKey") names it as `code`; the interfaces map codes and kinds to their own form in one
// table each (api/s3/errors.cc).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace coffer {

enum class ErrorKind : uint8_t {
    kNotFound,            // what was named does not exist
    kAlreadyExists,       // what was to be made exists
    kConflict,            // the state of things forbids it (a bucket that is not empty)
    kPreconditionFailed,  // a condition that the caller gave does not hold
    kInvalid,             // the request is malformed, or against a rule
    kUnauthenticated,     // who asks is not known, or could not prove it
    kDenied,              // who asks is known and may not
    kTooLarge,            // over a limit
    kQuotaExceeded,       // over a quota
    kNoSpace,             // the disk is full
    kBusy,                // overloaded; the same request may succeed later
    kTimeout,             // a deadline passed
    kUnavailable,         // something that is needed is not there now
    kClosed,              // the other side ended the connection, or the stream ended early
    kIo,                  // the operating system reported a failure
    kCorrupt,             // bytes are not what they were when they were written
    kUnsupported,         // not offered
    kInternal,            // a fault of Coffer
};

// The name of a kind, as it stands in logs: "not-found", "no-space", …
std::string_view ToString(ErrorKind kind);

class [[nodiscard]] Error {
  public:
    Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {}

    // `code`: a string literal such as "NoSuchKey"; it is kept as a view.
    Error(ErrorKind kind, std::string_view code, std::string message)
        : kind_(kind), code_(code), message_(std::move(message)) {}

    ErrorKind kind() const { return kind_; }

    // The exact error of a public interface, or empty where only the kind is known.
    std::string_view code() const { return code_; }
    const std::string& message() const { return message_; }

    // True when the same call may succeed later without anything having been mended.
    bool retryable() const;

    // "<context>: <message>", of the same kind and code. For the layer that knows what was being
    // done.
    Error Wrap(std::string_view context) const;

    // "not-found (NoSuchKey): message", for logs and tests.
    std::string ToString() const;

  private:
    ErrorKind kind_;
    std::string_view code_;
    std::string message_;
};

// The Error of a failed system call: `what` ("write /data/x"), and errno's meaning. ENOENT is
// kNotFound, EEXIST kAlreadyExists, ENOSPC and EDQUOT kNoSpace, EMFILE and ENFILE kBusy, EACCES and
// EPERM kDenied, the rest kIo.
Error ErrnoError(int errno_value, std::string_view what);

}  // namespace coffer
