// The head of an HTTP/1 request, from buffers (RFC 9112). Pure, no I/O.
//
// Own code, and strict: two parties that read one message in two ways is how requests are smuggled,
// and the libraries accept folded lines, bare line feeds and lengths given twice.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "coffer/base/bytes.h"
#include "coffer/http/message.h"

namespace coffer::http {

// What a request is answered with that is not even HTTP. The connection ends after it.
struct ProtocolError {
    int status;  // 400, 408, 414, 417, 431, 501, 505
    std::string_view message;
};

template <class T>
using Parsed =
    boost::outcome_v2::basic_result<T, ProtocolError, boost::outcome_v2::policy::terminate>;

struct HeadLimits {
    size_t bytes;         // of the whole head: 431
    size_t headers;       // 431
    size_t target_bytes;  // 414
};

struct RequestHead {
    std::string method;
    std::string target;  // origin form; an absolute form has been reduced to it
    Headers headers;
    bool http_1_0 = false;
    bool keep_alive = false;  // what the client would like
    bool expects_continue = false;
    bool chunked = false;
    uint64_t content_length = 0;  // 0 where `chunked`

    bool has_body() const { return chunked || content_length > 0; }
};

// Finds the end of a head while it comes in, and refuses early what can't become one.
class HeadScanner {
  public:
    explicit HeadScanner(const HeadLimits& limits) : limits_(limits) {}

    // `data`: all bytes from the start of the request, more of them at each call. The length of the
    // head with the empty line that ends it; nothing while it is not complete.
    Parsed<std::optional<size_t>> Scan(std::string_view data);

  private:
    const HeadLimits limits_;
    size_t line_start_ = 0;
    size_t lines_ = 0;
};

// `head`: what HeadScanner found.
Parsed<RequestHead> ParseHead(std::string_view head, const HeadLimits& limits);

}  // namespace coffer::http
