#include "coffer/service/reclaimer.h"

#include <algorithm>
#include <utility>

#include "coffer/base/log.h"
#include "coffer/catalog/blobs.h"
#include "coffer/catalog/copies.h"
#include "coffer/runtime/sleep.h"

namespace coffer::service {
namespace {

constexpr size_t kBatch = 256;
constexpr std::chrono::milliseconds kPause{50};

// The blob of a copy that is still marked, with the same key; nothing where it lives again or is
// gone.
Result<std::optional<catalog::Blob>> FindDeleting(db::Transaction& tx, const catalog::Copy& copy) {
    TRY(const auto now, catalog::FindCopy(tx, copy.blob, copy.store));
    if (!now || now->state != catalog::CopyState::kDeleting || now->key != copy.key)
        return std::optional<catalog::Blob>();
    TRY(catalog::Blob blob, catalog::GetBlob(tx, copy.blob));
    return std::optional<catalog::Blob>(blob);
}

// Of a damaged copy there is nothing that could be removed.
bool IsGone(const Error& error) {
    return error.kind() == ErrorKind::kNotFound || error.kind() == ErrorKind::kCorrupt;
}

Error Stopped() {
    return Error(ErrorKind::kClosed, "the server stops before it has seen all");
}

}  // namespace

Reclaimer::Reclaimer(db::Database& database, store::Store& store, BlobGate& gate)
    : database_(database), store_(store), gate_(gate) {}

Task<runtime::BackgroundLoop::Duration> Reclaimer::RunStep() {
    const Result<int64_t> removed = co_await RunOnce();
    if (!removed) {
        Log(LogLevel::kWarning, "deleted objects keep their space for now",
            {{"error", removed.error().ToString()}});
        co_return std::exchange(retry_after_, std::min(2 * retry_after_, kMostRetryAfter));
    }
    retry_after_ = kRetryAfter;
    if (co_await IsDone()) co_return runtime::BackgroundLoop::kUntilWoken;
    co_return kRetryAfter;  // what is left is held by a reader
}

Task<bool> Reclaimer::IsDone() {
    const auto left = co_await database_.Read(db::Cost::kPoint, [](db::Transaction& tx) {
        return catalog::ListDeletingCopies(tx, catalog::kEngineStore, catalog::BlobId(-1), 1);
    });
    co_return left&& left.value().empty() && !HasSpares();
}

Task<Result<int64_t>> Reclaimer::RunOnce() {
    Result<> failed = Ok();  // the first time; what fails keeps nothing else from going
    int64_t removed = co_await DropSpares(failed);
    catalog::BlobId after(-1);
    for (bool last = false; !last && !loop_.stopping();) {
        CO_TRY(const std::vector<catalog::Copy> batch,
               co_await database_.Read(db::Cost::kPoint, [&](db::Transaction& tx) {
                   return catalog::ListDeletingCopies(tx, catalog::kEngineStore, after, kBatch);
               }));
        last = batch.size() < kBatch;
        if (!batch.empty()) after = batch.back().blob;
        CO_TRY(const int64_t gone, co_await Reclaim(batch, failed));
        removed += gone;
    }
    if (!failed) co_return failed.error();
    co_return removed;
}

// Bytes first, rows after: what a crash leaves is still marked. One transaction for all of them.
Task<Result<int64_t>> Reclaimer::Reclaim(std::span<const catalog::Copy> batch, Result<>& failed) {
    std::vector<BlobGate::Hold> holds;
    std::vector<catalog::Copy> removed;
    for (const catalog::Copy& copy : batch) {
        auto alone = co_await RemoveBytes(copy);
        if (!alone) {
            if (failed) failed = alone.error();
        } else if (alone.value()) {
            holds.push_back(*std::move(alone).value());
            removed.push_back(copy);
        }
    }
    if (!removed.empty()) {
        CO_TRY(co_await database_.Write(
            [&](db::Transaction& tx) -> Result<> {
                for (const catalog::Copy& copy : removed) {
                    TRY(catalog::ForgetDeletingCopy(tx, copy));
                }
                return Ok();
            },
            db::Purpose::kFreesSpace));
    }
    co_return static_cast<int64_t>(removed.size());
}

// The blob held alone, once its bytes are gone; nothing where they are to stay, or are in use.
Task<Result<std::optional<BlobGate::Hold>>> Reclaimer::RemoveBytes(catalog::Copy copy) {
    const auto find = [&](db::Transaction& tx) { return FindDeleting(tx, copy); };
    std::optional<BlobGate::Hold> alone;
    CO_TRY(const std::optional<catalog::Blob> blob,
           co_await database_.Read(db::Cost::kPoint, find));
    if (!blob) co_return alone;
    alone = gate_.TryAlone(blob->sha256);
    if (!alone) co_return alone;
    // Again, now that nobody can bring it back to life.
    CO_TRY(const std::optional<catalog::Blob> still,
           co_await database_.Read(db::Cost::kPoint, find));
    if (!still) co_return std::optional<BlobGate::Hold>();
    const Result<> result = co_await store_.Remove(copy.key);
    if (!result && !IsGone(result.error())) co_return result.error();
    co_return alone;
}

Task<Result<Reclaimer::Examined>> Reclaimer::Examine(codec::Sha256Digest sha256,
                                                     std::string copy_key) {
    std::optional<BlobGate::Hold> alone = gate_.TryAlone(sha256);
    if (!alone) co_return Examined{.fate = Orphan::kHeld};
    CO_TRY(const bool named, co_await database_.Read(db::Cost::kPoint, [&](db::Transaction& tx) {
        return catalog::IsNamed(tx, sha256, catalog::kEngineStore, copy_key);
    }));
    if (named) co_return Examined{.fate = Orphan::kNo};
    co_return Examined{.fate = Orphan::kYes, .alone = std::move(alone)};
}

Task<Result<Orphan>> Reclaimer::LookForOrphan(codec::Sha256Digest sha256, std::string copy_key) {
    CO_TRY(const Examined examined, co_await Examine(sha256, std::move(copy_key)));
    co_return examined.fate;
}

Task<Result<Orphan>> Reclaimer::DropOrphan(codec::Sha256Digest sha256, std::string copy_key) {
    CO_TRY(const Examined examined, co_await Examine(sha256, copy_key));
    if (examined.fate != Orphan::kYes) co_return examined.fate;
    const Result<> result = co_await store_.Remove(std::move(copy_key));
    if (!result && !IsGone(result.error())) co_return result.error();
    co_return Orphan::kDropped;
}

Task<void> Reclaimer::DropSpare(codec::Sha256Digest sha256, std::string copy_key) {
    const Result<Orphan> dropped = co_await DropOrphan(sha256, copy_key);
    if (dropped && dropped.value() != Orphan::kHeld) co_return;
    DropSpareLater(sha256, std::move(copy_key));
}

void Reclaimer::DropSpareLater(codec::Sha256Digest sha256, std::string copy_key) {
    {
        MutexLock lock(mutex_);
        spares_.push_back({sha256, std::move(copy_key)});
    }
    Wake();
}

bool Reclaimer::HasSpares() {
    MutexLock lock(mutex_);
    return !spares_.empty();
}

Task<int64_t> Reclaimer::DropSpares(Result<>& failed) {
    std::vector<Spare> spares;
    {
        MutexLock lock(mutex_);
        spares = std::exchange(spares_, {});
    }
    int64_t dropped = 0;
    for (Spare& spare : spares) {
        const Result<Orphan> fate = co_await DropOrphan(spare.sha256, spare.copy_key);
        if (!fate && failed) failed = fate.error();
        dropped += fate && fate.value() == Orphan::kDropped ? 1 : 0;
        if (fate && fate.value() != Orphan::kHeld) continue;
        MutexLock lock(mutex_);
        spares_.push_back(std::move(spare));
    }
    co_return dropped;
}

// Buffers, descriptors and threads are the requests' first.
Task<bool> Reclaimer::Waits(Error error, WhenBusy when_busy) {
    if (when_busy == WhenBusy::kGiveUp || !error.retryable() || stopping_) co_return false;
    co_await runtime::Sleep(kPause);
    co_return true;
}

Task<Result<int64_t>> Reclaimer::DropOrphans(WhenBusy when_busy) {
    int64_t dropped = 0;
    Result<> failed = Ok();
    std::string cursor;
    do {
        Result<store::ListPage> listed = co_await store_.List(cursor, kBatch);
        while (!listed && co_await Waits(listed.error(), when_busy))
            listed = co_await store_.List(cursor, kBatch);
        CO_TRY(store::ListPage page, std::move(listed));
        if (!page.left_out.empty() && failed) failed = page.left_out.front().why;
        for (const store::ListedCopy& copy : page.copies) {
            if (stopping_) co_return Stopped();
            Result<Orphan> fate = co_await DropOrphan(copy.stat.sha256, copy.key);
            while (!fate && co_await Waits(fate.error(), when_busy))
                fate = co_await DropOrphan(copy.stat.sha256, copy.key);
            if (!fate) {
                if (failed) failed = fate.error();
            } else if (fate.value() == Orphan::kHeld) {
                // Whoever holds it may be about to name it, or another copy with that content.
                DropSpareLater(copy.stat.sha256, copy.key);
            } else if (fate.value() == Orphan::kDropped) {
                ++dropped;
            }
        }
        cursor = std::move(page.next_cursor);
        if (stopping_ && !cursor.empty()) co_return Stopped();
    } while (!cursor.empty());
    if (!failed) co_return failed.error();
    co_return dropped;
}

}  // namespace coffer::service
