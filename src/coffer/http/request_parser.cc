#include "coffer/http/request_parser.h"

#include <algorithm>
#include <charconv>

#include "coffer/codec/ascii.h"
#include "coffer/http/syntax.h"

namespace coffer::http {
namespace {

using codec::EqualsIgnoringCase;

bool IsDigit(char c) {
    return c >= '0' && c <= '9';
}

// Bytes from 0x80 up are let through: clients send UTF-8 as it is.
bool IsTargetChar(char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7f;
}
Parsed<void> ReadRequestLine(std::string_view line, const HeadLimits& limits, RequestHead& head) {
    const size_t method_end = line.find(' ');
    if (!IsToken(line.substr(0, method_end)))
        return ProtocolError{400, "the method is not a token"};
    if (method_end == std::string_view::npos)
        return ProtocolError{400, "the request line is cut off"};
    head.method = line.substr(0, method_end);
    line.remove_prefix(method_end + 1);

    const size_t target_end = line.find(' ');
    const std::string_view target = line.substr(0, target_end);
    if (target.size() > limits.target_bytes) return ProtocolError{414, "the URI is too long"};
    if (target.empty() || !std::all_of(target.begin(), target.end(), IsTargetChar)) {
        return ProtocolError{400, "the URI has characters that it can't have"};
    }
    if (target_end == std::string_view::npos) return ProtocolError{400, "there is no HTTP version"};
    line.remove_prefix(target_end + 1);

    if (line.size() != 8 || !line.starts_with("HTTP/") || !IsDigit(line[5]) || line[6] != '.' ||
        !IsDigit(line[7])) {
        return ProtocolError{400, "the HTTP version is malformed"};
    }
    if (line != "HTTP/1.1" && line != "HTTP/1.0") {
        return ProtocolError{505, "this server speaks HTTP/1.1 and HTTP/1.0"};
    }
    head.target = target;
    head.http_1_0 = line == "HTTP/1.0";
    return Ok();
}

// RFC 9112, 5.1 and 5.2: no white space before the colon, no folded lines.
Parsed<void> ReadHeaderLine(std::string_view line, RequestHead& head) {
    if (line.front() == ' ' || line.front() == '\t') {
        return ProtocolError{400, "a header is folded over several lines"};
    }
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || !IsToken(line.substr(0, colon))) {
        return ProtocolError{400, "the name of a header is malformed"};
    }
    const std::string_view value = codec::TrimSpaces(line.substr(colon + 1));
    if (!IsFieldValue(value))
        return ProtocolError{400, "the value of a header has a control character"};
    head.headers.Add(line.substr(0, colon), value);
    return Ok();
}

// `text` ends with an empty line, and each line with CRLF.
Parsed<void> ReadLines(std::string_view text, const HeadLimits& limits, RequestHead& head) {
    size_t lines = 0;
    while (true) {
        const size_t end = text.find("\r\n");
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end + 2);
        if (line.empty()) return Ok();
        BOOST_OUTCOME_TRY(lines == 0 ? ReadRequestLine(line, limits, head)
                                     : ReadHeaderLine(line, head));
        if (lines > limits.headers) return ProtocolError{431, "there are too many headers"};
        ++lines;
    }
}

// RFC 9112, 6: a message whose length two readers could understand in two ways is refused.
Parsed<void> ReadFraming(RequestHead& head) {
    const size_t lengths = head.headers.Count("Content-Length");
    const size_t codings = head.headers.Count("Transfer-Encoding");
    if (lengths + codings > 1) return ProtocolError{400, "the length of the body is given twice"};
    if (lengths == 1) {
        const std::string_view text = *head.headers.Get("Content-Length");
        const auto [end, error] =
            std::from_chars(text.data(), text.data() + text.size(), head.content_length);
        if (error != std::errc() || end != text.data() + text.size() || !IsDigit(text.front()) ||
            head.content_length > static_cast<uint64_t>(INT64_MAX)) {
            return ProtocolError{400, "Content-Length is malformed"};
        }
    }
    if (codings == 1) {
        if (head.http_1_0) return ProtocolError{400, "HTTP/1.0 has no Transfer-Encoding"};
        if (!EqualsIgnoringCase(*head.headers.Get("Transfer-Encoding"), "chunked")) {
            return ProtocolError{501, "this Transfer-Encoding is not offered"};
        }
        head.chunked = true;
    }
    return Ok();
}

bool IsHostChar(char c) {
    return IsTokenChar(c) || std::string_view(":[]();,=@").find(c) != std::string_view::npos;
}

// RFC 9112, 3.2: one Host, and the same one in an absolute URI.
Parsed<void> ReadHost(RequestHead& head) {
    const size_t hosts = head.headers.Count("Host");
    if (hosts > 1) return ProtocolError{400, "there are several Host headers"};
    if (hosts == 0 && !head.http_1_0) return ProtocolError{400, "there is no Host header"};
    const std::string_view host = head.headers.GetOr("Host", "");
    if (!std::all_of(host.begin(), host.end(), IsHostChar) ||
        host.find('@') != std::string_view::npos) {
        return ProtocolError{400, "the Host header is malformed"};
    }
    if (head.target.front() == '/') return Ok();
    if (head.target == "*") return ProtocolError{501, "the target '*' is not offered"};

    std::string_view rest = head.target;
    const size_t scheme_end = rest.find("://");
    if (scheme_end == std::string_view::npos ||
        !(EqualsIgnoringCase(rest.substr(0, scheme_end), "http") ||
          EqualsIgnoringCase(rest.substr(0, scheme_end), "https"))) {
        return ProtocolError{400, "the URI is neither a path nor an http URI"};
    }
    rest.remove_prefix(scheme_end + 3);
    const size_t authority_end = std::min(rest.find_first_of("/?#"), rest.size());
    if (!EqualsIgnoringCase(rest.substr(0, authority_end), host)) {
        return ProtocolError{400, "the URI and the Host header name different hosts"};
    }
    rest.remove_prefix(authority_end);
    std::string path = rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest);
    head.target = std::move(path);
    return Ok();
}

// RFC 9112, 9.3.
void ReadConnection(RequestHead& head) {
    bool close = false;
    bool keep_alive = false;
    for (const Header& header : head.headers) {
        if (!EqualsIgnoringCase(header.name, "Connection")) continue;
        for (const std::string_view option : codec::Split(header.value, ',')) {
            const std::string_view name = codec::TrimSpaces(option);
            close = close || EqualsIgnoringCase(name, "close");
            keep_alive = keep_alive || EqualsIgnoringCase(name, "keep-alive");
        }
    }
    head.keep_alive = !close && (keep_alive || !head.http_1_0);
}

Parsed<void> ReadExpect(RequestHead& head) {
    const auto expect = head.headers.Get("Expect");
    if (!expect || head.http_1_0) return Ok();  // RFC 9110, 10.1.1
    if (head.headers.Count("Expect") > 1 || !EqualsIgnoringCase(*expect, "100-continue")) {
        return ProtocolError{417, "nothing but 100-continue can be expected"};
    }
    head.expects_continue = true;
    return Ok();
}

}  // namespace

Parsed<std::optional<size_t>> HeadScanner::Scan(std::string_view data) {
    // What is no HTTP at all (a TLS handshake, a port scan) may never send a line end. An empty
    // line before the request line is let through (RFC 9112, 2.2).
    if (!data.empty() && !IsTokenChar(data.front()) && data.front() != '\r') {
        return ProtocolError{400, "this is not HTTP"};
    }
    while (line_start_ < data.size()) {
        const size_t line_feed = data.find('\n', line_start_);
        const size_t line_end = std::min(line_feed, data.size());
        if (lines_ == 0 && line_end - line_start_ > limits_.target_bytes + 64) {
            return ProtocolError{414, "the URI is too long"};
        }
        if (line_end >= limits_.bytes) return ProtocolError{431, "the headers are too long"};
        if (line_feed == std::string_view::npos) break;
        if (line_feed == line_start_ || data[line_feed - 1] != '\r') {
            return ProtocolError{400, "a line does not end with CRLF"};
        }
        const bool empty = line_feed - line_start_ == 1;
        const bool leading = line_start_ == 0;
        line_start_ = line_feed + 1;
        if (empty && !leading) {
            if (lines_ == 0) return ProtocolError{400, "there is no request line"};
            return std::optional<size_t>(line_start_);
        }
        if (!empty) ++lines_;
        if (lines_ > limits_.headers + 1) return ProtocolError{431, "there are too many headers"};
    }
    return std::optional<size_t>();
}

Parsed<RequestHead> ParseHead(std::string_view text, const HeadLimits& limits) {
    if (text.starts_with("\r\n")) text.remove_prefix(2);
    RequestHead head;
    BOOST_OUTCOME_TRY(ReadLines(text, limits, head));
    BOOST_OUTCOME_TRY(ReadFraming(head));
    BOOST_OUTCOME_TRY(ReadHost(head));
    BOOST_OUTCOME_TRY(ReadExpect(head));
    ReadConnection(head);
    return head;
}

}  // namespace coffer::http
