// A connection's bytes: a request's head, and its body where that is chunked. Whatever pieces they
// come in, the same is read from them; and what is read can be trusted by those who read it next.
#include <algorithm>
#include <string>

#include "coffer/http/chunked_decoder.h"
#include "coffer/http/request_parser.h"

#include "fuzz/fuzz.h"

namespace coffer::fuzz {
namespace {

constexpr http::HeadLimits kLimits{.bytes = 4096, .headers = 20, .target_bytes = 1024};

// The length of the head, or the status that it is refused with, negative; 0 where it is
// incomplete.
int Scan(std::string_view input, size_t step) {
    http::HeadScanner scanner(kLimits);
    for (size_t n = std::min(step, input.size());; n = std::min(n + step, input.size())) {
        const auto length = scanner.Scan(input.substr(0, n));
        if (!length) return -length.error().status;
        if (length.value()) return static_cast<int>(*length.value());
        if (n == input.size()) return 0;
    }
}

// The decoded body, then a mark, then what follows it; only the mark where it is malformed or cut
// off.
std::string Decode(std::string_view input, size_t step, size_t room) {
    http::ChunkedDecoder decoder;
    std::string body;
    std::string out(room, '\0');
    size_t taken = 0;
    size_t here = 0;  // how much has come
    while (true) {
        const auto result = decoder.Decode(input.substr(taken, here - taken),
                                           std::as_writable_bytes(std::span(out)));
        if (!result) return "|";
        COFFER_CHECK(result.value().consumed <= here - taken);
        COFFER_CHECK(result.value().produced <= room);
        body.append(out, 0, result.value().produced);
        taken += result.value().consumed;
        if (result.value().done) return body + "|" + std::string(input.substr(taken));
        if (result.value().consumed > 0 || result.value().produced > 0) continue;
        if (here == input.size()) return "|";
        here = std::min(here + step, input.size());
    }
}

bool IsClean(std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

void CheckHead(const http::RequestHead& head) {
    COFFER_CHECK(!head.method.empty() && head.target.starts_with('/'));
    COFFER_CHECK(IsClean(head.method) && IsClean(head.target));
    COFFER_CHECK(head.target.find(' ') == std::string::npos);
    COFFER_CHECK(head.headers.size() <= kLimits.headers);
    COFFER_CHECK(head.http_1_0 || head.headers.Count("Host") == 1);
    COFFER_CHECK(head.headers.Count("Content-Length") + head.headers.Count("Transfer-Encoding") <=
                 1);
    COFFER_CHECK(!head.chunked || head.content_length == 0);
    for (const http::Header& header : head.headers) {
        COFFER_CHECK(!header.name.empty() && IsClean(header.name) && IsClean(header.value));
        COFFER_CHECK(header.name.find_first_of(" \t:") == std::string::npos);
    }
}

}  // namespace

void Fuzz(std::string_view input) {
    const int whole = Scan(input, std::max<size_t>(input.size(), 1));
    const int byte_by_byte = Scan(input, 1);
    // Pieces may only tell earlier that it is refused, or find the head before what follows it is
    // looked at.
    if (whole > 0) COFFER_CHECK(byte_by_byte == whole);
    if (whole < 0) COFFER_CHECK(byte_by_byte != 0);
    if (whole <= 0) return;

    const auto head = http::ParseHead(input.substr(0, static_cast<size_t>(whole)), kLimits);
    if (!head) return;
    CheckHead(head.value());
    if (!head.value().chunked) return;

    const std::string_view rest = input.substr(static_cast<size_t>(whole));
    const std::string at_once = Decode(rest, std::max<size_t>(rest.size(), 1), 4096);
    COFFER_CHECK(Decode(rest, 1, 7) == at_once);
}

}  // namespace coffer::fuzz
