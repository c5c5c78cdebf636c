#include "coffer/service/compactor.h"

#include <chrono>
#include <future>
#include <map>
#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "coffer/base/log.h"
#include "coffer/catalog/blobs.h"
#include "coffer/catalog/copies.h"

namespace coffer::service {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, runtime::Executor>;

constexpr size_t kBatch = 64;

// How long to rest after a step, as a multiple of how long it took.
constexpr int kRest = 4;
constexpr std::chrono::seconds kLookAgainAfter{5};

// The row that names a listed copy, if one does and it is to stay.
Result<std::optional<catalog::Copy>> FindNaming(db::Transaction& tx,
                                                const store::ListedCopy& listed) {
    TRY(const std::optional<catalog::Blob> blob, catalog::FindBlob(tx, listed.stat.sha256));
    if (!blob) return std::optional<catalog::Copy>();
    TRY(std::optional<catalog::Copy> copy, catalog::FindCopy(tx, blob->id, catalog::kEngineStore));
    if (copy && copy->key != listed.key) copy.reset();
    return copy;
}

}  // namespace

struct Compactor::State {
    explicit State(runtime::Executor e) : executor(e), timer(e) {}
    runtime::Executor executor;
    Timer timer;  // on executor
    std::atomic<bool> stopping = false;
    std::promise<void> ended;
};

Compactor::Compactor(db::Database& database, store::Store& store, store::Compactable& compactable,
                     BlobGate& gate, Reclaimer& reclaimer)
    : database_(database),
      store_(store),
      compactable_(compactable),
      gate_(gate),
      reclaimer_(reclaimer) {}

Compactor::~Compactor() {
    Stop();
}

void Compactor::Start(runtime::Executor executor) {
    state_ = std::make_shared<State>(executor);
    asio::co_spawn(executor, RunLoop(state_), asio::detached);
}

void Compactor::Stop() {
    if (!state_) return;
    state_->stopping = true;
    asio::post(state_->executor, [state = state_] { state->timer.cancel(); });
    state_->ended.get_future().wait();
    state_ = nullptr;
}

Task<void> Compactor::RunLoop(std::shared_ptr<State> state) {
    while (!state->stopping) {
        const Clock::time_point begun = Clock::now();
        const Result<bool> worked = co_await Step();
        if (!worked) {
            Log(LogLevel::kWarning, "the space of removed small blobs is not given back for now",
                {{"error", worked.error().ToString()}});
        }
        if (state->stopping) break;
        const bool more = worked && worked.value();
        state->timer.expires_after(more ? kRest * (Clock::now() - begun)
                                        : Clock::duration(kLookAgainAfter));
        boost::system::error_code cancelled;
        co_await state->timer.async_wait(
            asio::redirect_error(asio::use_awaitable_t<runtime::Executor>(), cancelled));
    }
    state->ended.set_value();
}

Task<Result<bool>> Compactor::Step() {
    CO_TRY(store::Fragmented found, co_await compactable_.ListFragmented(kBatch));
    if (!found.copies.empty()) {
        CO_TRY(co_await MoveCopies(std::move(found.copies)));
    }
    co_return found.more;
}

Task<Result<>> Compactor::MoveCopies(std::vector<store::ListedCopy> listed) {
    std::vector<BlobGate::Hold> holds;
    std::vector<catalog::Copy> copies;
    std::vector<std::string> keys;
    for (const store::ListedCopy& one : listed) {
        BlobGate::Hold hold = co_await gate_.Share(one.stat.sha256);
        CO_TRY(std::optional<catalog::Copy> copy,
               co_await database_.Read(db::Cost::kPoint,
                                       [&](db::Transaction& tx) { return FindNaming(tx, one); }));
        if (!copy) {
            // Left by a crash, or a write that is about to name it and holds it, too.
            hold = BlobGate::Hold();
            co_await reclaimer_.DropSpare(one.stat.sha256, one.key);
            continue;
        }
        if (copy->state == catalog::CopyState::kDeleting) continue;  // it goes by itself
        holds.push_back(std::move(hold));
        keys.push_back(copy->key);
        copies.push_back(*std::move(copy));
    }
    CO_TRY(const std::vector<store::Move> moves, co_await compactable_.Relocate(std::move(keys)));

    // Some of them may have been left out.
    std::map<std::string, const store::ListedCopy*> from;
    for (const store::ListedCopy& one : listed)
        from[one.key] = &one;
    std::map<std::string, std::string> to;
    for (const store::Move& move : moves)
        to[move.from] = move.to;
    std::erase_if(copies, [&](const catalog::Copy& copy) { return !to.contains(copy.key); });
    std::vector<std::string> new_keys;
    for (const catalog::Copy& copy : copies)
        new_keys.push_back(to[copy.key]);
    std::vector<bool> moved(copies.size(), false);
    const Result<> noted = co_await NoteMoves(copies, new_keys, moved);
    if (!noted) {
        holds.clear();
        for (size_t i = 0; i < copies.size(); ++i)
            co_await reclaimer_.DropSpare(from[copies[i].key]->stat.sha256, new_keys[i]);
        co_return noted;
    }
    // The copy that no row names: the old one, or the new one where the row has changed meanwhile.
    for (size_t i = 0; i < copies.size(); ++i) {
        const Result<> removed = co_await store_.Remove(moved[i] ? copies[i].key : new_keys[i]);
        if (!removed) reclaimer_.NoteOrphan();
        if (!moved[i]) continue;
        ++moved_copies_;
        moved_bytes_ += from[copies[i].key]->stat.size_bytes;
    }
    co_return noted;
}

Task<Result<>> Compactor::NoteMoves(const std::vector<catalog::Copy>& copies,
                                    const std::vector<std::string>& keys,
                                    std::vector<bool>& moved) {
    co_return co_await database_.Write(
        [&](db::Transaction& tx) -> Result<> {
            for (size_t i = 0; i < copies.size(); ++i) {
                TRY(std::optional<catalog::Copy> now,
                    catalog::FindCopy(tx, copies[i].blob, copies[i].store));
                moved[i] =
                    now && now->key == copies[i].key && now->state != catalog::CopyState::kDeleting;
                if (!moved[i]) continue;
                now->key = keys[i];
                TRY(catalog::PutCopy(tx, *now));
            }
            return Ok();
        },
        db::Purpose::kFreesSpace);
}

}  // namespace coffer::service
