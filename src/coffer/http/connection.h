// A ByteStream that a server session runs over: TCP, TLS, or memory in tests.
//
// Used by one session on one executor; one call at a time, except Close and CancelRead, which end
// the one that waits.
#pragma once

#include "coffer/runtime/byte_stream.h"

namespace coffer::http {

class Connection : public ByteStream {
  public:
    // What comes before the first byte of HTTP: TLS's handshake, or nothing. kClosed when it fails.
    virtual Task<Result<>> Handshake() = 0;

    // Waits until there is something to read, or the end. Needs no buffer, so that an idle
    // connection holds none.
    virtual Task<Result<>> WaitReadable() = 0;

    // Makes a Read or WaitReadable that waits now fail with kTimeout. The connection stays usable.
    virtual void CancelRead() = 0;

    // How much the peer's side has acknowledged so far, also of a Write that still waits. Never
    // less than before; a system call.
    virtual uint64_t acknowledged_bytes() const = 0;
};

}  // namespace coffer::http
