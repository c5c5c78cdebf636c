#include "coffer/service/scrub_copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "coffer/base/log.h"
#include "coffer/catalog/blobs.h"
#include "coffer/codec/date.h"
#include "coffer/codec/hex.h"
#include "coffer/runtime/sleep.h"
#include "coffer/service/reclaimer.h"

namespace coffer::service {
namespace {

using catalog::StoredCopy;

// How often a copy is read that fails, and then does not where it failed.
constexpr int kMostReads = 3;

// The record around the bytes: an upload of the same content will ask for it.
Task<Result<>> CheckStat(store::Store& store, StoredCopy stored) {
    CO_TRY(const store::CopyStat stat, co_await store.Stat(stored.copy.key));
    if (stat.sha256 != stored.blob.sha256 || stat.size_bytes != stored.blob.size_bytes)
        co_return Error(ErrorKind::kCorrupt, "the copy says that it is of another blob");
    co_return Ok();
}

// Reads all of a copy; what it ends with, and whether that is of the copy or of the server. Where
// it fails, `suspect` is the part to read to see it fail again.
Task<Result<>> ReadBack(Core& core, store::Store& store, StoredCopy stored, runtime::Pace& pace,
                        uint64_t& bytes, store::ByteRange& suspect) {
    const uint64_t size_bytes = stored.blob.size_bytes;
    uint64_t total = 0;
    const auto suspect_next = [&] {
        const uint64_t left = size_bytes - std::min(size_bytes, total);
        suspect = {size_bytes - left, std::min<uint64_t>(left, runtime::kBufferBytes)};
    };
    suspect_next();
    CO_TRY(const std::unique_ptr<ByteSource> source,
           co_await store.Read(stored.copy.key, {0, size_bytes}));
    CO_TRY(const runtime::Buffer buffer, core.buffers.Take());
    const auto hasher = codec::NewHasher(codec::ChecksumAlgorithm::kSha256);
    for (;;) {
        CO_TRY(const size_t n, co_await source->Read(buffer.span()));
        if (n == 0) break;
        hasher->Update(buffer.span().first(n));
        total += n;
        bytes += n;
        suspect_next();
        co_await pace.Spend(n);
    }
    suspect = {0, size_bytes};  // no part of it tells
    if (total != size_bytes)
        co_return Error(ErrorKind::kCorrupt, "the copy has another length than the blob");
    if (hasher->Finish() != AsText(stored.blob.sha256))
        co_return Error(ErrorKind::kCorrupt, "the SHA-256 of the bytes is not the blob's");
    suspect = {0, 0};
    co_return co_await CheckStat(store, stored);
}

// Reads again what failed, and no more: whoever wants the blob waits meanwhile.
Task<Result<>> LookAgain(Core& core, store::Store& store, StoredCopy stored,
                         store::ByteRange suspect) {
    if (suspect.length == stored.blob.size_bytes) {
        runtime::Pace at_once;
        uint64_t bytes = 0;
        co_return co_await ReadBack(core, store, stored, at_once, bytes, suspect);
    }
    CO_TRY(const std::unique_ptr<ByteSource> source, co_await store.Read(stored.copy.key, suspect));
    CO_TRY(const runtime::Buffer buffer, core.buffers.Take());
    for (size_t n = 1; n > 0;) {
        CO_TRY(n, co_await source->Read(buffer.span()));
    }
    co_return co_await CheckStat(store, stored);
}

// The blob alone, as soon as nobody reads or writes it; nothing where that does not come to be.
Task<std::optional<BlobGate::Hold>> TakeAlone(Core& core, codec::Sha256Digest sha256) {
    constexpr int kAttempts = 50;
    constexpr std::chrono::milliseconds kPause{20};
    for (int attempt = 1;; ++attempt) {
        std::optional<BlobGate::Hold> alone = core.gate.TryAlone(sha256);
        if (alone || attempt == kAttempts) co_return alone;
        co_await runtime::Sleep(kPause);
    }
}

// Whether the row still has the copy as it was when the scrub began with it.
Task<Result<bool>> IsUnchanged(Core& core, StoredCopy stored) {
    CO_TRY(const auto now, co_await core.database.Read(db::Cost::kPoint, [&](db::Transaction& tx) {
        return catalog::FindCopy(tx, stored.copy.blob, stored.copy.store);
    }));
    co_return now && now->key == stored.copy.key && now->state != catalog::CopyState::kDeleting;
}

// The blob's bytes from a live copy on another store, taken by `store` and checked; nothing where
// there is no such copy.
Task<Result<std::unique_ptr<store::Staged>>> StageFromOther(Core& core, store::Store& store,
                                                            StoredCopy stored) {
    CO_TRY(const catalog::LocatedExtent located,
           co_await core.database.Read(db::Cost::kPoint, [&](db::Transaction& tx) {
               return catalog::Locate(tx, {stored.blob.id, 0, stored.blob.size_bytes});
           }));
    for (const catalog::Copy& other : located.copies) {
        store::Store* const source_store = core.stores.Find(other.store);
        if (other.store == stored.copy.store || source_store == nullptr ||
            other.state != catalog::CopyState::kLive)
            continue;
        auto source = co_await source_store->Read(other.key, {0, stored.blob.size_bytes});
        if (!source) continue;
        auto staged = co_await store.Stage(*source.value(),
                                           {.size_bytes = stored.blob.size_bytes, .checksum = {}});
        if (staged && staged.value()->digests().sha256 == stored.blob.sha256)
            co_return std::move(staged);
    }
    co_return std::unique_ptr<store::Staged>();
}

std::string NoteOf(Core& core, const StoredCopy& stored, const std::string& why) {
    return fmt::format(
        "A damaged copy that a scrub of Coffer set aside.\n"
        "why: {}\nblob: {}\nsize_bytes: {}\ncopy: {}\nstore: {}\ntime: {}\n",
        why, codec::ToHex(stored.blob.sha256), stored.blob.size_bytes, stored.copy.key,
        stored.copy.store.value(), codec::FormatIso8601(core.clock.Now()));
}

// Sets damaged bytes aside, and writes the copy anew from another one, if there is one. What fails
// is said in result.failure, and left to a later scrub; but for what the server lacks just now,
// where nothing is done yet.
Task<Result<>> Repair(Core& core, store::Store& store, StoredCopy stored, ScrubbedCopy& result) {
    CO_TRY(std::unique_ptr<store::Staged> staged, co_await StageFromOther(core, store, stored));
    if (result.condition == CopyCondition::kDamaged) {
        auto where = co_await store.Quarantine(stored.copy.key, NoteOf(core, stored, result.why));
        if (where) {
            result.quarantine = std::move(where).value();
        } else if (where.error().retryable()) {
            co_return where.error();
        } else if (where.error().kind() != ErrorKind::kNotFound) {
            result.failure = "it can't be set aside: " + where.error().message();
            co_return Ok();
        }
    }
    if (staged == nullptr) co_return Ok();
    const Result<std::string> key = co_await store.Commit(std::move(staged));
    if (!key) {
        core.reclaimer.NoteOrphan();  // how far it came is not known
        result.failure = "it can't be written anew: " + key.error().message();
        co_return Ok();
    }
    const Result<bool> replaced = co_await core.database.Write([&](db::Transaction& tx) {
        return catalog::ReplaceCopy(tx, stored.copy, key.value(), core.clock.Now());
    });
    if (!replaced) result.failure = "it can't be written anew: " + replaced.error().message();
    result.healed = replaced && replaced.value();
    // Where no row names it now, what was written is nobody's.
    if (!result.healed) co_await core.reclaimer.DropSpare(stored.blob.sha256, key.value());
    co_return Ok();
}

// Makes a marked copy live again that was read back whole; whether it was one.
Task<Result<bool>> Revive(Core& core, StoredCopy stored) {
    if (stored.copy.state != catalog::CopyState::kDamaged) co_return false;
    const Result<> noted = co_await core.database.Write([&](db::Transaction& tx) {
        return catalog::NoteVerified(tx, stored.copy, core.clock.Now());
    });
    // Where that can't be written now, the mark stays until later: the copy is whole all the same.
    if (!noted && noted.error().kind() != ErrorKind::kNoSpace &&
        noted.error().kind() != ErrorKind::kIo)
        co_return noted.error();
    co_return noted.has_value();
}

}  // namespace

Task<Result<ScrubbedCopy>> ScrubCopy(Core& core, StoredCopy stored, bool repair,
                                     runtime::Pace& pace) {
    ScrubbedCopy result;
    store::Store* const store = core.stores.Find(stored.copy.store);
    if (store == nullptr) {
        result.condition = CopyCondition::kChanged;
        co_return result;
    }
    std::optional<BlobGate::Hold> hold;
    Result<> read = Ok();
    bool alone = false;
    bool unsteady = false;
    for (int reads = 1; !unsteady; ++reads) {
        hold.reset();
        hold = co_await core.gate.Share(stored.blob.sha256);
        store::ByteRange suspect;
        read = co_await ReadBack(core, *store, stored, pace, result.bytes, suspect);
        if (!read && read.error().kind() == ErrorKind::kCorrupt)
            read = co_await ReadBack(core, *store, stored, pace, result.bytes, suspect);
        if (read) {
            if (repair) {
                CO_TRY(result.revived, co_await Revive(core, stored));
            }
            co_return result;
        }
        if (!ConditionOf(read.error())) co_return read.error();
        if (!repair) break;
        // An upload of the same content may have put right what was read, under the same name, and
        // must not lose what it wrote: it is looked at again while nobody can.
        hold.reset();
        hold = co_await TakeAlone(core, stored.blob.sha256);
        alone = hold.has_value();
        if (!alone) hold = co_await core.gate.Share(stored.blob.sha256);
        const Result<> again = co_await LookAgain(core, *store, stored, suspect);
        if (!again) {
            read = again.error();
            break;
        }
        // What lies behind the place that failed was not read yet.
        unsteady = reads == kMostReads;
    }
    const std::optional<CopyCondition> condition = ConditionOf(read.error());
    if (!condition) co_return read.error();
    CO_TRY(const bool unchanged, co_await IsUnchanged(core, stored));
    result.condition = unsteady ? CopyCondition::kUnreadable : *condition;
    if (!unchanged) result.condition = CopyCondition::kChanged;
    result.why = read.error().message();
    if (!unchanged || !repair) co_return result;
    const bool damaged =
        co_await core.damage.Report(stored.copy, stored.blob.sha256, read.error(), std::nullopt);
    if (!damaged) {
        result.condition = CopyCondition::kChanged;
    } else if (alone) {
        CO_TRY(co_await Repair(core, *store, stored, result));
    } else {
        result.why += "; it is in use, and stays where it is until a later scrub";
    }
    co_return result;
}

}  // namespace coffer::service
