// Which event of a target is sent next, and when: in order for each key, not too many at once, and
// with patience where the target is down or refuses one.
//
// It knows no more than the first event of each key; the next one is added when that has ended.
// Pure bookkeeping: who owns it tells it the time. Used by one thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "coffer/base/clock.h"
#include "coffer/catalog/events.h"

namespace coffer::job {

struct DeliveryLimits {
    size_t in_flight = 8;
    size_t keys = 10'000;

    // A failed event waits this long, twice as long after each further failure, at most the
    // longest; by chance down to half of it. So does everything of a target that fails again and
    // again, which is asked with one event at a time then.
    std::chrono::milliseconds first_wait{100};
    std::chrono::milliseconds longest_wait{60'000};

    // An event is given up once it has waited for so long, and failed so often since the start.
    std::chrono::milliseconds dead_after = std::chrono::hours(24);
    int fewest_attempts = 5;
};

class DeliveryPlan {
  public:
    explicit DeliveryPlan(DeliveryLimits limits) : limits_(limits) {}

    // Whether an event of this one's key is known already: it comes after that.
    bool KnowsKeyOf(const catalog::Event& event) const;

    // Whether there is no place for another key.
    bool full() const { return heads_.size() >= limits_.keys; }
    bool empty() const { return heads_.empty(); }
    size_t in_flight() const { return in_flight_; }

    // How often the target has failed in a row.
    int failures() const { return failures_; }

    // Takes an event whose key is not known; ids may come in any order.
    void Add(catalog::Event event);

    // What is to be sent now, which is in flight then; nothing where nothing is.
    std::optional<catalog::Event> Take(SteadyTime now);

    // When Take may give something again, if nothing ends before; nothing where something has to
    // end, or to be added.
    std::optional<SteadyTime> NextTime(SteadyTime now) const;

    // An event in flight has been sent: its key is forgotten.
    void Delivered(int64_t id);

    // It was not; how often by now, where it is to be given up, which End has to be told, else
    // nothing: it will be taken again.
    std::optional<int> Failed(int64_t id, SteadyTime now, Timestamp time);

    // It was not tried, through no fault of the target: it will be taken again, after others.
    void PutBack(int64_t id, SteadyTime now);

    // Forgets an event in flight, and its key.
    void End(int64_t id);

  private:
    struct Head {
        catalog::Event event;
        int attempts = 0;
        SteadyTime not_before{};
        bool in_flight = false;
    };
    using Heads = std::map<int64_t, Head>;

    Heads::iterator InFlight(int64_t id);

    size_t MostInFlight() const;
    SteadyTime Wait(SteadyTime now, int failures) const;

    const DeliveryLimits limits_;
    Heads heads_;
    std::set<std::pair<std::string, std::string>> keys_;  // with their buckets
    size_t in_flight_ = 0;
    int failures_ = 0;
    SteadyTime not_before_{};
};

}  // namespace coffer::job
