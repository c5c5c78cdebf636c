// Reads one response, head and body, from buffers. For Coffer's small client.
#pragma once

#include <memory>
#include <string_view>

#include "coffer/http/client.h"

namespace coffer::http {

class ResponseParser {
  public:
    // `to_head`: the answer to a HEAD request has no body, whatever its length says.
    ResponseParser(bool to_head, size_t body_limit_bytes);
    ~ResponseParser();

    // Takes from the front of `in`: how many bytes; 0 where it needs more than that. kCorrupt: not
    // HTTP. kTooLarge: the body is over the limit.
    Result<size_t> Put(std::string_view in);

    // The connection has ended. kClosed where the response had not.
    Result<> PutEnd();

    bool done() const;

    // Once done.
    FetchResult Take();

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace coffer::http
