#include "coffer/job/scrub_pass.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "coffer/catalog/references.h"
#include "coffer/codec/hex.h"
#include "coffer/job/kept_reports.h"
#include "coffer/runtime/sleep.h"
#include "coffer/service/reclaimer.h"

namespace coffer::job {
namespace {

using catalog::BlobId;
using catalog::StoredCopy;
using service::CopyCondition;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr size_t kBatch = 256;  // copies, and keys of the store
constexpr std::chrono::seconds kSaveEvery{5};
constexpr milliseconds kShowEvery{100};
constexpr milliseconds kGiveWay{50};
constexpr int kMostGiveWays = 20;  // between two copies, so that it comes to an end some day
constexpr size_t kObjectsPerFinding = 10;

// What reading even the smallest copy is worth, beside its bytes.
constexpr uint64_t kCopyCostBytes = 16_KiB;

}  // namespace

bool IsOfOne(const Error& error) {
    switch (error.kind()) {
        case ErrorKind::kCorrupt:
        case ErrorKind::kDenied:
        case ErrorKind::kIo:
        case ErrorKind::kNoSpace:
            return true;
        default:
            return false;
    }
}

ScrubPass::ScrubPass(service::Core& core, ScrubControl& control, runtime::Pace& pace,
                     ScrubReport report)
    : core_(core), control_(control), pace_(pace), report_(std::move(report)), shown_(report_) {}

ScrubReport ScrubPass::report() const {
    MutexLock lock(mutex_);
    return shown_;
}

Task<Result<bool>> ScrubPass::Run() {
    if (report_.started_us == 0) report_.started_us = ToMicros(core_.clock.Now());
    while (report_.phase != ScrubPhase::kDone && !control_.interrupt) {
        Result<> done = Ok();
        switch (report_.phase) {
            case ScrubPhase::kCatalogue:
                done = co_await CheckCatalogue();
                break;
            case ScrubPhase::kReferences:
                done = co_await CheckReferences();
                break;
            case ScrubPhase::kCopies:
                done = co_await CheckCopies();
                break;
            case ScrubPhase::kOrphans:
                done = co_await CheckOrphans();
                break;
            case ScrubPhase::kDone:
                break;
        }
        if (!done && done.error().kind() == ErrorKind::kCorrupt) {
            // What the catalogue can't tell is damage of its own, and no reason to look no further.
            Find(AboutCatalogue(done.error().message()), &ScrubReport::catalogue);
            Enter(static_cast<ScrubPhase>(static_cast<int>(report_.phase) + 1));
        } else if (!done) {
            (void)co_await Save();
            co_return done.error();
        }
    }
    const bool finished = report_.phase == ScrubPhase::kDone;
    if (finished) {
        const Result<> named = co_await NameObjects();
        if (!named && named.error().kind() != ErrorKind::kCorrupt) co_return named.error();
        report_.finished_us = ToMicros(core_.clock.Now());
    }
    Show();
    CO_TRY(co_await Save());
    co_return finished;
}

Task<Result<>> ScrubPass::CheckCopies() {
    while (!control_.interrupt) {
        CO_TRY(const catalog::CopyPage page,
               co_await core_.database.Read(db::Cost::kScan, [&](db::Transaction& tx) {
                   return catalog::ScanCopies(tx, BlobId(report_.at_blob),
                                              catalog::StoreId(report_.at_store), kBatch);
               }));
        NoteLeftOut(page.left_out);
        for (const StoredCopy& stored : page.copies) {
            co_await GiveWay();
            if (control_.interrupt) co_return Ok();
            CO_TRY(co_await CheckCopy(stored));
            report_.at_blob = stored.copy.blob.value();
            report_.at_store = stored.copy.store.value();
            if (steady_clock::now() - shown_at_ >= kShowEvery) Show();
            // What is set aside would be taken for missing by a pass that goes on before it.
            const bool found = report_.quarantined > saved_quarantined_;
            if (found || steady_clock::now() - saved_at_ >= kSaveEvery) {
                CO_TRY(co_await Save());
            }
        }
        if (page.end) {
            Enter(ScrubPhase::kOrphans);
            co_return Ok();
        }
        report_.at_blob = page.last_blob.value();
        report_.at_store = page.last_store.value();
        CO_TRY(co_await Save());
    }
    co_return Ok();
}

// Most were counted by the check of all rows. One that goes on where it was meets some again.
void ScrubPass::NoteLeftOut(const std::vector<catalog::LeftOutCopy>& left_out) {
    report_.catalogue = std::max(report_.catalogue, static_cast<int64_t>(left_out.size()));
    for (const catalog::LeftOutCopy& copy : left_out) {
        Finding finding = AboutCatalogue("a copy is not read back: " + copy.why);
        finding.blob_id = copy.blob.value();
        if (!Knows(finding)) report_.Add(std::move(finding));
    }
}

Task<Result<>> ScrubPass::CheckCopy(const StoredCopy& stored) {
    for (bool again = false;;) {
        const Result<service::ScrubbedCopy> scrubbed =
            co_await service::ScrubCopy(core_, stored, mends(), pace_);
        if (scrubbed) {
            co_await pace_.Spend(kCopyCostBytes);
            Note(stored, scrubbed.value());
            co_return Ok();
        }
        if (scrubbed.error().kind() == ErrorKind::kCorrupt) {  // its row, or its blob's
            NoteLeftOut({{stored.copy.blob, scrubbed.error().message()}});
            co_return Ok();
        }
        if (IsOfOne(scrubbed.error())) {
            // A disk that failed once is no damaged catalogue, and mostly reads the next time.
            if (std::exchange(again, true)) {
                NoteUnread(stored, scrubbed.error());
                co_return Ok();
            }
            continue;
        }
        // Buffers, descriptors and threads are the requests' first.
        if (!scrubbed.error().retryable() || control_.interrupt) co_return scrubbed.error();
        co_await runtime::Sleep(kGiveWay);
    }
}

void ScrubPass::NoteUnread(const StoredCopy& stored, const Error& error) {
    Finding finding{.what = "unreadable",
                    .blob = codec::ToHex(stored.blob.sha256),
                    .blob_id = stored.blob.id.value(),
                    .copy = stored.copy.key};
    finding.detail = "what the catalogue says of the copy can't be read: " + error.message();
    Find(std::move(finding), &ScrubReport::unreadable);
}

void ScrubPass::Note(const StoredCopy& stored, const service::ScrubbedCopy& scrubbed) {
    ++report_.copies;
    report_.bytes += static_cast<int64_t>(scrubbed.bytes);
    ++control_.verified_copies;
    control_.verified_bytes += static_cast<int64_t>(scrubbed.bytes);
    if (scrubbed.revived) ++report_.revived;
    if (scrubbed.condition == CopyCondition::kChanged) return;
    if (scrubbed.condition == CopyCondition::kWhole) {
        if (!scrubbed.revived) verified_.push_back(stored.copy);
        return;
    }
    Finding finding{.blob = codec::ToHex(stored.blob.sha256),
                    .blob_id = stored.blob.id.value(),
                    .copy = stored.copy.key,
                    .detail = scrubbed.why,
                    .quarantine = scrubbed.quarantine};
    if (!scrubbed.failure.empty()) finding.detail += "; " + scrubbed.failure;
    if (!scrubbed.quarantine.empty()) {
        ++report_.quarantined;
        finding.done = "quarantined";
    }
    if (scrubbed.healed) {
        ++report_.healed;
        finding.done = "healed";
    }
    if (scrubbed.condition == CopyCondition::kDamaged) {
        finding.what = "damaged";
        Find(std::move(finding), &ScrubReport::damaged);
    } else if (scrubbed.condition == CopyCondition::kMissing) {
        finding.what = "missing";
        Find(std::move(finding), &ScrubReport::missing);
    } else {
        finding.what = "unreadable";
        Find(std::move(finding), &ScrubReport::unreadable);
    }
}

Task<Result<>> ScrubPass::CheckOrphans() {
    while (!control_.interrupt) {
        co_await GiveWay();
        const Result<store::ListPage> read = co_await core_.store.List(report_.at_key, kBatch);
        if (!read && IsOfOne(read.error())) {
            NoteUnlisted(read.error());  // all of it, once: the phase ends
            Enter(ScrubPhase::kDone);
            co_return Ok();
        }
        CO_TRY(const store::ListPage page, read);
        for (const store::LeftOut& left_out : page.left_out) {
            // Two pages may tell of the same, and so do a pass and the one that goes on where it
            // was. Parts come in their order.
            if (left_out.part <= report_.at_left_out) continue;
            report_.at_left_out = left_out.part;
            NoteUnlisted(left_out.why);
        }
        for (const store::ListedCopy& listed : page.copies) {
            if (control_.interrupt) co_return Ok();
            CO_TRY(co_await CheckListedCopy(listed));
            report_.at_key = listed.key;
        }
        if (page.next_cursor.empty()) {
            Enter(ScrubPhase::kDone);
            co_return Ok();
        }
        report_.at_key = page.next_cursor;
        CO_TRY(co_await Save());
    }
    co_return Ok();
}

void ScrubPass::NoteUnlisted(const Error& error) {
    Finding finding{.what = "unreadable"};
    finding.detail = "what the store holds can't be listed: " + error.message();
    Find(std::move(finding), &ScrubReport::unreadable);
}

bool ScrubPass::Knows(const Finding& finding) const {
    return std::ranges::any_of(report_.findings, [&](const Finding& other) {
        return other.blob_id == finding.blob_id && other.detail == finding.detail;
    });
}

Task<Result<>> ScrubPass::CheckListedCopy(const store::ListedCopy& listed) {
    const Result<service::Orphan> orphan =
        co_await core_.reclaimer.LookForOrphan(listed.stat.sha256, listed.key);
    if (!orphan && orphan.error().kind() == ErrorKind::kCorrupt) {
        // A damaged row that may name it. It was counted before, unless it is damaged only now.
        if (report_.catalogue == 0)
            Find(AboutCatalogue(orphan.error().message()), &ScrubReport::catalogue);
        co_return Ok();
    }
    CO_TRY(service::Orphan fate, orphan);
    if (fate == service::Orphan::kYes && mends()) {
        const Result<service::Orphan> dropped =
            co_await core_.reclaimer.DropOrphan(listed.stat.sha256, listed.key);
        if (dropped) {
            fate = dropped.value();
        } else if (dropped.error().kind() == ErrorKind::kCorrupt) {
            Find(AboutCatalogue(dropped.error().message()), &ScrubReport::catalogue);
            co_return Ok();
        } else if (IsOfOne(dropped.error())) {
            Finding finding{.what = "orphan", .copy = listed.key};
            finding.detail = "it can't be removed: " + dropped.error().message();
            report_.Add(std::move(finding));
        } else {
            co_return dropped.error();
        }
    }
    if (fate == service::Orphan::kNo || fate == service::Orphan::kHeld) co_return Ok();
    ++report_.orphans;
    report_.orphan_bytes += static_cast<int64_t>(listed.stat.size_bytes);
    if (fate == service::Orphan::kDropped) ++report_.orphans_removed;
    co_return Ok();
}

// Which objects need what is damaged: one walk over all versions, only where something is.
Task<Result<>> ScrubPass::NameObjects() {
    std::set<int64_t> blobs;
    for (const Finding& finding : report_.findings) {
        if (finding.blob_id != 0 && finding.what != "references") blobs.insert(finding.blob_id);
    }
    if (blobs.empty()) co_return Ok();
    CO_TRY(const std::vector<catalog::Referrer> all,
           co_await core_.database.Read(db::Cost::kScan, [&](db::Transaction& tx) {
               return catalog::FindReferrers(tx, blobs,
                                             kObjectsPerFinding * ScrubReport::kMaxFindings);
           }));
    std::multimap<int64_t, std::string> names;
    for (const catalog::Referrer& referrer : all)
        names.emplace(referrer.blob.value(), referrer.bucket + "/" + referrer.key);
    for (Finding& finding : report_.findings) {
        if (!blobs.contains(finding.blob_id)) continue;
        finding.objects.clear();
        const auto [begin, end] = names.equal_range(finding.blob_id);
        for (auto name = begin; name != end && finding.objects.size() < kObjectsPerFinding; ++name)
            finding.objects.push_back(name->second);
    }
    co_return Ok();
}

Finding ScrubPass::AboutCatalogue(std::string detail) {
    Finding finding;
    finding.what = "catalogue";
    finding.detail = std::move(detail);
    return finding;
}

void ScrubPass::Find(Finding finding, int64_t ScrubReport::* count) {
    ++(report_.*count);
    report_.Add(std::move(finding));
}

void ScrubPass::Enter(ScrubPhase phase) {
    report_.phase = phase;
    report_.at_blob = -1;
    report_.at_store = 0;
    report_.at_key.clear();
    report_.at_left_out.clear();
    Show();
}

void ScrubPass::Show() {
    shown_at_ = steady_clock::now();
    MutexLock lock(mutex_);
    shown_ = report_;
}

// With what was verified since the last time: a crash repeats a few seconds of work. A scrub that
// only looks keeps nothing.
Task<Result<>> ScrubPass::Save() {
    saved_at_ = steady_clock::now();
    saved_quarantined_ = report_.quarantined;
    if (!report_.repair) {
        verified_.clear();
        co_return Ok();
    }
    const bool finished = report_.finished_us != 0;
    const Result<> saved = co_await core_.database.Write([&](db::Transaction& tx) -> Result<> {
        for (const catalog::Copy& copy : verified_) {
            TRY(catalog::NoteVerified(tx, copy, core_.clock.Now()));
        }
        return KeepReport(tx, report_);
    });
    // A full disk is no reason to verify nothing: an end of the process repeats more work then.
    if (!saved && (finished || saved.error().kind() != ErrorKind::kNoSpace))
        co_return saved.error();
    verified_.clear();
    co_return Ok();
}

Task<void> ScrubPass::GiveWay() {
    while (control_.paused && !control_.interrupt)
        co_await runtime::Sleep(kGiveWay);
    for (int i = 0; i < kMostGiveWays && control_.busy && !control_.interrupt; ++i) {
        if (!control_.busy()) break;
        co_await runtime::Sleep(kGiveWay);
    }
}

}  // namespace coffer::job
