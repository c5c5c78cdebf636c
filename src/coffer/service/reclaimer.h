// Frees the space of blobs that nothing refers to, behind the requests that gave them up.
//
// The transaction that drops a blob's last reference marks its copies; here their bytes are
// removed, and then the rows. A crash in between leaves marked rows, which the next start takes up.
// A blob that is put again meanwhile is live, and stays: the bytes are taken only while nobody
// holds the blob (BlobGate), and the mark is looked at again then.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "coffer/base/mutex.h"
#include "coffer/catalog/types.h"
#include "coffer/db/database.h"
#include "coffer/runtime/background_loop.h"
#include "coffer/service/blob_gate.h"
#include "coffer/store/store.h"

namespace coffer::service {

enum class Orphan : uint8_t {
    kNo,       // a row names the copy
    kHeld,     // somebody holds the blob, and may be about to write such a row
    kYes,      // no row does
    kDropped,  // and its bytes are removed
};

// What a walk does where the server lacks something just now (kBusy).
enum class WhenBusy : uint8_t {
    kWait,  // tries again until Stop
    kGiveUp,
};

class Reclaimer {
  public:
    Reclaimer(db::Database& database, store::Store& store, BlobGate& gate);

    // Runs in the background on `executor` from now on, beginning with what an earlier process
    // left.
    void Start(const runtime::Executor& executor) { loop_.Start(executor); }

    // Says that there is something to do. Any thread; cheap; before Start it is remembered.
    void Wake() { loop_.Wake(); }

    // Ends the background work after the blob that it is at, and DropOrphans, which it does not
    // wait for. For good. Blocks; not for an executor's thread.
    void Stop() {
        stopping_ = true;
        loop_.Stop();
    }

    // Removes every marked copy and every spare that nobody holds, and returns how many went. One
    // that fails keeps no other from going; the first error is returned at the end.
    Task<Result<int64_t>> RunOnce();

    // Removes a copy unless a row names it: with that key, on the store.
    Task<Result<Orphan>> DropOrphan(codec::Sha256Digest sha256, std::string copy_key);

    // Only says whether it is one.
    Task<Result<Orphan>> LookForOrphan(codec::Sha256Digest sha256, std::string copy_key);

    // As DropOrphan, for a copy that the caller knows to be named by no row. Where somebody holds
    // the blob, or it fails, it is tried again in the background.
    Task<void> DropSpare(codec::Sha256Digest sha256, std::string copy_key);

    // As DropSpare, all of it in the background. Any thread; does not block.
    void DropSpareLater(codec::Sha256Digest sha256, std::string copy_key);

    // Tries once more what is left to the background, and returns how many went. One that fails
    // stays, and keeps no other from going; `failed` is the first error, where it was none.
    Task<int64_t> DropSpares(Result<>& failed);

    // Says that a write failed in a way that may have left bytes which no row names; whoever ends
    // in good order asks whether that was said (recovery.h). Any thread.
    void NoteOrphan() { noted_orphan_ = true; }
    bool noted_orphan() { return noted_orphan_ || HasSpares(); }

    // Drops every copy on the store that no row names: for the start after a crash. What somebody
    // holds is looked at again in the background. Returns how many went; an error where not all
    // could be looked at, kClosed where Stop came in between.
    Task<Result<int64_t>> DropOrphans(WhenBusy when_busy = WhenBusy::kWait);

  private:
    struct Spare {
        codec::Sha256Digest sha256;
        std::string copy_key;
    };

    // Of a copy, and its blob held alone where it is kYes.
    struct Examined {
        Orphan fate = Orphan::kNo;
        std::optional<BlobGate::Hold> alone;
    };

    Task<runtime::BackgroundLoop::Duration> RunStep();
    Task<bool> IsDone();
    Task<Result<Examined>> Examine(codec::Sha256Digest sha256, std::string copy_key);
    Task<Result<int64_t>> Reclaim(std::span<const catalog::Copy> batch, Result<>& failed);
    Task<Result<std::optional<BlobGate::Hold>>> RemoveBytes(catalog::Copy copy);
    bool HasSpares();
    // Whether a walk is to try again what ended with `error`; after a pause.
    Task<bool> Waits(Error error, WhenBusy when_busy);

    // How soon to look again for blobs that somebody held, and after a failure, at first and at
    // most.
    static constexpr std::chrono::seconds kRetryAfter{1};
    static constexpr std::chrono::seconds kMostRetryAfter{60};

    db::Database& database_;
    store::Store& store_;
    BlobGate& gate_;
    std::chrono::seconds retry_after_ = kRetryAfter;
    std::atomic<bool> noted_orphan_ = false;
    std::atomic<bool> stopping_ = false;  // the loop's ends with its Stop, and a walk may not
    Mutex mutex_;
    std::vector<Spare> spares_ GUARDED_BY(mutex_);  // a crash leaves them to recovery
    runtime::BackgroundLoop loop_{[this] { return RunStep(); }};
};

}  // namespace coffer::service
