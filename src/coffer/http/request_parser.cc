#include "coffer/http/request_parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include "coffer/base/check.h"

namespace coffer::http {
namespace {

namespace beast = boost::beast;
using beast::http::field;

// "0\r\n\r\n" is the least that comes where a chunk may begin. Beast has to see that much of it at
// once: shown only "0\r\n" first, it aborts at the next byte.
constexpr size_t kLeastBeforeEnd = 5;

// token characters (RFC 9110, 5.6.2).
constexpr std::array<bool, 256> kTokenChars = [] {
    std::array<bool, 256> table{};
    for (unsigned char c = '0'; c <= '9'; ++c)
        table[c] = true;
    for (unsigned char c = 'a'; c <= 'z'; ++c)
        table[c] = true;
    for (unsigned char c = 'A'; c <= 'Z'; ++c)
        table[c] = true;
    for (unsigned char c : std::string_view("!#$%&'*+-.^_`|~"))
        table[c] = true;
    return table;
}();

bool IsTokenChar(char c) {
    return kTokenChars[static_cast<unsigned char>(c)];
}
bool IsDigit(char c) {
    return c >= '0' && c <= '9';
}

bool IsToken(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenChar);
}

// Bytes from 0x80 up are let through: clients send UTF-8 as it is.
bool IsTargetChar(char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7f;
}
bool IsValueChar(char c) {
    return (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\t';
}

Parsed<void> CheckRequestLine(std::string_view line, const HeadLimits& limits) {
    const size_t method_end = line.find(' ');
    if (!IsToken(line.substr(0, method_end)))
        return ProtocolError{400, "the method is not a token"};
    if (method_end == std::string_view::npos)
        return ProtocolError{400, "the request line is cut off"};
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
    return Ok();
}

// RFC 9112, 5.1 and 5.2: no white space before the colon, no folded lines.
Parsed<void> CheckHeaderLine(std::string_view line) {
    if (line.front() == ' ' || line.front() == '\t') {
        return ProtocolError{400, "a header is folded over several lines"};
    }
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || !IsToken(line.substr(0, colon))) {
        return ProtocolError{400, "the name of a header is malformed"};
    }
    const std::string_view value = line.substr(colon + 1);
    if (!std::all_of(value.begin(), value.end(), IsValueChar)) {
        return ProtocolError{400, "the value of a header has a control character"};
    }
    return Ok();
}

bool HasBareLineFeed(std::string_view text) {
    for (size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
        if (at == 0 || text[at - 1] != '\r') return true;
    }
    return false;
}

// Every line of the head, before the library sees it. `head` ends with an empty line, and each line
// with CRLF.
Parsed<void> CheckSyntax(std::string_view head, const HeadLimits& limits) {
    size_t lines = 0;
    while (true) {
        const size_t end = head.find("\r\n");
        const std::string_view line = head.substr(0, end);
        head.remove_prefix(end + 2);
        if (line.empty()) return Ok();
        BOOST_OUTCOME_TRY(lines == 0 ? CheckRequestLine(line, limits) : CheckHeaderLine(line));
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

class RequestParser::Impl final : public beast::http::basic_parser<true> {
  public:
    RequestHead head;
    ByteSpan out;
    size_t produced = 0;
    uint64_t left_in_chunk = 0;

  private:
    using Code = beast::error_code;
    using Text = beast::string_view;

    void on_request_impl(beast::http::verb, Text method, Text target, int version, Code&) override {
        head.method = method;
        head.target = target;
        head.http_1_0 = version == 10;
    }
    void on_field_impl(field, Text name, Text value, Code&) override {
        if (in_trailers_) return;
        head.headers.Add({name.data(), name.size()}, {value.data(), value.size()});
    }
    void on_header_impl(Code&) override { in_trailers_ = true; }
    size_t on_chunk_body_impl(uint64_t, Text body, Code&) override {
        const size_t n = std::min(body.size(), out.size() - produced);
        std::memcpy(out.data() + produced, body.data(), n);
        produced += n;
        left_in_chunk -= n;
        return n;
    }
    void on_body_init_impl(const boost::optional<uint64_t>&, Code&) override {}
    void on_chunk_header_impl(uint64_t size, Text, Code&) override { left_in_chunk = size; }
    void on_finish_impl(Code&) override {}
    void on_response_impl(int, Text, int, Code&) override { COFFER_FATAL("not a response parser"); }
    size_t on_body_impl(Text, Code&) override { COFFER_FATAL("only chunked bodies are parsed"); }

    bool in_trailers_ = false;
};

RequestParser::RequestParser() : impl_(std::make_unique<Impl>()) {}
RequestParser::~RequestParser() = default;

Parsed<RequestHead> RequestParser::ParseHead(std::string_view head, const HeadLimits& limits) {
    if (head.starts_with("\r\n")) head.remove_prefix(2);
    BOOST_OUTCOME_TRY(CheckSyntax(head, limits));

    impl_->header_limit(static_cast<uint32_t>(head.size() + 1));
    impl_->body_limit(boost::none);
    beast::error_code error;
    impl_->put(boost::asio::buffer(head.data(), head.size()), error);
    if (error || !impl_->is_header_done()) {
        // Also where Beast itself objects to lengths and codings.
        return ProtocolError{400, "the request is malformed"};
    }
    RequestHead parsed = std::move(impl_->head);
    parsed.keep_alive = impl_->keep_alive();
    BOOST_OUTCOME_TRY(ReadFraming(parsed));
    BOOST_OUTCOME_TRY(ReadHost(parsed));
    BOOST_OUTCOME_TRY(ReadExpect(parsed));
    return parsed;
}

Result<RequestParser::Step> RequestParser::DecodeChunked(std::string_view in, ByteSpan out) {
    impl_->out = out;
    impl_->produced = 0;
    Step step;
    while (!impl_->is_done() && step.consumed < in.size() && impl_->produced < out.size()) {
        if (impl_->left_in_chunk == 0 && in.size() - step.consumed < kLeastBeforeEnd) break;
        beast::error_code error;
        const size_t n = impl_->put(
            boost::asio::buffer(in.data() + step.consumed, in.size() - step.consumed), error);
        step.consumed += n;
        if (error == beast::http::error::need_more && !HasBareLineFeed(in.substr(step.consumed))) {
            break;
        }
        if (error) return Error(ErrorKind::kInvalid, "the chunked coding is malformed");
    }
    step.produced = impl_->produced;
    step.done = impl_->is_done();
    return step;
}

}  // namespace coffer::http
