#include "coffer/job/event_delivery.h"

#include <algorithm>
#include <utility>

#include "coffer/base/check.h"
#include "coffer/base/log.h"

namespace coffer::job {
namespace {

using std::chrono::milliseconds;

constexpr size_t kPage = 500;
constexpr milliseconds kRetryAfter{1'000};  // where the catalogue fails
constexpr milliseconds kCountEvery{10'000};
constexpr milliseconds kWarnEvery{60'000};
constexpr milliseconds kPatience{1'000};  // at the end

SteadyTime Now() {
    return std::chrono::steady_clock::now();
}

}  // namespace

EventDelivery::EventDelivery(db::Database& database, const Clock& clock, std::string target,
                             Send send, DeliveryLimits limits, int64_t warn_above)
    : database_(database),
      clock_(clock),
      target_(std::move(target)),
      send_(std::move(send)),
      limits_(limits),
      warn_above_(warn_above) {}

EventDelivery::~EventDelivery() {
    Stop();
}

void EventDelivery::Start(runtime::Executor executor) {
    threads_ =
        std::make_unique<runtime::BlockingPool>("webhook", limits_.in_flight, limits_.in_flight);
    loop_.Start(executor);
}

void EventDelivery::Stop() {
    if (threads_ == nullptr) return;
    loop_.Stop();
    {
        MutexLock lock(mutex_);
        const SteadyTime end = Now() + kPatience;
        while (sending_ > 0 && Now() < end)
            sent_.WaitFor(mutex_, kPatience);
    }
    cancelled_ = true;
    threads_.reset();
    TakeOutcomes();
    if (ended_.empty()) return;
    Kept kept;
    const Result<> written = database_.WriteBlocking(
        [&](db::Transaction& tx) -> Result<> {
            TRY(kept, KeepOutcomes(tx));
            return Ok();
        },
        db::Purpose::kFreesSpace);
    if (written) return NoteOutcomes(std::move(kept));
    Log(LogLevel::kWarning, "some events will be told again after the next start",
        {{"target", target_}, {"error", written.error().ToString()}});
}

void EventDelivery::Wake() {
    if (!news_.exchange(true)) loop_.Wake();
}

DeliveryCounts EventDelivery::counts() const {
    DeliveryCounts counts{.waiting = waiting_,
                          .in_flight = in_flight_,
                          .delivered = delivered_,
                          .failed = failed_,
                          .died = died_};
    MutexLock lock(mutex_);
    counts.error = error_;
    return counts;
}

Task<EventDelivery::Duration> EventDelivery::RunStep() {
    Result<> ran = co_await Settle();
    if (ran) ran = co_await Load();
    if (ran) ran = co_await Count();
    if (ran && !loop_.stopping()) ran = co_await SendReady();
    in_flight_ = static_cast<int64_t>(plan_.in_flight());
    if (ran) co_return Rest();
    Log(LogLevel::kWarning, "events wait, since the catalogue can't be asked for them",
        {{"target", target_}, {"error", ran.error().ToString()}});
    co_return kRetryAfter;
}

// What has ended goes from the catalogue, before anything else is begun.
Task<Result<>> EventDelivery::Settle() {
    TakeOutcomes();
    if (ended_.empty()) co_return Ok();
    CO_TRY(Kept kept,
           co_await database_.Write([&](db::Transaction& tx) { return KeepOutcomes(tx); },
                                    db::Purpose::kFreesSpace));
    NoteOutcomes(std::move(kept));
    co_return Ok();
}

void EventDelivery::TakeOutcomes() {
    std::vector<Outcome> outcomes;
    {
        MutexLock lock(mutex_);
        outcomes = std::exchange(outcomes_, {});
        for (const Outcome& outcome : outcomes) {
            if (outcome.what == Outcome::What::kTold) error_.clear();
            if (outcome.what == Outcome::What::kFailed) error_ = outcome.error->message();
        }
    }
    for (Outcome& outcome : outcomes) {
        switch (outcome.what) {
            case Outcome::What::kTold:
                if (plan_.failures() > 0)
                    Log(LogLevel::kInfo, "a target takes events again", {{"target", target_}});
                ++delivered_;
                break;
            case Outcome::What::kFailed:
                if (cancelled_) continue;  // it was not the target's fault
                JudgeFailure(outcome);
                if (!outcome.given_up_after) continue;
                break;
            case Outcome::What::kDamaged:
                ++died_;
                break;
            case Outcome::What::kDropped:
                break;
        }
        ended_.push_back(std::move(outcome));
    }
}

// Nobody can say any more what it was that happened: what is left of it stands in the log, and
// those that wait behind it go on.
void EventDelivery::LogDamage(const catalog::Event& event) const {
    Log(LogLevel::kError, "an event can't be told: its row in the catalogue is damaged",
        {{"target", target_},
         {"id", event.id},
         {"bucket", event.bucket},
         {"key", event.key},
         {"event", event.name}});
}

void EventDelivery::LogDeath(const Outcome& outcome) const {
    Log(LogLevel::kWarning, "an event is given up; `coffer events` shows it, and sends it again",
        {{"target", target_},
         {"bucket", outcome.event.bucket},
         {"key", outcome.event.key},
         {"event", outcome.event.name},
         {"attempts", *outcome.given_up_after},
         {"error", outcome.error->message()}});
}

void EventDelivery::JudgeFailure(Outcome& outcome) {
    ++failed_;
    if (plan_.failures() == 0)
        Log(LogLevel::kWarning, "a target does not take an event; it is tried again",
            {{"target", target_},
             {"bucket", outcome.event.bucket},
             {"key", outcome.event.key},
             {"error", outcome.error->message()}});
    outcome.given_up_after = plan_.Failed(outcome.event.id, Now(), clock_.Now());
    if (outcome.given_up_after) ++died_;
}

Result<EventDelivery::Kept> EventDelivery::KeepOutcomes(db::Transaction& tx) const {
    Kept kept;
    for (const Outcome& outcome : ended_) {
        const catalog::Event& event = outcome.event;
        if (outcome.given_up_after) {
            auto whole = catalog::FindEvent(tx, target_, event.id);
            if (!whole && whole.error().kind() != ErrorKind::kCorrupt) return whole.error();
            if (!whole) {
                kept.damaged.insert(event.id);
            } else if (whole.value()) {
                TRY(catalog::InsertDeadEvent(tx, {.event = *std::move(whole).value(),
                                                  .attempts = *outcome.given_up_after,
                                                  .died = clock_.Now(),
                                                  .error = outcome.error->message()}));
            }
        }
        TRY(catalog::DeleteEvent(tx, target_, event.id));
        TRY(auto later, catalog::FindNextOfKey(tx, event));
        if (later) kept.next.push_back(*std::move(later));
    }
    return kept;
}

void EventDelivery::NoteOutcomes(Kept kept) {
    for (const Outcome& outcome : ended_) {
        if (outcome.what == Outcome::What::kDamaged || kept.damaged.contains(outcome.event.id))
            LogDamage(outcome.event);
        else if (outcome.given_up_after)
            LogDeath(outcome);
        if (outcome.what == Outcome::What::kTold)
            plan_.Delivered(outcome.event.id);
        else
            plan_.End(outcome.event.id);
    }
    ended_.clear();
    for (catalog::Event& event : kept.next)
        plan_.Add(std::move(event));
}

// A page at a time: what is first is told before all that waits behind it has been read.
Task<Result<>> EventDelivery::Load() {
    if (news_.exchange(false)) {
        more_ = true;
        // After it, what was being written when the news came is there to be read.
        const Result<> written =
            co_await database_.Write([](db::Transaction&) -> Result<> { return Ok(); });
        if (!written) {
            news_ = true;
            co_return written.error();
        }
    }
    if (!LacksEvents()) co_return Ok();
    CO_TRY(const std::vector<catalog::Event> page,
           co_await database_.Read(db::Cost::kScan, [&](db::Transaction& tx) {
               return catalog::ListEvents(tx, target_, loaded_to_, kPage);
           }));
    for (const catalog::Event& event : page) {
        if (!plan_.KnowsKeyOf(event)) {
            if (plan_.full()) co_return Ok();
            plan_.Add(event);
        }
        loaded_to_ = event.id;
    }
    more_ = page.size() == kPage;
    co_return Ok();
}

Task<Result<>> EventDelivery::Count() {
    const SteadyTime now = Now();
    if (plan_.empty() && !more_) {
        waiting_ = 0;
        co_return Ok();
    }
    if (now - counted_at_ < kCountEvery && counted_at_ != SteadyTime()) co_return Ok();
    CO_TRY(waiting_, co_await database_.Read(db::Cost::kScan, [&](db::Transaction& tx) {
        return catalog::CountEvents(tx, target_);
    }));
    counted_at_ = now;
    if (warn_above_ == 0 || waiting_ <= warn_above_) co_return Ok();
    if (now - warned_at_ < kWarnEvery && warned_at_ != SteadyTime()) co_return Ok();
    warned_at_ = now;
    Log(LogLevel::kWarning, "more events wait for a target than its limit; none is dropped",
        {{"target", target_}, {"waiting", waiting_.load()}, {"limit", warn_above_}});
    co_return Ok();
}

Task<Result<>> EventDelivery::SendReady() {
    Result<> read = Ok();
    while (const auto event = plan_.Take(Now())) {
        auto whole = co_await database_.Read(db::Cost::kPoint, [&](db::Transaction& tx) {
            return catalog::FindEvent(tx, target_, event->id);
        });
        if (!whole && whole.error().kind() != ErrorKind::kCorrupt) {
            // One row may be worse than the others: they get their turn. A second one is enough.
            plan_.PutBack(event->id, Now());
            const bool again = !read;
            read = whole.error();
            if (again) break;
            continue;
        }
        if (!whole)
            EndUnsent(*event, Outcome::What::kDamaged);
        else if (!whole.value())
            EndUnsent(*event, Outcome::What::kDropped);
        else
            SendOne(*std::move(whole.value()));
    }
    co_return read;
}

void EventDelivery::EndUnsent(catalog::Event event, Outcome::What what) {
    MutexLock lock(mutex_);
    outcomes_.push_back({.event = std::move(event), .what = what});
}

void EventDelivery::SendOne(catalog::Event event) {
    {
        MutexLock lock(mutex_);
        ++sending_;
    }
    const bool posted = threads_->TryPost([this, event = std::move(event)]() mutable {
        const Result<> sent = send_(event.document, cancelled_);
        event.document.clear();
        Outcome outcome{.event = std::move(event), .what = Outcome::What::kTold};
        if (!sent) {
            outcome.what = Outcome::What::kFailed;
            outcome.error = sent.error();
        }
        MutexLock lock(mutex_);
        outcomes_.push_back(std::move(outcome));
        --sending_;
        sent_.NotifyAll();
        loop_.Wake();
    });
    COFFER_CHECK(posted);  // there is a place for each that may be in flight
}

EventDelivery::Duration EventDelivery::Rest() const {
    {
        MutexLock lock(mutex_);
        if (!outcomes_.empty()) return Duration::zero();
    }
    if (news_ || LacksEvents()) return Duration::zero();
    const auto next = plan_.NextTime(Now());
    if (!next) return runtime::BackgroundLoop::kUntilWoken;
    return std::max(Duration(*next - Now()), Duration(milliseconds(1)));
}

}  // namespace coffer::job
