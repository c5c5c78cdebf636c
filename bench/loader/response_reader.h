// Reads one HTTP response at a time from what a socket gives, at the least cost.
//
// It takes what servers of S3 send: a status, Content-Length or chunks, 204 and 304 without a body.
// It is a measuring instrument on loopback, not a client: what it does not know is an error. Used
// by one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace coffer::bench {

class ResponseReader {
  public:
    enum class Progress { kMore, kDone, kBad };

    // For the next response. `to_head`: the request was a HEAD, so that no body follows. The first
    // `keep_bytes` of the body are kept.
    void Begin(bool to_head, size_t keep_bytes);

    // Takes all of `bytes`; kBad where they are no response, or more than one.
    Progress Feed(std::string_view bytes);

    // How many bytes of a body of known length are still to come and need not be looked at: they
    // may be dropped unread, and reported by Skip. 0 where that is not so.
    uint64_t Skippable() const;
    Progress Skip(uint64_t bytes);

    bool begun() const { return begun_; }
    int status() const { return status_; }
    uint64_t body_bytes() const { return body_bytes_; }
    const std::string& kept() const { return kept_; }
    const std::string& etag() const { return etag_; }  // as sent, quotes included

    // The connection can't be used for another request.
    bool closes() const { return closes_; }

  private:
    enum class State { kHead, kBody, kChunkSize, kChunk, kChunkEnd, kTrailer, kDone };

    Progress TakeHead(std::string_view& bytes);
    bool ParseHead(std::string_view head);
    Progress TakeBody(std::string_view& bytes);
    Progress TakeChunked(std::string_view& bytes);
    void Keep(std::string_view bytes);

    State state_ = State::kHead;
    bool to_head_ = false;
    bool begun_ = false;
    bool chunked_ = false;
    bool closes_ = false;
    int status_ = 0;
    size_t keep_bytes_ = 0;
    uint64_t left_ = 0;  // of the body or of the chunk
    uint64_t body_bytes_ = 0;
    std::string pending_;  // the start of a head or line that is not whole yet
    std::string kept_;
    std::string etag_;
};

}  // namespace coffer::bench
