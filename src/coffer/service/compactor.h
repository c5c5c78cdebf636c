// Gives back the space between small blobs: has the store write those that live in a file full of
// removed ones elsewhere, notes in the catalogue where they are now, and removes the old copies.
//
// A blob that is moved is held like one that is read: nothing removes it meanwhile, and readers
// need not wait. Who has read the old key finds nothing there any more, and asks the catalogue
// again. A crash at any point leaves copies that no row names, which recovery removes. It works a
// fifth of the time at most, so that requests come first.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "coffer/catalog/types.h"
#include "coffer/db/database.h"
#include "coffer/runtime/background_loop.h"
#include "coffer/service/blob_gate.h"
#include "coffer/service/reclaimer.h"
#include "coffer/store/compaction.h"

namespace coffer::service {

class Compactor {
  public:
    // `store` and `compactable` are the same one.
    Compactor(db::Database& database, store::Store& store, store::Compactable& compactable,
              BlobGate& gate, Reclaimer& reclaimer);

    // Runs in the background on `executor` from now on.
    void Start(const runtime::Executor& executor) { loop_.Start(executor); }

    // Ends the background work after the step that it is at. Blocks; not for an executor's thread.
    void Stop() { loop_.Stop(); }

    // One step: moves a few copies, or looks for some. False where nothing is worth moving, or
    // what is waits for others.
    Task<Result<bool>> Step();

    // Since the start.
    uint64_t moved_copies() const { return moved_copies_; }
    uint64_t moved_bytes() const { return moved_bytes_; }

  private:
    // A copy on its way.
    struct Moving {
        store::ListedCopy listed;
        catalog::Copy copy;
        BlobGate::Hold hold;
        std::string to;      // where its bytes are now, too
        bool noted = false;  // its row says so
    };

    Task<runtime::BackgroundLoop::Duration> RunStep();
    // How many it has moved.
    Task<Result<size_t>> MoveCopies(std::vector<store::ListedCopy> listed);
    // Those that a row names and keeps. The others are dropped, or will be; but what a damaged row
    // names stays where it is.
    Task<Result<std::vector<Moving>>> HoldNamed(std::vector<store::ListedCopy> listed);
    // Leaves out what the store leaves where it is.
    Task<Result<>> WriteAnew(std::vector<Moving>& moving);
    // In the rows that have not changed since.
    Task<Result<>> NoteMoves(std::vector<Moving>& moving);

    db::Database& database_;
    store::Store& store_;
    store::Compactable& compactable_;
    BlobGate& gate_;
    Reclaimer& reclaimer_;
    std::atomic<uint64_t> moved_copies_ = 0;
    std::atomic<uint64_t> moved_bytes_ = 0;
    runtime::BackgroundLoop loop_{[this] { return RunStep(); }};
};

}  // namespace coffer::service
