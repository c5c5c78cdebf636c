#include "coffer/http/response_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <iterator>

#include "coffer/base/log.h"
#include "coffer/codec/ascii.h"
#include "coffer/codec/date.h"
#include "coffer/runtime/buffer_pool.h"

namespace coffer::http {
namespace {

using codec::EqualsIgnoringCase;

// Streams up to this size are sent from memory of their own size; longer ones from a buffer of the
// pool. Where nobody knows the size, as of events that a client listens to, it may take hours, and
// holds little.
constexpr size_t kSmallStreamBytes = 64_KiB;
constexpr size_t kEndlessStreamBytes = 8_KiB;

// At most this much of a text is sent at once.
constexpr size_t kPieceBytes = 64_KiB;

// IMF-fixdate (RFC 9110, 5.6.7), made once a second.
std::string_view DateNow() {
    thread_local std::time_t made_at = 0;
    thread_local std::string text;
    const std::time_t now = std::time(nullptr);
    if (now != made_at) {
        text = codec::FormatHttpDate(Timestamp(std::chrono::seconds(now)));
        made_at = now;
    }
    return text;
}

bool HasNoBody(int status) {
    return status == 204 || status == 304 || status < 200;
}

bool FramesTheMessage(std::string_view name) {
    return EqualsIgnoringCase(name, "Content-Length") ||
           EqualsIgnoringCase(name, "Transfer-Encoding") || EqualsIgnoringCase(name, "Connection");
}

bool IsSafeName(std::string_view name) {
    return !name.empty() && std::none_of(name.begin(), name.end(), [](unsigned char c) {
        return c <= ' ' || c >= 0x7f || c == ':';
    });
}

void AppendHeader(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    out += ": ";
    const size_t start = out.size();
    out += value;
    std::replace_if(
        out.begin() + static_cast<ptrdiff_t>(start), out.end(),
        [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; }, ' ');
    out += "\r\n";
}

// The length of the body, sent or not; nothing where only its end tells.
std::optional<uint64_t> BodyLength(const Response& response) {
    if (response.content_length) return response.content_length;
    if (const auto* text = std::get_if<std::string>(&response.body)) return text->size();
    if (std::holds_alternative<std::monostate>(response.body)) return 0;
    return std::nullopt;
}

// Where a stream is read to.
struct Piece {
    runtime::Buffer pooled;
    std::unique_ptr<std::byte[]> own;
    ByteSpan span;
};

Piece TakePiece(std::optional<uint64_t> length, runtime::BufferPool* pool) {
    Piece piece;
    if (pool != nullptr && length && *length > kSmallStreamBytes) {
        if (auto buffer = pool->Take()) {
            piece.pooled = std::move(buffer.value());
            piece.span = piece.pooled.span();
            return piece;
        }
    }
    const size_t size = std::min<uint64_t>(length.value_or(kEndlessStreamBytes), kSmallStreamBytes);
    piece.own = std::make_unique_for_overwrite<std::byte[]>(size);
    piece.span = {piece.own.get(), size};
    return piece;
}

// In pieces, so that others get their turn.
Task<Result<>> SendText(Wire& wire, std::string_view head, ByteView text) {
    while (text.size() > kPieceBytes) {
        CO_TRY(co_await wire.Write(AsBytes(head), text.first(kPieceBytes)));
        head = {};
        text = text.subspan(kPieceBytes);
    }
    co_return co_await wire.Write(AsBytes(head), text);
}

// A stream whose length is told: by Content-Length, or by the end of the connection.
Task<Result<>> SendPlain(Wire& wire, ByteSource& source, std::string head,
                         std::optional<uint64_t> length, Piece piece, size_t first) {
    uint64_t remaining = length.value_or(UINT64_MAX);
    size_t n = first;
    while (true) {
        if (n == 0 && length) {
            co_return Error(ErrorKind::kInternal, "the stream of a response ended too early");
        }
        CO_TRY(co_await wire.Write(AsBytes(head), piece.span.first(n)));
        head.clear();
        remaining -= n;
        if (remaining == 0 || n == 0) co_return Ok();
        const size_t room = std::min<uint64_t>(piece.span.size(), remaining);
        CO_TRY(n, co_await source.Read(piece.span.first(room)));
    }
}

// RFC 9112, 7.1.
Task<Result<>> SendChunked(Wire& wire, ByteSource& source, std::string head, Piece piece,
                           size_t first) {
    size_t n = first;
    while (n > 0) {
        fmt::format_to(std::back_inserter(head), "{:x}\r\n", n);
        CO_TRY(co_await wire.Write(AsBytes(head), piece.span.first(n)));
        head = "\r\n";
        CO_TRY(n, co_await source.Read(piece.span));
    }
    head += "0\r\n\r\n";
    co_return co_await wire.Write(AsBytes(head));
}

}  // namespace

bool EndsWithConnection(const Response& response, const ResponseFraming& framing) {
    return framing.to_http_1_0 && !framing.to_head && !HasNoBody(response.status) &&
           !BodyLength(response);
}

std::string SerializeHead(const Response& response, const ResponseFraming& framing,
                          std::string_view server_name) {
    std::string head;
    head.reserve(512);
    fmt::format_to(std::back_inserter(head), "HTTP/1.1 {} {}\r\n", response.status,
                   ReasonPhrase(response.status));
    bool has_date = false;
    bool has_server = false;
    for (const Header& header : response.headers) {
        if (FramesTheMessage(header.name) || !IsSafeName(header.name)) continue;
        has_date = has_date || EqualsIgnoringCase(header.name, "Date");
        has_server = has_server || EqualsIgnoringCase(header.name, "Server");
        AppendHeader(head, header.name, header.value);
    }
    if (!has_date) AppendHeader(head, "Date", DateNow());
    if (!has_server && !server_name.empty()) AppendHeader(head, "Server", server_name);

    const auto length = BodyLength(response);
    // A 304 may tell what a 200 would have sent, but not that this is nothing (RFC 9110, 8.6).
    const bool tells_length =
        length && (!HasNoBody(response.status) ||
                   (response.status == 304 && response.content_length.has_value()));
    if (tells_length) {
        fmt::format_to(std::back_inserter(head), "Content-Length: {}\r\n", *length);
    } else if (!length && !framing.to_http_1_0 && !HasNoBody(response.status)) {
        AppendHeader(head, "Transfer-Encoding", "chunked");
    }
    if (!framing.keep_alive) {
        AppendHeader(head, "Connection", "close");
    } else if (framing.to_http_1_0) {
        AppendHeader(head, "Connection", "keep-alive");
    }
    head += "\r\n";
    return head;
}

Task<Result<>> SendResponse(Wire& wire, Response response, ResponseFraming framing,
                            const ServerOptions& options) {
    std::string head = SerializeHead(response, framing, options.server_name);
    if (framing.to_head || HasNoBody(response.status)) co_return co_await wire.Write(AsBytes(head));
    if (const auto* text = std::get_if<std::string>(&response.body)) {
        co_return co_await SendText(wire, head, AsBytes(*text));
    }
    const auto length = BodyLength(response);
    auto* const source = std::get_if<std::unique_ptr<ByteSource>>(&response.body);
    if (source == nullptr || length == 0) co_return co_await wire.Write(AsBytes(head));

    // The first bytes before the head: they travel with it, and a stream that can't even begin is
    // not promised.
    Piece piece = TakePiece(length, options.buffers);
    const size_t room = std::min<uint64_t>(piece.span.size(), length.value_or(UINT64_MAX));
    const Result<size_t> first = co_await (*source)->Read(piece.span.first(room));
    if (!first) {
        Log(LogLevel::kError, "a response could not be read",
            {{"error", first.error().ToString()}});
        co_return co_await SendResponse(wire, RenderError(options, 500, "reading the data failed"),
                                        framing, options);
    }
    if (length || framing.to_http_1_0) {
        co_return co_await SendPlain(wire, **source, std::move(head), length, std::move(piece),
                                     first.value());
    }
    co_return co_await SendChunked(wire, **source, std::move(head), std::move(piece),
                                   first.value());
}

Response RenderError(const ServerOptions& options, int status, std::string_view message) {
    if (options.render_error) return options.render_error(status, message);
    Response response;
    response.status = status;
    response.headers.Add("Content-Type", "text/plain; charset=utf-8");
    response.body = fmt::format("{} {}: {}\n", status, ReasonPhrase(status), message);
    return response;
}

}  // namespace coffer::http
