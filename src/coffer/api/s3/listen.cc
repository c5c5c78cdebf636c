// ListenNotification and ListenBucketNotification, which are MinIO's: events as they happen, a line
// of JSON each, for as long as the client stays.
#include <algorithm>
#include <charconv>
#include <utility>

#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/reply.h"
#include "coffer/service/listeners.h"

namespace coffer::api::s3 {
namespace {

constexpr size_t kMaxFilterBytes = 1024;
constexpr int kMostPingSeconds = 3600;

Error InvalidArgument(std::string message) {
    return Error(ErrorKind::kInvalid, "InvalidArgument", std::move(message));
}

Result<std::string> ParseFilter(const codec::Query& query, std::string_view name) {
    if (query.Count(name) > 1)
        return InvalidArgument("Cannot specify more than one " + std::string(name) +
                               " rule in a filter.");
    std::string value(query.Get(name).value_or(""));
    if (value.size() > kMaxFilterBytes)
        return InvalidArgument(
            "Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation");
    return value;
}

Result<service::ListenRequest> ParseListen(const Call& call) {
    service::ListenRequest listen;
    listen.account = call.actor().principal.account;
    if (call.request.scope() == Scope::kBucket) listen.bucket = call.bucket().text();
    const codec::Query& query = call.request.query();
    for (const codec::QueryParameter& parameter : query.parameters()) {
        if (parameter.name != "events") continue;
        if (!codec::IsEventName(parameter.value))
            return InvalidArgument("A specified event is not supported for notifications.");
        if (std::ranges::find(listen.events, parameter.value) == listen.events.end())
            listen.events.push_back(parameter.value);
    }
    TRY(listen.prefix, ParseFilter(query, "prefix"));
    TRY(listen.suffix, ParseFilter(query, "suffix"));
    if (const auto ping = query.Get("ping")) {
        int seconds = 0;
        const auto [end, error] =
            std::from_chars(ping->data(), ping->data() + ping->size(), seconds);
        if (error != std::errc() || end != ping->data() + ping->size() || seconds < 1 ||
            seconds > kMostPingSeconds)
            return InvalidArgument("ping must be a number of seconds, from 1 to 3600.");
        listen.ping_interval = std::chrono::seconds(seconds);
        listen.ping = "{\"Records\":null}\n";
    }
    return listen;
}

// What a listener is sent, until it is dropped or the server ends.
class ListenBody final : public ByteSource {
  public:
    explicit ListenBody(std::unique_ptr<service::EventListener> listener)
        : listener_(std::move(listener)) {}

    Task<Result<size_t>> Read(ByteSpan out) override {
        if (text_.empty()) {
            std::optional<std::string> next = co_await listener_->Next();
            if (!next) co_return 0;
            text_ = *std::move(next);
        }
        const size_t size = std::min(out.size(), text_.size());
        std::copy_n(AsBytes(text_).begin(), size, out.begin());
        text_.erase(0, size);
        co_return size;
    }

  private:
    const std::unique_ptr<service::EventListener> listener_;
    std::string text_;
};

}  // namespace

Task<Reply> ListenToEvents(Call& call) {
    CO_TRY(auto request, ParseListen(call));
    CO_TRY(auto listener,
           co_await call.dependencies.buckets.Listen(std::move(request), call.grounds));
    http::Response reply = EmptyReply(200);
    reply.headers.Set("Content-Type", "text/event-stream");
    reply.headers.Set("Cache-Control", "no-cache");
    reply.headers.Set("X-Accel-Buffering", "no");
    reply.body = std::make_unique<ListenBody>(std::move(listener));
    reply.close = true;
    co_return reply;
}

}  // namespace coffer::api::s3
