#include "coffer/job/delivery_plan.h"

#include <algorithm>

#include "coffer/base/check.h"
#include "coffer/base/random.h"

namespace coffer::job {
namespace {

// One event that is refused says nothing of the target.
constexpr int kSuspicious = 3;

}  // namespace

bool DeliveryPlan::KnowsKeyOf(const catalog::Event& event) const {
    return keys_.contains({event.bucket, event.key});
}

void DeliveryPlan::Add(catalog::Event event) {
    COFFER_CHECK(keys_.emplace(event.bucket, event.key).second);
    const int64_t id = event.id;
    heads_.emplace(id, Head{.event = std::move(event)});
}

size_t DeliveryPlan::MostInFlight() const {
    return failures_ >= kSuspicious ? 1 : limits_.in_flight;
}

std::optional<catalog::Event> DeliveryPlan::Take(SteadyTime now) {
    if (in_flight_ >= MostInFlight() || now < not_before_) return std::nullopt;
    // Who has waited longest comes first, and before all who was not tried yet: else those that are
    // refused again and again would take every turn of a target that is asked one at a time.
    Head* next = nullptr;
    for (auto& [id, head] : heads_) {
        if (head.in_flight || now < head.not_before) continue;
        if (next == nullptr || head.not_before < next->not_before) next = &head;
        if (next->not_before == SteadyTime()) break;  // nothing comes before it
    }
    if (next == nullptr) return std::nullopt;
    next->in_flight = true;
    ++in_flight_;
    return next->event;
}

std::optional<SteadyTime> DeliveryPlan::NextTime(SteadyTime now) const {
    if (in_flight_ >= MostInFlight()) return std::nullopt;
    std::optional<SteadyTime> next;
    for (const auto& [id, head] : heads_) {
        if (head.in_flight) continue;
        const SteadyTime time = std::max(head.not_before, not_before_);
        if (!next || time < *next) next = time;
        if (head.not_before <= now) break;  // nothing comes before it
    }
    return next;
}

DeliveryPlan::Heads::iterator DeliveryPlan::InFlight(int64_t id) {
    const auto found = heads_.find(id);
    COFFER_CHECK(found != heads_.end() && found->second.in_flight);
    return found;
}

void DeliveryPlan::Delivered(int64_t id) {
    failures_ = 0;
    not_before_ = {};
    End(id);
}

SteadyTime DeliveryPlan::Wait(SteadyTime now, int failures) const {
    std::chrono::milliseconds wait = limits_.first_wait;
    for (int i = 1; i < failures && wait < limits_.longest_wait; ++i)
        wait *= 2;
    wait = std::min(wait, limits_.longest_wait);
    const auto half = wait / 2;
    const uint64_t chance = RandomUint64() % static_cast<uint64_t>(half.count() + 1);
    return now + half + std::chrono::milliseconds(chance);
}

std::optional<int> DeliveryPlan::Failed(int64_t id, SteadyTime now, Timestamp time) {
    Head& head = InFlight(id)->second;
    ++head.attempts;
    ++failures_;
    if (failures_ >= kSuspicious) not_before_ = Wait(now, failures_ - kSuspicious + 1);
    if (head.attempts >= limits_.fewest_attempts && time - head.event.queued >= limits_.dead_after)
        return head.attempts;
    head.not_before = Wait(now, head.attempts);
    head.in_flight = false;
    --in_flight_;
    return std::nullopt;
}

void DeliveryPlan::PutBack(int64_t id, SteadyTime now) {
    Head& head = InFlight(id)->second;
    head.not_before = now + limits_.first_wait;
    head.in_flight = false;
    --in_flight_;
}

void DeliveryPlan::End(int64_t id) {
    const auto found = InFlight(id);
    keys_.erase({found->second.event.bucket, found->second.event.key});
    heads_.erase(found);
    --in_flight_;
}

}  // namespace coffer::job
