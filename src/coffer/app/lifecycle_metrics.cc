#include "coffer/app/lifecycle_metrics.h"

namespace coffer::app {

void CollectLifecycle(runtime::Exposition& page, const job::Lifecycle& lifecycle) {
    const auto add = [&](std::string_view name, std::string_view help, int64_t value) {
        page.Add(runtime::SampleKind::kCounter, name, help, static_cast<double>(value));
    };
    const job::LifecycleCounts counts = lifecycle.counts();
    add("coffer_lifecycle_expired_total", "Objects that lifecycle rules let expire",
        counts.expired);
    add("coffer_lifecycle_removed_versions_total", "Noncurrent versions that they removed",
        counts.removed);
    add("coffer_lifecycle_removed_markers_total",
        "Delete markers that hid nothing and that they removed", counts.removed_markers);
    add("coffer_lifecycle_aborted_uploads_total", "Unfinished uploads that they aborted",
        counts.aborted);
    add("coffer_lifecycle_visited_keys_total",
        "Keys that were looked at, because something of "
        "them might be due",
        lifecycle.visited_keys());
}

}  // namespace coffer::app
