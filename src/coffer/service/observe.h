// What the interfaces tell of every request when it ends; metrics and logs are made of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace coffer::service {

// Requests that were refused before they were understood, by what was wrong.
enum class Rejection : uint8_t { kNone, kAuth, kHeader, kInvalid, kTimestamp };

struct RequestRecord {
    std::string_view api;     // the operation, as AWS names it ("PutObject"); a string literal
    std::string_view bucket;  // that the request names, there or not; empty where it names none
    std::string_view code;    // S3's error code, empty for success
    int status = 0;
    bool canceled = false;  // the client went away before the answer was whole
    Rejection rejection = Rejection::kNone;
    uint64_t bytes_received = 0;  // of bodies
    uint64_t bytes_sent = 0;
    std::chrono::microseconds first_byte{0};  // from the request's head to the answer's
    std::chrono::microseconds duration{0};    // … to its end
};

// Any thread may call it; it does not block. Every Begin has one End of the same api and bucket.
class RequestObserver {
  public:
    virtual ~RequestObserver() = default;
    virtual void Begin(std::string_view api, std::string_view bucket) = 0;
    virtual void End(const RequestRecord& record) = 0;
};

}  // namespace coffer::service
