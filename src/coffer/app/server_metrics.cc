#include "coffer/app/server_metrics.h"

#include <string_view>

namespace coffer::app {

void CollectServer(runtime::Exposition& page, const http::Server& server, const std::string& port) {
    const http::ServerCounters counters = server.counters();
    const auto add = [&](runtime::SampleKind kind, std::string_view name, std::string_view help,
                         uint64_t value) {
        page.Add(kind, name, help, static_cast<double>(value), {{"port", port}});
    };
    using enum runtime::SampleKind;
    add(kGauge, "coffer_http_connections_open", "Open connections", counters.connections_open);
    add(kCounter, "coffer_http_connections_total", "Connections", counters.connections_total);
    add(kGauge, "coffer_http_requests_in_flight", "Requests in flight",
        counters.requests_in_flight);
    add(kCounter, "coffer_http_requests_total", "Requests", counters.requests_total);
    add(kCounter, "coffer_http_received_bytes_total", "Bytes received", counters.bytes_received);
    add(kCounter, "coffer_http_sent_bytes_total", "Bytes sent", counters.bytes_sent);
}

void CollectPacks(runtime::Exposition& page, const store::PackStats& stats,
                  const service::Compactor& compactor) {
    const auto add = [&](runtime::SampleKind kind, std::string_view name, std::string_view help,
                         uint64_t value) {
        page.Add(kind, name, help, static_cast<double>(value));
    };
    using enum runtime::SampleKind;
    add(kGauge, "coffer_pack_segments", "Segments that hold small blobs", stats.segments);
    add(kGauge, "coffer_pack_size_bytes", "Size of these segments", stats.size_bytes);
    add(kGauge, "coffer_pack_counted_bytes",
        "Size of those segments whose living bytes have been counted since the start",
        stats.counted_bytes);
    add(kGauge, "coffer_pack_live_bytes", "Bytes in these that belong to blobs", stats.live_bytes);
    add(kGauge, "coffer_pack_unreadable_segments",
        "Segments of which something could not be listed the last time", stats.unreadable);
    add(kCounter, "coffer_pack_batches_total", "Batches of small blobs, each with one sync",
        stats.batches);
    add(kCounter, "coffer_pack_records_total", "Small blobs that were written", stats.records);
    add(kCounter, "coffer_pack_appended_bytes_total", "Bytes that were appended to the packs",
        stats.appended_bytes);
    add(kCounter, "coffer_pack_moved_total", "Small blobs that a compaction moved",
        compactor.moved_copies());
    add(kCounter, "coffer_pack_moved_bytes_total", "Bytes of small blobs that a compaction moved",
        compactor.moved_bytes());
}

}  // namespace coffer::app
