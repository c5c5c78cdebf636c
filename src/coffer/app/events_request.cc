#include "coffer/app/events_request.h"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <utility>

#include "coffer/codec/date.h"
#include "coffer/codec/uri.h"

namespace coffer::app {
namespace {

using Action = EventsRequest::Action;
using codec::JsonValue;

constexpr size_t kPage = 1000;

Result<int64_t> ParseId(std::string_view text) {
    int64_t id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc() || end != text.data() + text.size() || id < 0)
        return Error(ErrorKind::kInvalid, fmt::format("\"{}\" is no event's id", text));
    return id;
}

std::string_view PathOf(Action action) {
    switch (action) {
        case Action::kStatus:
            return "/events";
        case Action::kList:
            return "/events/dead";
        case Action::kReplay:
            return "/events/replay";
        case Action::kDrop:
            return "/events/drop";
    }
    return "/events";
}

JsonValue Describe(const catalog::DeadEvent& dead) {
    const catalog::Event& event = dead.event;
    return JsonValue::Object{{"id", event.id},
                             {"target", event.target},
                             {"bucket", event.bucket},
                             {"key", event.key},
                             {"event", event.name},
                             {"queued", codec::FormatIso8601(event.queued)},
                             {"died", codec::FormatIso8601(dead.died)},
                             {"attempts", int64_t{dead.attempts}},
                             {"error", dead.error},
                             {"document", event.document}};
}

Task<Result<JsonValue>> ShowStatus(db::Database& database, job::EventDispatcher* dispatcher) {
    CO_TRY(const auto waiting, co_await job::CountWaitingEvents(database));
    CO_TRY(const int64_t dead, co_await database.Read(db::Cost::kScan, &catalog::CountDeadEvents));
    std::map<std::string, int64_t> counts;
    for (const job::WaitingEvents& one : waiting)
        counts[one.target] = one.count;
    JsonValue::Array targets;
    if (dispatcher != nullptr) {
        for (const auto& delivery : dispatcher->deliveries()) {
            const job::DeliveryCounts told = delivery->counts();
            const auto found = counts.extract(delivery->target());
            targets.emplace_back(JsonValue::Object{{"target", delivery->target()},
                                                   {"waiting", found ? found.mapped() : int64_t{0}},
                                                   {"in_flight", told.in_flight},
                                                   {"delivered", told.delivered},
                                                   {"failed", told.failed},
                                                   {"died", told.died},
                                                   {"error", told.error}});
        }
    }
    for (const auto& [target, count] : counts)
        targets.emplace_back(JsonValue::Object{{"target", target}, {"waiting", count}});
    co_return JsonValue::Object{{"targets", std::move(targets)}, {"dead", dead}};
}

Task<Result<JsonValue>> ShowDead(db::Database& database, EventsRequest request) {
    int64_t after = request.after;
    CO_TRY(const auto dead,
           co_await job::ListDeadEvents(database, std::move(request.selection), after, kPage));
    JsonValue::Array events;
    for (const catalog::DeadEvent& one : dead)
        events.push_back(Describe(one));
    co_return JsonValue::Object{{"dead", std::move(events)}, {"next", after}};
}

}  // namespace

Result<EventsRequest> EventsRequest::Parse(std::string_view method, std::string_view path,
                                           std::string_view query_text) {
    EventsRequest request;
    bool known = false;
    for (const Action action : {Action::kStatus, Action::kList, Action::kReplay, Action::kDrop}) {
        request.action = action;
        if (path != PathOf(action) || method != request.method()) continue;
        known = true;
        break;
    }
    if (!known) return Error(ErrorKind::kInvalid, "there is nothing of that name here");
    TRY(const codec::Query query, codec::Query::Parse(query_text));
    for (const codec::QueryParameter& parameter : query.parameters()) {
        if (parameter.name == "id") {
            TRY(const int64_t id, ParseId(parameter.value));
            request.selection.ids.push_back(id);
        }
    }
    request.selection.target = query.Get("target").value_or("");
    request.waiting = query.Get("waiting") == "on";
    if (const auto after = query.Get("after")) {
        TRY(request.after, ParseId(*after));
    }
    if (request.waiting && request.selection.target.empty())
        return Error(ErrorKind::kInvalid, "those that wait are dropped for one target");
    return request;
}

std::string EventsRequest::method() const {
    return action == Action::kStatus || action == Action::kList ? "GET" : "POST";
}

std::string EventsRequest::target() const {
    std::string text = fmt::format("{}?after={}", PathOf(action), after);
    if (!selection.target.empty()) text += "&target=" + codec::PercentEncode(selection.target);
    for (const int64_t id : selection.ids)
        text += fmt::format("&id={}", id);
    if (waiting) text += "&waiting=on";
    return text;
}

Task<Result<JsonValue>> PerformEvents(db::Database& database, const Clock& clock,
                                      EventsRequest request, job::EventDispatcher* dispatcher) {
    if (request.action == Action::kStatus) co_return co_await ShowStatus(database, dispatcher);
    if (request.action == Action::kList) co_return co_await ShowDead(database, std::move(request));
    if (request.action == Action::kReplay) {
        CO_TRY(const int64_t count,
               co_await job::ReplayDeadEvents(database, clock, std::move(request.selection)));
        if (dispatcher != nullptr) dispatcher->Wake();
        co_return JsonValue::Object{{"replayed", count}};
    }
    if (request.waiting) {
        CO_TRY(const int64_t count,
               co_await job::DropWaitingEvents(database, std::move(request.selection.target)));
        co_return JsonValue::Object{{"dropped", count}};
    }
    CO_TRY(const int64_t count,
           co_await job::DropDeadEvents(database, std::move(request.selection)));
    co_return JsonValue::Object{{"dropped", count}};
}

}  // namespace coffer::app
