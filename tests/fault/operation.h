// What a model test does, as values: a sequence is drawn from a seed, written as text, read back,
// and cut down to what makes it fail. Pure functions.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/base/result.h"

namespace coffer::testing {

// `a`, `b`, `c`, `d` are an operation's arguments; each names one of a few things (model.h), or one
// after another, modulo how many there are. What they name may be missing: that is an answer, too.
enum class Action : uint8_t {
    kPut,           // key a, content b
    kPutIfAbsent,   // the same with If-None-Match: *
    kPutIfMatch,    // the same with If-Match: the ETag of content c
    kPutLarge,      // key a: a content that may be a part before the last
    kDelete,        // key a
    kDeleteMany,    // keys a, a + 1, … b of them, in one request
    kGet,           // key a
    kGetRange,      // key a, from place b, length c
    kList,          // prefix a, delimiter b, pages of size c
    kCopy,          // from key a to key b; odd c: with new headers
    kCreateUpload,  // key a
    kPutPart,       // upload a, part b, content c
    kCopyPart,      // upload a, part b, from key c; odd d: from its second byte on
    kComplete,      // upload a, with all parts; or, where there is a part b, without that
    kAbort,         // upload a
    kReclaim,       // the bytes of what was deleted
    kCompact,       // the space between what is left
    kRestart,       // ends in good order and starts again
    kScrub,         // all that there is; it finds nothing
    kExpire,        // what lies below "a/", by the rules of the bucket
    kNothing,       // something to die after
};
inline constexpr size_t kActionCount = 21;

// The end of the process: before it makes its call number `call` of the file system, counted from 1
// in each operation or start; or once that is through and answered, where it makes fewer.
struct Cut {
    uint32_t call = 1;
    bool power_loss = false;  // else it is killed, and what is not synced is there
    uint64_t lot = 0;         // of a power loss: what survives; 0: nothing that was not synced
    bool operator==(const Cut&) const = default;
};

struct Operation {
    Action action = Action::kNothing;
    uint32_t a = 0;
    uint32_t b = 0;
    uint32_t c = 0;
    uint32_t d = 0;
    std::vector<Cut> cuts;  // the first during the operation, each other during the start after it
    bool operator==(const Operation&) const = default;
};

// "put 1 3 0 0", "copy 2 5 1 0 | power 12 8837 | kill 3": one operation, one line.
std::string Format(const Operation& operation);
std::string Format(const std::vector<Operation>& sequence);

// What Format wrote. kInvalid where it is something else.
Result<std::vector<Operation>> ParseSequence(std::string_view text);

// The same for the same seed.
std::vector<Operation> DrawSequence(uint64_t seed, size_t length);

// A short sequence, made of parts of `sequence`, for which `fails` is true, as it is for
// `sequence`. Calls it at most `attempts` times.
std::vector<Operation> Shrink(std::vector<Operation> sequence,
                              const std::function<bool(const std::vector<Operation>&)>& fails,
                              int attempts = 2000);

}  // namespace coffer::testing
