// What several clients did to one key at the same time, and whether it can be told as a story in
// which one thing happened after the other: linearizability of a register, as Wing and Gong check
// it (J. Parallel Distrib. Comput. 17, 1993), with deaths of the process among the events.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace coffer::testing {

inline constexpr int kAbsent = -1;  // the value of a key that has no object

// One call of one client. Times are those of one counter, which grows with every event.
struct Event {
    enum class Kind : uint8_t {
        kWrite,    // sets `value`; kAbsent: a delete
        kRead,     // saw `value`
        kPutNew,   // If-None-Match: *; sets `value`
        kReplace,  // If-Match: `expected`; sets `value`
    };
    static constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

    Kind kind = Kind::kRead;
    int value = kAbsent;
    int expected = kAbsent;
    bool refused = false;  // of a condition: it did not hold, and nothing was set
    uint64_t begun = 0;
    uint64_t ended = kNever;  // or when the process died before it was answered
    bool answered = false;    // else it may have happened until `ended`, or not at all
};

// True where some order explains all answers, from a key that has `first`. At most 64 events.
bool IsLinearizable(const std::vector<Event>& events, int first = kAbsent);

std::string Format(const std::vector<Event>& events);

}  // namespace coffer::testing
