// What becomes of the knowledge that a store does not give a copy's bytes: the copy is marked in
// the catalogue, the log names it, a counter counts.
//
// The mark has an effect: reads try other copies first, an upload of the same content writes its
// bytes again in place of trusting the row, and the scrub looks after the copy. Any thread may call
// it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "coffer/catalog/types.h"
#include "coffer/db/database.h"

namespace coffer::service {

// Whose bytes were wanted.
struct Wanted {
    catalog::BucketId bucket;
    std::string key;
};

class DamageLog {
  public:
    explicit DamageLog(db::Database& database) : database_(database) {}

    // `found`: what the store said; kCorrupt, kNotFound, or why it can't read the copy. False where
    // the row has changed since (the copy was moved, written again or given up): nothing is wrong
    // then, and whoever read it can look again. Durable when it returns; where the catalogue can't
    // be written, the log says so, and the answer is true.
    Task<bool> Report(catalog::Copy copy, codec::Sha256Digest sha256, Error found,
                      std::optional<Wanted> wanted);

    // How often a copy was found damaged, missing or unreadable, by reads, uploads and scrubs.
    uint64_t reports() const { return reports_; }

    // Called after each mark that is new, on any thread. Set before anything is read.
    void OnMark(std::function<void()> wake) { wake_ = std::move(wake); }

  private:
    db::Database& database_;
    std::atomic<uint64_t> reports_ = 0;
    std::function<void()> wake_;
};

}  // namespace coffer::service
