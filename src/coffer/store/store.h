// A place where blobs live. It knows nothing of buckets, versions or policies, and keeps no index:
// a copy's key says where the bytes are.
//
// Writing is two steps. Stage takes the bytes and knows their digests, and promises nothing; Commit
// makes them durable. Between the two the caller refuses a wrong digest, or finds that it has the
// blob already and drops what was staged. Any thread may call a store; it outlives what it gives
// out.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/base/result.h"
#include "coffer/codec/digest.h"
#include "coffer/runtime/byte_stream.h"

namespace coffer::store {

struct StageHints {
    std::optional<uint64_t> size_bytes = {};                // as promised by the client
    std::optional<codec::ChecksumAlgorithm> checksum = {};  // computed in the same pass
    // Where it is set, the source has computed the SHA-256 of what it gave, and the store computes
    // no digest: so are encrypted bytes, hashed where they are made. Called once, after the
    // source's end, on any thread. Not together with `checksum`.
    std::function<codec::Sha256Digest()> sha256_of_source = {};
};

// What is known of bytes that went through Stage.
struct Digests {
    uint64_t size_bytes = 0;
    codec::Sha256Digest sha256{};
    codec::Md5Digest md5{};
    std::string checksum;  // raw bytes of the algorithm in the hints; empty where none is there
};

// Bytes that were taken and are not promised. Destroying it frees them.
class Staged {
  public:
    virtual ~Staged() = default;
    virtual const Digests& digests() const = 0;
};

// A half-open range of bytes.
struct ByteRange {
    uint64_t offset = 0;
    uint64_t length = 0;
};

struct CopyStat {
    uint64_t size_bytes = 0;  // of the blob
    codec::Sha256Digest sha256{};
};

struct ListedCopy {
    std::string key;
    CopyStat stat;
};

// A part of the store that could not be looked at: a file that holds several copies, or a
// directory of such that hold one.
struct LeftOut {
    std::string part;  // what the keys of its copies begin with
    Error why;         // the first error of several
};

struct ListPage {
    std::vector<ListedCopy> copies;
    std::string next_cursor;  // empty after the last page
    // Where copies may be missing here that the store holds, in the order of keys; the next page
    // may tell of some of them again.
    std::vector<LeftOut> left_out = {};
};

struct Capabilities {
    bool sign = false;   // the far side can sign links
    bool local = false;  // bytes are on this machine
};

class Store {
  public:
    virtual ~Store() = default;

    // Reads `source` to its end. Memory is bounded, whatever the size. Errors: those of `source`,
    // as they are; kNoSpace; kBusy (buffers, descriptors); kIo. After an error nothing is left
    // behind.
    virtual Task<Result<std::unique_ptr<Staged>>> Stage(ByteSource& source, StageHints hints) = 0;

    // Makes the bytes durable, data and name, and returns the copy's key. Where the same content is
    // already there, it is made sure to be durable, and its key is returned; or this is one more
    // copy, with a key of its own. An fsync that fails stops the process. Errors: kNoSpace, kBusy,
    // kIo; nothing is promised then.
    virtual Task<Result<std::string>> Commit(std::unique_ptr<Staged> staged) = 0;

    // The bytes of `range`, which lies inside the blob, checked against their checksums before they
    // are given out: a Read that would yield a wrong byte fails with kCorrupt instead. The first
    // piece has been checked when this returns; a later one that fails lies within as many bytes
    // behind those given out as were asked for, or runtime::kBufferBytes. kNotFound when there is
    // no such copy.
    virtual Task<Result<std::unique_ptr<ByteSource>>> Read(std::string key, ByteRange range) = 0;

    // Frees the space, at once or in time. kNotFound when there is no such copy; kCorrupt where it
    // is so damaged that nothing can be removed. A crash may bring the copy back: whoever lists the
    // store after one removes what the caller's records do not name.
    virtual Task<Result<>> Remove(std::string key) = 0;

    // Takes what lies under `key` out of the way, for people to look at, with `note` beside it: the
    // key is kNotFound from then on, durably, and no byte is deleted. Returns where it is now. For
    // copies that are damaged. kNotFound when there is no such copy; kNoSpace, kBusy, kIo: the copy
    // is where it was.
    virtual Task<Result<std::string>> Quarantine(std::string key, std::string note) = 0;

    // Makes durable that what Remove took is gone: for the end of a process that forgets what it
    // had to remove. A sync that fails stops the process. Errors: kBusy (descriptors); call again.
    virtual Task<Result<>> SyncRemovals() = 0;

    // What the store says of a copy, without reading all of it. kNotFound when there is no such
    // copy; kCorrupt where it is damaged in a way that is seen at once.
    virtual Task<Result<CopyStat>> Stat(std::string key) = 0;

    // Copies in the order of their keys, from after `cursor` ("" for the first page). For scrub,
    // recovery and adoption. What can't be looked at hides nothing else, where that can be helped:
    // ListPage::left_out. kBusy, kIo.
    virtual Task<Result<ListPage>> List(std::string cursor, size_t limit) = 0;

    virtual Capabilities GetCapabilities() const = 0;
};

}  // namespace coffer::store
