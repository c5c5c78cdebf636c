// One request to an HTTP server: for `coffer health`, for commands that speak to the server of
// their directory, and for webhooks.
//
// It blocks the calling thread, and needs no executors.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>

#include "coffer/http/message.h"
#include "coffer/http/tls_stream.h"

namespace coffer::http {

struct FetchOptions {
    std::string method = "GET";
    Headers headers;        // besides those that every request has; without a line's end in them
    std::string body;       // of POST
    std::string unix_path;  // connect to this Unix socket, not to the URL's host
    std::chrono::milliseconds timeout{5'000};  // for all of it, but not for looking up a name
    ClientTls tls;
    bool with_body = true;  // of the answer; else it is over with its head
    size_t body_limit_bytes = size_t{1024} * 1024;

    // Ends it soon once it is true: kTimeout. Null: nothing does. Outlives the call.
    const std::atomic<bool>* cancelled = nullptr;
};

struct FetchResult {
    int status = 0;
    Headers headers;
    std::string body;
};

// Whether Fetch takes it for a URL: kInvalid, with nothing of what WithoutSecrets hides. A user and
// a password can't stand in one.
Result<> CheckUrl(std::string_view url);

// As it may be shown: "(hidden)" stands for the query, and for what is before the "@" of what is no
// URL for CheckUrl.
std::string WithoutSecrets(std::string_view url);

// `url`: "http://host:port/path?query" or https; the host is a name, an IPv4 address or an IPv6
// address in brackets. No redirect is followed; the status may be any. Errors: kInvalid (the URL),
// kUnavailable (no such name or socket, nobody listens), kTimeout, kClosed (TLS failed, or the
// answer is cut off), kCorrupt (the answer is not HTTP), kTooLarge (the body).
Result<FetchResult> Fetch(const std::string& url, const FetchOptions& options);

}  // namespace coffer::http
