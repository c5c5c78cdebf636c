#include "coffer/service/compactor.h"

#include <chrono>
#include <map>
#include <optional>
#include <utility>

#include "coffer/base/log.h"
#include "coffer/catalog/copies.h"

namespace coffer::service {
namespace {

constexpr size_t kBatch = 64;

// How long to rest after a step, as a multiple of how long it took.
constexpr int kRest = 4;
constexpr std::chrono::seconds kLookAgainAfter{5};

}  // namespace

Compactor::Compactor(db::Database& database, store::Store& store, store::Compactable& compactable,
                     BlobGate& gate, Reclaimer& reclaimer)
    : database_(database),
      store_(store),
      compactable_(compactable),
      gate_(gate),
      reclaimer_(reclaimer) {}

Task<runtime::BackgroundLoop::Duration> Compactor::RunStep() {
    const auto begun = std::chrono::steady_clock::now();
    const Result<bool> worked = co_await Step();
    if (!worked) {
        Log(LogLevel::kWarning, "the space of removed small blobs is not given back for now",
            {{"error", worked.error().ToString()}});
    }
    if (worked && worked.value()) co_return kRest*(std::chrono::steady_clock::now() - begun);
    co_return kLookAgainAfter;
}

Task<Result<bool>> Compactor::Step() {
    CO_TRY(store::Fragmented found, co_await compactable_.ListFragmented(kBatch));
    if (found.copies.empty()) co_return found.more;
    const std::string first = found.copies.front().key;
    CO_TRY(const size_t moved, co_await MoveCopies(std::move(found.copies)));
    // What is left there waits for somebody; it is not to come first every time.
    if (moved == 0) compactable_.Defer(first);
    co_return found.more;
}

Task<Result<size_t>> Compactor::MoveCopies(std::vector<store::ListedCopy> listed) {
    CO_TRY(std::vector<Moving> moving, co_await HoldNamed(std::move(listed)));
    CO_TRY(co_await WriteAnew(moving));
    const Result<> noted = co_await NoteMoves(moving);
    if (!noted) {
        for (Moving& one : moving) {
            one.hold = BlobGate::Hold();
            co_await reclaimer_.DropSpare(one.listed.stat.sha256, one.to);
        }
        co_return noted.error();
    }
    size_t moved = 0;
    // The copy that no row names: the old one, or the new one where the row has changed meanwhile.
    for (const Moving& one : moving) {
        const Result<> removed = co_await store_.Remove(one.noted ? one.copy.key : one.to);
        if (!removed) reclaimer_.NoteOrphan();
        if (!one.noted) continue;
        ++moved;
        moved_bytes_ += one.listed.stat.size_bytes;
    }
    moved_copies_ += moved;
    co_return moved;
}

Task<Result<std::vector<Compactor::Moving>>> Compactor::HoldNamed(
    std::vector<store::ListedCopy> listed) {
    std::vector<Moving> moving;
    for (store::ListedCopy& one : listed) {
        BlobGate::Hold hold = co_await gate_.Share(one.stat.sha256);
        auto found = co_await database_.Read(db::Cost::kPoint, [&](db::Transaction& tx) {
            return catalog::FindCopyOf(tx, one.stat.sha256, catalog::kEngineStore);
        });
        if (!found && found.error().kind() == ErrorKind::kCorrupt) {
            // It can't be noted where its bytes are; they stay, and others are moved.
            compactable_.SetStuck(one.key, found.error());
            continue;
        }
        CO_TRY(std::optional<catalog::Copy> copy, std::move(found));
        if (!copy || copy->key != one.key) {
            // Left by a crash, or a write that is about to name it and holds it, too.
            hold = BlobGate::Hold();
            co_await reclaimer_.DropSpare(one.stat.sha256, one.key);
            continue;
        }
        if (copy->state == catalog::CopyState::kDeleting) continue;  // it goes by itself
        moving.push_back(
            {.listed = std::move(one), .copy = *std::move(copy), .hold = std::move(hold)});
    }
    co_return moving;
}

Task<Result<>> Compactor::WriteAnew(std::vector<Moving>& moving) {
    std::vector<std::string> keys;
    keys.reserve(moving.size());
    for (const Moving& one : moving)
        keys.push_back(one.copy.key);
    Result<std::vector<store::Move>> moves = co_await compactable_.Relocate(std::move(keys));
    if (!moves) {
        reclaimer_.NoteOrphan();  // how far it came is not known
        co_return moves.error();
    }
    std::map<std::string, std::string> to;
    for (store::Move& move : moves.value())
        to[std::move(move.from)] = std::move(move.to);
    for (Moving& one : moving)
        one.to = std::move(to[one.copy.key]);
    std::erase_if(moving, [](const Moving& one) { return one.to.empty(); });
    co_return Ok();
}

Task<Result<>> Compactor::NoteMoves(std::vector<Moving>& moving) {
    co_return co_await database_.Write(
        [&](db::Transaction& tx) -> Result<> {
            for (Moving& one : moving) {
                TRY(one.noted, catalog::MoveCopy(tx, one.copy, one.to));
            }
            return Ok();
        },
        db::Purpose::kFreesSpace);
}

}  // namespace coffer::service
