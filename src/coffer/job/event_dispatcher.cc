#include "coffer/job/event_dispatcher.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "coffer/base/log.h"
#include "coffer/service/listeners.h"

namespace coffer::job {

EventDispatcher::EventDispatcher(service::Core& core, std::vector<WebhookTarget> targets,
                                 DeliveryLimits limits)
    : core_(core) {
    for (WebhookTarget& target : targets) {
        const std::string id = target.id;
        const int64_t limit = target.queue_limit;
        auto send = [target = std::move(target)](const std::string& document,
                                                 const std::atomic<bool>& cancelled) {
            return PostToWebhook(target, document, cancelled);
        };
        deliveries_.push_back(std::make_unique<EventDelivery>(core.database, core.clock, id,
                                                              std::move(send), limits, limit));
    }
    core_.notifications->listeners().CallOnAdd([this] { feed_.Wake(); });
    core_.notifications->CallOnEvent([this](std::string_view target) {
        if (target == service::Notifications::kListeners) return feed_.Wake();
        for (const auto& delivery : deliveries_)
            if (delivery->target() == target) delivery->Wake();
    });
}

void EventDispatcher::Start(runtime::Executor executor) {
    std::vector<std::string> waited_for;
    const Result<> looked = core_.database.ReadBlocking([&](db::Transaction& tx) -> Result<> {
        TRY(waited_for, catalog::ListEventTargets(tx));
        return Ok();
    });
    if (!looked)
        Log(LogLevel::kError, "the catalogue can't be asked for events that wait",
            {{"error", looked.error().ToString()}});
    for (const std::string& id : waited_for) {
        const auto is = [&id](const auto& delivery) { return delivery->target() == id; };
        if (std::ranges::none_of(deliveries_, is))
            Log(LogLevel::kWarning,
                "events wait for a target that is not configured; `coffer events DIR drop "
                "--waiting "
                "--target ID` drops them",
                {{"target", id}});
    }
    for (const auto& delivery : deliveries_)
        delivery->Start(executor);
    feed_.Start(executor);
}

void EventDispatcher::DropListeners() {
    core_.notifications->listeners().Close();
}

void EventDispatcher::Stop() {
    feed_.Stop();
    std::vector<std::thread> stopping;
    stopping.reserve(deliveries_.size());
    for (const auto& delivery : deliveries_)
        stopping.emplace_back([&delivery] { delivery->Stop(); });
    for (std::thread& one : stopping)
        one.join();
}

void EventDispatcher::Wake() {
    for (const auto& delivery : deliveries_)
        delivery->Wake();
}

}  // namespace coffer::job
