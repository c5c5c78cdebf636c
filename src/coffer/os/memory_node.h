// What a MemoryFileSystem holds: files and directories, each with what is durable of it and what
// has happened to it since; and what of them a power loss leaves. One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "coffer/base/bytes.h"
#include "coffer/base/clock.h"
#include "coffer/os/file_system.h"

namespace coffer::os::memory {

struct Node;
using NodePointer = std::shared_ptr<Node>;

// Bytes that are copied when somebody changes them, so that a file system can be copied for next to
// nothing. Bytes that two have shared never change: the other one may be another file system's,
// which reads them on a thread of its own.
class FileBytes {
  public:
    FileBytes() = default;
    FileBytes(const FileBytes& other) : bytes_(other.Share()), shared_(true) {}
    FileBytes& operator=(const FileBytes& other) {
        bytes_ = other.Share();
        shared_ = true;
        return *this;
    }

    const Bytes& operator*() const { return *bytes_; }
    const Bytes* operator->() const { return bytes_.get(); }
    Bytes& Change() {
        if (shared_) bytes_ = std::make_shared<Bytes>(*bytes_);
        shared_ = false;
        return *bytes_;
    }

  private:
    std::shared_ptr<Bytes> Share() const {
        shared_ = true;
        return bytes_;
    }

    std::shared_ptr<Bytes> bytes_ = std::make_shared<Bytes>();
    mutable bool shared_ = false;
};

// What happened to a file since its last Sync.
struct PendingWrite {
    uint64_t offset;
    Bytes data;
};
struct PendingTruncate {
    uint64_t size_bytes;
};
using PendingChange = std::variant<PendingWrite, PendingTruncate>;

// A file or a directory, whatever its names.
struct Node {
    FileKind kind = FileKind::kFile;
    Timestamp modified = SystemClock().Now();

    FileBytes data;  // of a file
    FileBytes durable_data;
    std::vector<PendingChange> pending;
    bool sync_failed = false;  // what is not durable is not all pending

    std::map<std::string, NodePointer> names;  // of a directory
    std::map<std::string, NodePointer> durable_names;
    std::map<std::string, std::vector<NodePointer>> pending_names;  // nullptr: taken away

    void Write(uint64_t offset, ByteView bytes);
    void Truncate(uint64_t size_bytes);
    void Sync();

    // `node`: null takes the name away.
    void SetName(const std::string& name, NodePointer node);
    void SyncNames();
};

// A copy of `node` and all below it, as it is.
NodePointer Twin(const NodePointer& node);

// A copy of what survives of `node` and all below it: without a seed nothing that was not synced,
// with one a random part of it.
NodePointer Survivor(const NodePointer& node, std::optional<uint64_t> seed);

}  // namespace coffer::os::memory
