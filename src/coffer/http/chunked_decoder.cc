#include "coffer/http/chunked_decoder.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "coffer/http/syntax.h"

namespace coffer::http {
namespace {

constexpr size_t kMostTrailers = 200;

Error Malformed() {
    return Error(ErrorKind::kInvalid, "the chunked coding is malformed");
}

// The line at the front of `in`, without its end; nothing where it has not come yet.
Result<std::optional<std::string_view>> FrontLine(std::string_view in) {
    const size_t end = in.find('\n');
    if (end == std::string_view::npos) return std::optional<std::string_view>();
    if (end == 0 || in[end - 1] != '\r') return Malformed();
    return std::optional(in.substr(0, end - 1));
}

}  // namespace

Result<ChunkedDecoder::Step> ChunkedDecoder::Decode(std::string_view in, ByteSpan out) {
    Step step;
    while (state_ != State::kDone) {
        const std::string_view rest = in.substr(step.consumed);
        if (state_ == State::kChunk) {
            const size_t n = static_cast<size_t>(
                std::min<uint64_t>({left_in_chunk_, rest.size(), out.size() - step.produced}));
            if (n == 0) break;
            std::memcpy(out.data() + step.produced, rest.data(), n);
            step.consumed += n;
            step.produced += n;
            left_in_chunk_ -= n;
            if (left_in_chunk_ == 0) state_ = State::kChunkEnd;
            continue;
        }
        // What can't be a line end any more need not be waited for.
        if (state_ == State::kChunkEnd && !rest.empty() && rest.front() != '\r') return Malformed();
        TRY(const std::optional<std::string_view> line, FrontLine(rest));
        if (!line) break;
        if (state_ == State::kChunkHeader) {
            TRY(ReadChunkHeader(*line));
        } else if (state_ == State::kChunkEnd) {
            if (!line->empty()) return Malformed();
            state_ = State::kChunkHeader;
        } else {
            TRY(ReadTrailer(*line));
        }
        step.consumed += line->size() + 2;
    }
    step.done = state_ == State::kDone;
    return step;
}

// chunk-size [ chunk-ext ]; white space before an extension is bad, and read (RFC 9112, 7.1.1).
Result<> ChunkedDecoder::ReadChunkHeader(std::string_view line) {
    const char* const end = line.data() + line.size();
    const auto [after, error] = std::from_chars(line.data(), end, left_in_chunk_, 16);
    if (error != std::errc() || line.front() == '-' || left_in_chunk_ > INT64_MAX)
        return Malformed();
    std::string_view extension(after, static_cast<size_t>(end - after));
    extension.remove_prefix(std::min(extension.find_first_not_of(" \t"), extension.size()));
    if (!extension.empty() && (extension.front() != ';' || !IsFieldValue(extension)))
        return Malformed();
    state_ = left_in_chunk_ == 0 ? State::kTrailers : State::kChunk;
    return Ok();
}

Result<> ChunkedDecoder::ReadTrailer(std::string_view line) {
    if (line.empty()) {
        state_ = State::kDone;
        return Ok();
    }
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || !IsToken(line.substr(0, colon)) ||
        !IsFieldValue(line.substr(colon + 1)) || ++trailers_ > kMostTrailers) {
        return Malformed();
    }
    return Ok();
}

}  // namespace coffer::http
