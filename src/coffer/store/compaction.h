// What a store offers that keeps several copies in one file: the space of removed ones comes back
// when those that live beside them are written elsewhere. The store moves bytes; the caller writes
// to the catalogue where they are now, and removes the old copies then.
//
// Any thread may call it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/store/store.h"

namespace coffer::store {

struct Move {
    std::string from;
    std::string to;
};

struct Fragmented {
    std::vector<ListedCopy> copies;
    bool more = false;  // it is worth while to ask again
};

// Of the files that hold small blobs.
struct PackStats {
    uint64_t segments = 0;
    uint64_t size_bytes = 0;
    uint64_t live_bytes = 0;     // of those segments that were counted
    uint64_t counted_bytes = 0;  // the size of these
    uint64_t unreadable = 0;     // segments of which the last listing left out something
    uint64_t batches = 0;        // since the start, as all that follows
    uint64_t records = 0;
    uint64_t appended_bytes = 0;
};

class Compactable {
  public:
    virtual ~Compactable() = default;

    // At most `limit` copies that share a file with enough dead bytes to be worth moving. None, and
    // no more to come, where there is no such file, or each was deferred; with that a new round
    // begins. Errors: kBusy, kIo.
    virtual Task<Result<Fragmented>> ListFragmented(size_t limit) = 0;

    // Writes copies once more, each with a key of its own, on a full disk into space that is held
    // back for this. Durable when it returns. What is gone or damaged is left out. Errors:
    // kNoSpace, kBusy, kIo; what was written then is not named by anybody.
    virtual Task<Result<std::vector<Move>>> Relocate(std::vector<std::string> keys) = 0;

    // Says that a copy of ListFragmented can't be moved, for reasons of the caller: what shares its
    // file is not listed again before the next start. Does not block.
    virtual void SetStuck(std::string_view key, const Error& why) = 0;

    // Says that of what ListFragmented gave together with this copy nothing could be moved for now:
    // what shares its file is listed again after all others, in a later round, or once one of its
    // copies was removed. Does not block.
    virtual void Defer(std::string_view key) = 0;

    virtual PackStats GetPackStats() const = 0;
};

}  // namespace coffer::store
