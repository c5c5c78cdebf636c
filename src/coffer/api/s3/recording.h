// What an observer is told of one request: when it begins, and when its answer has gone out.
#pragma once

#include <memory>
#include <string>

#include "coffer/runtime/byte_stream.h"
#include "coffer/service/observe.h"

namespace coffer::api::s3 {

// Begins when it is made, ends when it is destroyed. One request's; not thread-safe.
class Recording {
  public:
    // `api` is a string literal; `observer` outlives it.
    Recording(service::RequestObserver& observer, std::string_view api, std::string bucket);
    ~Recording();
    Recording(const Recording&) = delete;
    Recording& operator=(const Recording&) = delete;

    // Says that the head of the answer is ready.
    void FirstByte();

    service::RequestRecord& record() { return record_; }

  private:
    std::chrono::microseconds Elapsed() const;

    service::RequestObserver& observer_;
    const std::string bucket_;
    const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    service::RequestRecord record_;
};

// A request's body, counted.
class CountedBody final : public ByteSource {
  public:
    CountedBody(ByteSource& body, uint64_t& bytes) : body_(body), bytes_(bytes) {}
    Task<Result<size_t>> Read(ByteSpan out) override;

  private:
    ByteSource& body_;
    uint64_t& bytes_;
};

// An answer's body of `length` bytes, counted; the recording ends with it. What is destroyed before
// its end was canceled by the client.
class RecordedBody final : public ByteSource {
  public:
    RecordedBody(std::unique_ptr<ByteSource> body, uint64_t length,
                 std::unique_ptr<Recording> recording);
    ~RecordedBody() override;
    Task<Result<size_t>> Read(ByteSpan out) override;

  private:
    std::unique_ptr<ByteSource> body_;
    const uint64_t length_;
    std::unique_ptr<Recording> recording_;
    bool failed_ = false;
};

}  // namespace coffer::api::s3
