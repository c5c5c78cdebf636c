#include "coffer/app/scrub_metrics.h"

#include "coffer/catalog/copies.h"

namespace coffer::app {

void CollectScrub(runtime::Exposition& page, service::Core& core, const job::Scrubber& scrubber) {
    using enum runtime::SampleKind;
    int64_t damaged = 0;
    const Result<> counted = core.database.ReadBlocking([&](db::Transaction& tx) -> Result<> {
        TRY(damaged, catalog::CountDamagedCopies(tx));
        return Ok();
    });
    if (counted)
        page.Add(kGauge, "coffer_copies_damaged", "Copies that are known to be damaged or missing",
                 static_cast<double>(damaged));
    page.Add(kCounter, "coffer_copies_found_damaged_total",
             "How often a read, an upload or a scrub met a damaged or missing copy",
             static_cast<double>(core.damage.reports()));
    const job::ScrubCounters counters = scrubber.counters();
    page.Add(kCounter, "coffer_scrub_verified_bytes_total", "Bytes that scrubs read back",
             static_cast<double>(counters.verified_bytes));
    page.Add(kCounter, "coffer_scrub_verified_copies_total", "Copies that scrubs read back",
             static_cast<double>(counters.verified_copies));
    const job::ScrubStatus status = scrubber.status();
    page.Add(kGauge, "coffer_scrub_running", "Whether a scrub runs", status.running ? 1 : 0);
    if (!status.last) return;
    const auto add = [&](std::string_view name, std::string_view help, int64_t value) {
        page.Add(kGauge, name, help, static_cast<double>(value));
    };
    const job::ScrubReport& last = *status.last;
    constexpr int64_t kMicros = 1'000'000;
    add("coffer_scrub_last_end_seconds", "When the last whole scrub ended, since 1970",
        last.finished_us / kMicros);
    add("coffer_scrub_last_damaged", "Copies that it found damaged, missing or unreadable",
        last.damaged + last.missing + last.unreadable);
    add("coffer_scrub_last_repaired", "Copies that it healed, and counts that it corrected",
        last.healed + last.corrected);
}

}  // namespace coffer::app
