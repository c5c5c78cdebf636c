#include "coffer/job/listen_feed.h"

#include <chrono>
#include <utility>
#include <vector>

#include "coffer/base/log.h"
#include "coffer/catalog/events.h"
#include "coffer/service/listeners.h"

namespace coffer::job {
namespace {

using std::chrono::milliseconds;

constexpr size_t kPage = 500;
constexpr milliseconds kPingEvery{250};
constexpr milliseconds kRetryAfter{1'000};

}  // namespace

void ListenFeed::Wake() {
    if (!news_.exchange(true)) loop_.Wake();
}

Task<runtime::BackgroundLoop::Duration> ListenFeed::RunStep() {
    const Result<> ran = co_await RunOnce();
    if (!ran) {
        news_ = true;  // what was not told is looked for again
        Log(LogLevel::kWarning, "who listens to events has to wait for them",
            {{"error", ran.error().ToString()}});
        co_return kRetryAfter;
    }
    service::Listeners& listeners = core_.notifications->listeners();
    listeners.Ping(std::chrono::steady_clock::now());
    if (news_) co_return milliseconds(0);
    if (listeners.count() == 0) co_return runtime::BackgroundLoop::kUntilWoken;
    co_return kPingEvery;
}

Task<Result<>> ListenFeed::RunOnce() {
    if (!news_.exchange(false)) co_return Ok();
    // After it, what was being written when the news came is there to be read.
    const Result<> written =
        co_await core_.database.Write([](db::Transaction&) -> Result<> { return Ok(); });
    if (!written) co_return written.error();
    constexpr std::string_view kTarget = service::Notifications::kListeners;
    for (size_t found = kPage; found == kPage;) {
        CO_TRY(std::vector<catalog::Event> page,
               co_await core_.database.Read(db::Cost::kScan, [&](db::Transaction& tx) {
                   return catalog::ListEvents(tx, kTarget, told_to_, kPage, true);
               }));
        found = page.size();
        if (page.empty()) co_return Ok();
        const int64_t last = page.back().id;
        std::vector<service::Listeners::Line> lines;
        lines.reserve(page.size());
        for (catalog::Event& event : page) {
            // Of whose bucket it tells stands in a line before what is told.
            const size_t end = event.document.find('\n');
            if (end == std::string::npos || end + 1 == event.document.size()) continue;  // damaged
            lines.push_back({.bucket = std::move(event.bucket),
                             .owner = event.document.substr(0, end),
                             .key = std::move(event.key),
                             .name = std::move(event.name),
                             .text = event.document.substr(end + 1)});
        }
        core_.notifications->listeners().Tell(lines);
        told_to_ = last;
        CO_TRY(co_await core_.database.Write(
            [&](db::Transaction& tx) { return catalog::DeleteEventsTo(tx, kTarget, last); },
            db::Purpose::kFreesSpace));
    }
    co_return Ok();
}

}  // namespace coffer::job
