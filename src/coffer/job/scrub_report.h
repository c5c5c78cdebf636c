// What a scrub has done so far, and what it found: kept in the catalogue, sent over the control
// socket, shown to people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/base/result.h"
#include "coffer/codec/json.h"

namespace coffer::job {

// One thing that was wrong.
struct Finding {
    std::string what;  // "damaged", "missing", "unreadable", "no-copy", "references",
                       // "unknown-blob", "usage", "catalogue", "orphan"
    std::string blob;  // SHA-256 in hexadecimal, where it is about one
    int64_t blob_id = 0;
    std::string copy;                  // its key on the store
    std::string detail;                // for people
    std::string done;                  // "healed", "quarantined", "corrected"; empty: nothing
    std::string quarantine;            // where the bytes are now
    std::vector<std::string> objects;  // "bucket/key" of some that need it
};

// Phases in their order.
enum class ScrubPhase : uint8_t { kCatalogue, kReferences, kCopies, kOrphans, kDone };
std::string_view ToString(ScrubPhase phase);

struct ScrubReport {
    bool repair = true;            // false: only looked
    bool asked = false;            // by a command; false: the server's own
    int64_t bytes_per_second = 0;  // its limit; 0: none
    int64_t started_us = 0;        // since 1970
    int64_t finished_us = 0;       // 0: not yet
    ScrubPhase phase = ScrubPhase::kCatalogue;

    // How far it is: the last blob and store of kReferences and kCopies; of kOrphans the store's
    // cursor, and the last part of the store that was left out.
    int64_t at_blob = -1;
    int64_t at_store = 0;
    std::string at_key;
    std::string at_left_out;

    // What there is, counted when it began.
    int64_t total_copies = 0;
    int64_t total_bytes = 0;

    int64_t rows = 0;    // of the catalogue, read
    int64_t copies = 0;  // read back
    int64_t bytes = 0;
    int64_t damaged = 0;  // copies: damaged, missing, unreadable
    int64_t missing = 0;
    int64_t unreadable = 0;
    int64_t healed = 0;
    int64_t quarantined = 0;
    int64_t revived = 0;  // known as damaged, and whole
    int64_t orphans = 0;  // bytes that no row names: what a crash leaves, no damage
    int64_t orphan_bytes = 0;
    int64_t orphans_removed = 0;
    int64_t references = 0;  // wrong counts of references
    int64_t usage = 0;       // wrong counts of usage
    int64_t catalogue = 0;   // rows that are damaged, or name what is not there
    int64_t corrected = 0;   // counts

    std::vector<Finding> findings;  // the first kMaxFindings
    int64_t findings_left_out = 0;

    static constexpr size_t kMaxFindings = 200;

    // Whether nothing was found wrong, mended or not. Orphans are nothing wrong.
    bool clean() const;

    void Add(Finding finding);
};

codec::JsonValue ToJson(const ScrubReport& report);

// kCorrupt where it is not what ToJson made.
Result<ScrubReport> ParseScrubReport(const codec::JsonValue& json);

// Lines of text, for a finished report.
std::string ToTable(const ScrubReport& report);

}  // namespace coffer::job
