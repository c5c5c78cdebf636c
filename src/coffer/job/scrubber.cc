#include "coffer/job/scrubber.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>

#include "coffer/base/log.h"
#include "coffer/catalog/copies.h"
#include "coffer/job/kept_reports.h"
#include "coffer/job/scrub_pass.h"
#include "coffer/runtime/background_loop.h"
#include "coffer/runtime/executors.h"

namespace coffer::job {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kRetryAfter{60'000};    // after a failure
constexpr milliseconds kLookAgain{3'600'000};  // the clock may have been set
constexpr size_t kDamagedAtOnce = 256;

// The thread's: of the processor, and of the disk where its scheduler knows classes (idle).
void LowerPriority() {
    (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 19);
    constexpr int kThisThread = 1;
    constexpr int kIdleClass = 3 << 13;
    (void)::syscall(SYS_ioprio_set, kThisThread, 0, kIdleClass);
}

// What a command asked for whose pass did not end.
ScrubRequest RequestOf(const ScrubReport& report) {
    return {.repair = report.repair,
            .bytes_per_second = static_cast<uint64_t>(report.bytes_per_second)};
}

}  // namespace

struct Scrubber::State {
    State(service::Core& c, ScrubSchedule s) : core(c), schedule(std::move(s)) {
        control.busy = schedule.busy;
    }

    // What RunNext is to do.
    struct Next {
        std::optional<ScrubReport> report;  // of the pass to run
        bool drop = false;                  // what the catalogue has of another one
        bool damage = false;
    };

    Task<runtime::BackgroundLoop::Duration> RunStep();
    Task<Result<bool>> RunNext();
    Task<Result<>> RunPass(ScrubReport report);
    Task<Result<>> LookAfterDamage();
    Task<Result<bool>> LookAfterCopies();
    Task<Result<>> LookAfter(const catalog::StoredCopy& stored);
    Next Choose();
    bool Waits(const ScrubReport& report) const;
    milliseconds UntilDue() const REQUIRES(mutex);
    void Interrupt() REQUIRES(mutex);

    service::Core& core;
    const ScrubSchedule schedule;
    ScrubControl control;
    runtime::Pace pace;

    mutable Mutex mutex;
    std::optional<ScrubRequest> asked GUARDED_BY(mutex);  // the command's pass, until its end
    bool anew GUARDED_BY(mutex) = false;   // what is under way or kept is to be dropped
    bool damage GUARDED_BY(mutex) = true;  // of an earlier process, too
    bool stopping GUARDED_BY(mutex) = false;
    bool active GUARDED_BY(mutex) = false;  // a pass was chosen, and has not ended
    ScrubStatus status GUARDED_BY(mutex);
    std::optional<Timestamp> mended GUARDED_BY(mutex);  // began the last whole pass that repairs
    std::unique_ptr<ScrubPass> pass GUARDED_BY(mutex);  // made and ended by the scrub's thread

    std::unique_ptr<runtime::Executors> thread;
    runtime::BackgroundLoop loop{[this] { return RunStep(); }};  // on the thread
};

Scrubber::Scrubber(service::Core& core, ScrubSchedule schedule)
    : state_(std::make_unique<State>(core, std::move(schedule))) {
    KeptReports kept;
    const Result<> read = core.database.ReadBlocking([&](db::Transaction& tx) -> Result<> {
        TRY(kept, ReadReports(tx));
        return Ok();
    });
    if (!read)
        Log(LogLevel::kWarning, "what earlier scrubs did is not known",
            {{"error", read.error().ToString()}});
    MutexLock lock(state_->mutex);
    if (kept.last) state_->mended = FromMicros(kept.last->started_us);  // others are not kept
    state_->status.last = std::move(kept.last);
    state_->status.now = std::move(kept.unfinished);
    const auto& now = state_->status.now;
    if (now && now->asked) state_->asked = RequestOf(*now);
}

Scrubber::~Scrubber() {
    Stop();
}

void Scrubber::Start() {
    state_->thread = std::make_unique<runtime::Executors>(1);
    const runtime::Executor executor = state_->thread->at(0).get_executor();
    boost::asio::post(executor, &LowerPriority);
    state_->loop.Start(executor);
}

void Scrubber::Stop() {
    if (state_->thread == nullptr) return;
    {
        MutexLock lock(state_->mutex);
        state_->stopping = true;
        state_->Interrupt();
    }
    state_->loop.Stop();
    state_->thread.reset();
}

bool Scrubber::Begin(ScrubRequest request) {
    {
        State& state = *state_;
        MutexLock lock(state.mutex);
        const bool same = state.asked && state.asked->repair == request.repair;
        if (same && !request.restart) return false;
        state.asked = request;
        state.anew = true;
        state.control.paused = false;
        state.Interrupt();
    }
    state_->loop.Wake();
    return true;
}

void Scrubber::Cancel() {
    {
        MutexLock lock(state_->mutex);
        if (!state_->asked) return;
        state_->asked.reset();
        state_->anew = true;
        state_->Interrupt();
    }
    state_->loop.Wake();
}

void Scrubber::Pause() {
    state_->control.paused = true;
}

void Scrubber::Resume() {
    state_->control.paused = false;
}

ScrubStatus Scrubber::status() const {
    MutexLock lock(state_->mutex);
    ScrubStatus status = state_->status;
    status.running = state_->active || state_->anew;
    status.paused = state_->control.paused;
    if (state_->pass != nullptr) status.now = state_->pass->report();
    if (state_->anew) status.now.reset();
    return status;
}

ScrubCounters Scrubber::counters() const {
    return {state_->control.verified_bytes, state_->control.verified_copies};
}

void Scrubber::Wake() {
    {
        MutexLock lock(state_->mutex);
        state_->damage = true;
    }
    state_->loop.Wake();
}

void Scrubber::State::Interrupt() {
    control.interrupt = true;
    pace.Stop();
}

Task<runtime::BackgroundLoop::Duration> Scrubber::State::RunStep() {
    const Result<bool> ran = co_await RunNext();
    {
        MutexLock lock(mutex);
        active = false;
        if (stopping) co_return milliseconds(0);
        status.failure = ran ? std::string() : ran.error().message();
        if (ran) co_return ran.value() ? milliseconds(0) : std::min(UntilDue(), kLookAgain);
    }
    Log(LogLevel::kWarning, "the scrub could not go on; it tries again in a minute",
        {{"error", ran.error().ToString()}});
    co_return kRetryAfter;
}

milliseconds Scrubber::State::UntilDue() const {
    if (schedule.interval <= milliseconds(0)) return milliseconds::max();
    if (!mended) return milliseconds(0);
    const Timestamp now = core.clock.Now();
    const Timestamp due = std::min(*mended, now) + schedule.interval;
    return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(due - now));
}

// One of its own that an earlier process began is kept while they are off.
bool Scrubber::State::Waits(const ScrubReport& report) const {
    return !report.asked && schedule.interval <= milliseconds(0);
}

Scrubber::State::Next Scrubber::State::Choose() {
    MutexLock lock(mutex);
    Next next;
    if (stopping) return next;
    control.interrupt = false;
    if (std::exchange(anew, false)) {
        next.drop = !asked || asked->repair;  // one that only looks leaves an earlier one to go on
        status.now.reset();
        if (asked) {
            ScrubReport fresh;
            fresh.repair = asked->repair;
            fresh.asked = true;
            fresh.bytes_per_second = static_cast<int64_t>(asked->bytes_per_second);
            next.report = fresh;
        }
    } else if (status.now && !Waits(*status.now)) {
        next.report = status.now;
    } else if (UntilDue() <= milliseconds(0)) {
        ScrubReport fresh;
        fresh.bytes_per_second = static_cast<int64_t>(schedule.bytes_per_second);
        next.report = fresh;
    } else {
        next.damage = std::exchange(damage, false);
    }
    active = next.report.has_value();
    return next;
}

// Whether there was something to do.
Task<Result<bool>> Scrubber::State::RunNext() {
    Next next = Choose();
    if (next.drop) {
        const Result<> dropped = co_await core.database.Write(
            [](db::Transaction& tx) { return DropUnfinished(tx); }, db::Purpose::kFreesSpace);
        if (!dropped) {
            MutexLock lock(mutex);
            anew = true;  // what was asked for is chosen again
            co_return dropped.error();
        }
    }
    if (next.report) {
        CO_TRY(co_await RunPass(*std::move(next.report)));
        co_return true;
    }
    if (next.damage) {
        CO_TRY(co_await LookAfterDamage());
    }
    co_return next.damage || next.drop;
}

Task<Result<>> Scrubber::State::RunPass(ScrubReport report) {
    pace.SetRate(static_cast<uint64_t>(report.bytes_per_second));
    ScrubPass* running = nullptr;
    {
        MutexLock lock(mutex);
        pass = std::make_unique<ScrubPass>(core, control, pace, std::move(report));
        running = pass.get();
        if (control.interrupt) pace.Stop();  // since it was chosen
    }
    const Result<bool> finished = co_await running->Run();
    Result<KeptReports> kept = KeptReports();
    if (finished && finished.value())
        kept = co_await core.database.Read(db::Cost::kPoint,
                                           [](db::Transaction& tx) { return ReadReports(tx); });
    // One that can't be read would not be read the next time either.
    if (!kept && kept.error().kind() == ErrorKind::kCorrupt) kept = KeptReports();
    MutexLock lock(mutex);
    ScrubReport now = running->report();
    pass.reset();
    if (!finished || !finished.value()) {
        status.now = std::move(now);
        if (!finished) co_return finished.error();
        co_return Ok();
    }
    if (!kept) {
        status.now = std::move(now);  // its end is all that is left of it
        co_return kept.error();
    }
    Log(now.clean() ? LogLevel::kInfo : LogLevel::kError, "a scrub has ended",
        {{"copies", now.copies},
         {"bytes", now.bytes},
         {"damaged", now.damaged},
         {"missing", now.missing},
         {"unreadable", now.unreadable},
         {"healed", now.healed},
         {"wrong_counts", now.references + now.usage},
         {"catalogue", now.catalogue},
         {"orphans", now.orphans}});
    if (now.asked && !anew) asked.reset();
    status.now.reset();
    // One of its own, before which one came that only looked. A command's waits for a command.
    std::optional<ScrubReport>& unfinished = kept.value().unfinished;
    if (unfinished && !unfinished->asked) status.now = std::move(unfinished);
    if (now.repair) mended = FromMicros(now.started_us);
    status.last = std::move(now);
    co_return Ok();
}

// What it does not come to the end of is begun again.
Task<Result<>> Scrubber::State::LookAfterDamage() {
    const Result<bool> all = co_await LookAfterCopies();
    if (!all || !all.value()) {
        MutexLock lock(mutex);
        damage = true;
    }
    if (!all) co_return all.error();
    co_return Ok();
}

// Whether it came to the end of them.
Task<Result<bool>> Scrubber::State::LookAfterCopies() {
    pace.SetRate(schedule.bytes_per_second);
    if (control.interrupt) pace.Stop();  // since it was chosen
    catalog::BlobId after(-1);
    for (;;) {
        CO_TRY(const catalog::CopyPage page,
               co_await core.database.Read(db::Cost::kScan, [&](db::Transaction& tx) {
                   return catalog::ListDamagedCopies(tx, catalog::kEngineStore, after,
                                                     kDamagedAtOnce);
               }));
        for (const catalog::StoredCopy& stored : page.copies) {
            if (control.interrupt) co_return false;
            CO_TRY(co_await LookAfter(stored));
        }
        if (page.end) co_return true;
        after = page.last_blob;
    }
}

Task<Result<>> Scrubber::State::LookAfter(const catalog::StoredCopy& stored) {
    const Result<service::ScrubbedCopy> done =
        co_await service::ScrubCopy(core, stored, true, pace);
    if (!done && !IsOfOne(done.error())) co_return done.error();
    const service::ScrubbedCopy scrubbed = done ? done.value() : service::ScrubbedCopy();
    const std::string failure = done ? scrubbed.failure : done.error().ToString();
    if (!failure.empty())
        Log(LogLevel::kWarning, "a damaged copy could not be looked after",
            {{"copy", stored.copy.key}, {"error", failure}});
    if (scrubbed.healed || scrubbed.revived || !scrubbed.quarantine.empty())
        Log(LogLevel::kInfo, "a damaged copy was looked after",
            {{"copy", stored.copy.key},
             {"healed", scrubbed.healed ? "yes" : "no"},
             {"whole", scrubbed.revived ? "yes" : "no"},
             {"quarantine", scrubbed.quarantine}});
    co_return Ok();
}

}  // namespace coffer::job
