// One scrub from its beginning to its end, in four phases:
//   catalogue   the database's own check, and the checksum of every row
//   references  counts of references and of usage against what they count; blobs that are named
//               and not there
//   copies      every copy's bytes against its chunks' CRC32C and its SHA-256
//   orphans     what the store holds against what rows name
//
// It can be interrupted anywhere, by the end of the process too, and goes on where it was: how far
// it is stands in the catalogue (kept_reports.h), written with what was verified.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "coffer/base/mutex.h"
#include "coffer/catalog/copies.h"
#include "coffer/job/scrub_report.h"
#include "coffer/runtime/pace.h"
#include "coffer/service/core.h"
#include "coffer/service/scrub_copy.h"

namespace coffer::job {

// What a pass is told while it runs, and tells. Any thread.
struct ScrubControl {
    std::atomic<bool> interrupt = false;  // end soon; progress is kept
    std::atomic<bool> paused = false;
    std::function<bool()>
        busy;  // requests are waiting for the disk: let them go first. Null: never

    std::atomic<int64_t> verified_bytes = 0;  // of all passes of this process
    std::atomic<int64_t> verified_copies = 0;
};

class ScrubPass {
  public:
    // `report`: a new one, or the one that an earlier pass ended with. All outlive it.
    ScrubPass(service::Core& core, ScrubControl& control, runtime::Pace& pace, ScrubReport report);

    // To the end, or until it is interrupted; whether it came to the end. What can't be done with
    // one copy, count or orphan is a finding. Errors: those of the catalogue and the server that
    // say nothing of one. Progress is kept then.
    Task<Result<bool>> Run();

    // A copy of what it is at. Any thread.
    ScrubReport report() const;

  private:
    // Each does a part, and moves report_ on.
    Task<Result<>> CheckCatalogue();
    Task<Result<>> CheckReferences();
    Task<Result<>> CheckUsage();
    Task<Result<>> CheckCopies();
    Task<Result<>> CheckOrphans();
    Task<Result<>> NameObjects();

    Task<Result<>> CheckCopy(const catalog::StoredCopy& stored);
    Task<Result<>> CheckListedCopy(const store::ListedCopy& listed);
    // Whether the pass can go on after a correction, and with what the finding says of it.
    Result<> NoteCorrection(const Result<>& corrected, Finding& finding);
    void NoteLeftOut(const std::vector<catalog::LeftOutCopy>& left_out);
    void NoteUnread(const catalog::StoredCopy& stored, const Error& error);
    void NoteUnlisted(const Error& error);
    // Whether the report says so already.
    bool Knows(const Finding& finding) const;
    void Note(const catalog::StoredCopy& stored, const service::ScrubbedCopy& scrubbed);
    static Finding AboutCatalogue(std::string detail);
    void Find(Finding finding, int64_t ScrubReport::* count);
    void Enter(ScrubPhase phase);
    void Show();
    Task<Result<>> Save();
    Task<void> GiveWay();
    // A catalogue that is damaged itself is nothing to mend by: what no row names may be what a row
    // named that is lost.
    bool mends() const { return report_.repair && report_.catalogue == 0; }

    service::Core& core_;
    ScrubControl& control_;
    runtime::Pace& pace_;
    ScrubReport report_;
    std::vector<catalog::Copy> verified_;  // not yet noted in the catalogue
    SteadyTime saved_at_{};
    int64_t saved_quarantined_ = 0;
    SteadyTime shown_at_{};

    mutable Mutex mutex_;
    ScrubReport shown_ GUARDED_BY(mutex_);  // report_ of a moment ago
};

// Whether an error may be of the one thing that was tried, so that others are worth trying: what
// ended with it would meet it again, and never come to them.
bool IsOfOne(const Error& error);

}  // namespace coffer::job
