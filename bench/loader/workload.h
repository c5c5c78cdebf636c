// What a loader sends, one request after another, and whether the answers are right.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/base/bytes.h"

#include "bench/loader/content.h"
#include "bench/loader/response_reader.h"

namespace coffer::bench {

// Views must live until the answer is there.
struct Request {
    std::string_view head;
    ByteView body;  // followed by the tail
    Content::Tail tail{};
    size_t tail_bytes = 0;
    size_t kind = 0;  // of Workload::kinds()
    bool to_head = false;
    size_t keep_bytes = 512;  // of the answer; enough to show an error
    uint64_t number = 0;      // the workload's own
};

// Used by one thread: the driver asks for the next request of a connection that is idle, and gives
// back each answer.
class Workload {
  public:
    enum class Turn {
        kSend,  // `request` is filled
        kWait,  // nothing until an answer that is under way has come
        kEnd,   // nothing any more
    };

    virtual ~Workload() = default;

    // The kinds of requests, which are counted apart.
    virtual std::vector<std::string_view> kinds() const = 0;

    virtual Turn Next(size_t connection, Request* request) = 0;

    // False where the answer is not what it must be.
    virtual bool Done(size_t connection, const Request& request, const ResponseReader& answer) = 0;

    // Keys that pages have named so far; 0 for all but listings.
    virtual uint64_t listed() const { return 0; }
};

}  // namespace coffer::bench
