#include "coffer/db/sqlite/writer_metrics.h"

namespace coffer::db {

WriterMetrics::WriterMetrics(runtime::Registry& registry)
    : batch(registry.GetHistogram("coffer_catalogue_commit_transactions",
                                  "Transactions of the catalogue that were committed together",
                                  {1, 2, 4, 8, 16, 32, 64, 128, 256})),
      log_bytes(
          registry.GetGauge("coffer_catalogue_log_bytes", "What of the catalogue's log is in use")),
      checkpoints(registry.GetCounter("coffer_catalogue_checkpoints_total",
                                      "How often the log was brought into the catalogue")),
      failed_checkpoints(registry.GetCounter("coffer_catalogue_failed_checkpoints_total",
                                             "How often that failed")) {}

}  // namespace coffer::db
