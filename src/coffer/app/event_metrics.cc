#include "coffer/app/event_metrics.h"

#include "coffer/service/listeners.h"

namespace coffer::app {

void CollectEvents(runtime::Exposition& page, const job::EventDispatcher& events) {
    using enum runtime::SampleKind;
    for (const auto& delivery : events.deliveries()) {
        const job::DeliveryCounts counts = delivery->counts();
        const runtime::Labels labels = {{"target_id", delivery->target()},
                                        {"target_name", "webhook"}};
        const auto add = [&](runtime::SampleKind kind, std::string_view name, std::string_view help,
                             int64_t value) {
            page.Add(kind, name, help, static_cast<double>(value), labels);
        };
        // Where MinIO has a figure it has its name.
        add(kCounter, "minio_notify_target_total_events", "Events that the target has taken",
            counts.delivered);
        add(kCounter, "minio_notify_target_failed_events",
            "Attempts at sending an event that failed", counts.failed);
        add(kGauge, "minio_notify_target_current_send_in_progress", "Events being sent",
            counts.in_flight);
        add(kGauge, "minio_notify_target_queue_length", "Events that wait, some seconds ago",
            counts.waiting);
        add(kCounter, "coffer_notify_target_dead_events_total", "Events that were given up",
            counts.died);
        add(kGauge, "coffer_notify_target_up", "Whether the last attempt was taken",
            counts.error.empty() ? 1 : 0);
    }
    const service::Listeners& listeners = events.core().notifications->listeners();
    page.Add(kGauge, "coffer_notify_listeners", "Clients that listen to events",
             static_cast<double>(listeners.count()));
    page.Add(kCounter, "coffer_notify_dropped_listeners_total",
             "Clients that listened and were too slow", static_cast<double>(listeners.dropped()));
}

}  // namespace coffer::app
