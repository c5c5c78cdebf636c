#include "bench/loader/response_reader.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "coffer/codec/ascii.h"

namespace coffer::bench {
namespace {

std::optional<uint64_t> ToNumber(std::string_view text, int base) {
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc() || end == text.data()) return std::nullopt;
    return value;
}

}  // namespace

void ResponseReader::Begin(bool to_head, size_t keep_bytes) {
    state_ = State::kHead;
    to_head_ = to_head;
    keep_bytes_ = keep_bytes;
    begun_ = chunked_ = closes_ = false;
    status_ = 0;
    left_ = body_bytes_ = 0;
    pending_.clear();
    kept_.clear();
    etag_.clear();
}

ResponseReader::Progress ResponseReader::Feed(std::string_view bytes) {
    begun_ = begun_ || !bytes.empty();
    if (state_ == State::kHead) {
        if (const Progress progress = TakeHead(bytes); progress != Progress::kDone) return progress;
    }
    const Progress progress = chunked_ ? TakeChunked(bytes) : TakeBody(bytes);
    if (progress == Progress::kDone && !bytes.empty()) return Progress::kBad;
    return progress;
}

ResponseReader::Progress ResponseReader::TakeHead(std::string_view& bytes) {
    // An interim response (100 Continue) goes before the real one.
    while (true) {
        // The end may be cut in two between what is pending and what has come.
        const size_t before = pending_.size();
        std::string_view head = bytes;
        if (before > 0) {
            pending_.append(bytes);
            head = pending_;
        }
        const size_t end = head.find("\r\n\r\n");
        if (end == std::string_view::npos) {
            if (before == 0) pending_.assign(bytes);
            bytes = {};
            return pending_.size() > 64 * 1024 ? Progress::kBad : Progress::kMore;
        }
        const bool good = ParseHead(head.substr(0, end));
        bytes.remove_prefix(end + 4 - before);
        pending_.clear();
        if (!good) return Progress::kBad;
        if (status_ >= 200) return Progress::kDone;
    }
}

bool ResponseReader::ParseHead(std::string_view head) {
    if (!head.starts_with("HTTP/1.1 ") || head.size() < 12) return false;
    const auto status = ToNumber(head.substr(9, 3), 10);
    if (!status) return false;
    status_ = static_cast<int>(*status);
    std::optional<uint64_t> length;
    for (size_t at = head.find("\r\n"); at != std::string_view::npos;) {
        const size_t next = head.find("\r\n", at + 2);
        const std::string_view line = head.substr(
            at + 2, next == std::string_view::npos ? std::string_view::npos : next - at - 2);
        at = next;
        const size_t colon = line.find(':');
        if (colon == std::string_view::npos) return false;
        const std::string_view name = line.substr(0, colon);
        std::string_view value = line.substr(colon + 1);
        value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
        if (codec::EqualsIgnoringCase(name, "content-length")) {
            length = ToNumber(value, 10);
        } else if (codec::EqualsIgnoringCase(name, "etag")) {
            etag_ = value;
        } else if (codec::EqualsIgnoringCase(name, "transfer-encoding")) {
            chunked_ = true;
        } else if (codec::EqualsIgnoringCase(name, "connection")) {
            closes_ = codec::EqualsIgnoringCase(value, "close");
        }
    }
    if (status_ < 200) return true;
    if (to_head_ || status_ == 204 || status_ == 304) {
        chunked_ = false;
        length = 0;
    }
    if (!chunked_ && !length) return false;
    left_ = chunked_ ? 0 : *length;
    state_ = chunked_ ? State::kChunkSize : State::kBody;
    return true;
}

void ResponseReader::Keep(std::string_view bytes) {
    body_bytes_ += bytes.size();
    if (kept_.size() < keep_bytes_) kept_.append(bytes.substr(0, keep_bytes_ - kept_.size()));
}

ResponseReader::Progress ResponseReader::TakeBody(std::string_view& bytes) {
    const std::string_view taken = bytes.substr(0, left_);
    Keep(taken);
    left_ -= taken.size();
    bytes.remove_prefix(taken.size());
    return left_ == 0 ? Progress::kDone : Progress::kMore;
}

ResponseReader::Progress ResponseReader::TakeChunked(std::string_view& bytes) {
    while (!bytes.empty() && state_ != State::kDone) {
        if (state_ == State::kChunk) {
            if (TakeBody(bytes) == Progress::kDone) state_ = State::kChunkEnd;
            continue;
        }
        // The other states are lines.
        const size_t end = bytes.find('\n');
        if (end == std::string_view::npos) {
            pending_.append(bytes);
            bytes = {};
            break;
        }
        pending_.append(bytes.substr(0, end));
        bytes.remove_prefix(end + 1);
        const bool empty = pending_ == "\r";
        if (state_ == State::kChunkSize) {
            const auto size = ToNumber(pending_, 16);
            if (!size) return Progress::kBad;
            left_ = *size;
            state_ = left_ > 0 ? State::kChunk : State::kTrailer;
        } else if (state_ == State::kChunkEnd) {
            if (!empty) return Progress::kBad;
            state_ = State::kChunkSize;
        } else if (empty) {
            state_ = State::kDone;
        }
        pending_.clear();
    }
    return state_ == State::kDone ? Progress::kDone : Progress::kMore;
}

uint64_t ResponseReader::Skippable() const {
    return state_ == State::kBody && kept_.size() >= keep_bytes_ ? left_ : 0;
}

ResponseReader::Progress ResponseReader::Skip(uint64_t bytes) {
    left_ -= bytes;
    body_bytes_ += bytes;
    return left_ == 0 ? Progress::kDone : Progress::kMore;
}

}  // namespace coffer::bench
