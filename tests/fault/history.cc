#include "tests/fault/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "coffer/base/check.h"

namespace coffer::testing {
namespace {

// The value of the key after an event that happens while it is `now`; nothing where it can't have
// answered as it did.
std::optional<int> Apply(const Event& event, int now) {
    bool holds = true;
    switch (event.kind) {
        case Event::Kind::kRead:
            return now == event.value ? std::optional(now) : std::nullopt;
        case Event::Kind::kWrite:
            break;
        case Event::Kind::kPutNew:
            holds = now == kAbsent;
            break;
        case Event::Kind::kReplace:
            holds = now == event.expected;
            break;
    }
    if (event.answered && holds == event.refused) return std::nullopt;
    return holds ? event.value : now;
}

class Search {
  public:
    explicit Search(const std::vector<Event>& events) : events_(events) {}

    // Whether what is not in `done` can follow on what is, with the key at `now`. `latest` is when
    // the last of what is done began, at the most.
    bool Explains(uint64_t done, int now, uint64_t latest) {
        uint64_t first_end = Event::kNever;  // of what is answered and not done
        bool left = false;
        for (size_t i = 0; i < events_.size(); ++i) {
            if ((done >> i & 1) != 0 || !events_[i].answered) continue;
            first_end = std::min(first_end, events_[i].ended);
            left = true;
        }
        if (!left) return true;
        if (!seen_.insert({done, now}).second) return false;
        for (size_t i = 0; i < events_.size(); ++i) {
            const Event& event = events_[i];
            if ((done >> i & 1) != 0 || event.begun > first_end) continue;
            if (latest > event.ended) continue;  // it did not happen: the process had died
            const std::optional<int> next = Apply(event, now);
            if (next && Explains(done | uint64_t{1} << i, *next, std::max(latest, event.begun)))
                return true;
        }
        return false;
    }

  private:
    const std::vector<Event>& events_;
    std::set<std::pair<uint64_t, int>> seen_;
};

}  // namespace

bool IsLinearizable(const std::vector<Event>& events, int first) {
    COFFER_CHECK(events.size() <= 64);
    return Search(events).Explains(0, first, 0);
}

std::string Format(const std::vector<Event>& events) {
    constexpr std::string_view kKinds[] = {"write", "read", "put new", "replace"};
    std::string text;
    for (const Event& event : events) {
        text += fmt::format("{:4} to {:4}{} {} {}", event.begun, event.ended,
                            event.answered ? " " : "?", kKinds[static_cast<size_t>(event.kind)],
                            event.value);
        if (event.kind == Event::Kind::kReplace) text += fmt::format(" of {}", event.expected);
        text += event.refused ? " refused\n" : "\n";
    }
    return text;
}

}  // namespace coffer::testing
