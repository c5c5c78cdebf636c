// A request and a response, independent of the library that parses them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "coffer/runtime/byte_stream.h"

namespace coffer::http {

struct Header {
    std::string name;
    std::string value;  // bytes as sent, without the white space around them
};

// Headers in the order in which they came. Names compare without regard to case (RFC 9110, 5.1).
class Headers {
  public:
    void Add(std::string_view name, std::string_view value);
    void Set(std::string_view name, std::string_view value);  // in place of all of that name
    void Remove(std::string_view name);

    // The first of that name; a view into this object.
    std::optional<std::string_view> Get(std::string_view name) const;
    std::string_view GetOr(std::string_view name, std::string_view otherwise) const;
    bool Has(std::string_view name) const { return Get(name).has_value(); }
    size_t Count(std::string_view name) const;

    auto begin() const { return headers_.begin(); }
    auto end() const { return headers_.end(); }
    size_t size() const { return headers_.size(); }

  private:
    std::vector<Header> headers_;
};

// A request's body. The first Read sends `100 Continue` where the client waits for it, so that
// whatever refuses a request does so before it reads. Errors: kClosed (the client went away, or
// sent less than it promised), kTimeout, kInvalid (malformed chunked coding).
class Body : public ByteSource {
  public:
    // Bytes that the client promised; nothing for a chunked body.
    virtual std::optional<uint64_t> length() const = 0;
};

struct Peer {
    std::string address;  // numeric, without port
    uint16_t port = 0;
    bool tls = false;
};

struct Request {
    std::string method;  // as sent
    std::string target;  // origin form, as sent: "/bucket/key?list-type=2"
    Headers headers;
    Peer peer;
    Body* body = nullptr;  // never null inside a handler; of length 0 where there is none
};

struct Response {
    int status = 200;
    Headers headers;

    // What to send: nothing, bytes, or a stream of exactly `content_length` bytes. A stream that
    // fails after the head was sent resets the connection before the promised length.
    std::variant<std::monostate, std::string, std::unique_ptr<ByteSource>> body;

    // Content-Length where `body` is a stream (nothing: chunked coding), or where the answer to
    // HEAD says what GET would send.
    std::optional<uint64_t> content_length;

    bool close = false;  // end the connection after this response
};

// What answers requests. One object serves all connections, from several threads.
class Handler {
  public:
    virtual ~Handler() = default;
    // `request` lives until the response has been sent.
    virtual Task<Response> Handle(Request& request) = 0;
};

// "Not Found" for 404; "" for a status without a standard phrase.
std::string_view ReasonPhrase(int status);

}  // namespace coffer::http
