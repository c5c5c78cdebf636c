#include "coffer/os/memory_file_system.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include "coffer/base/check.h"
#include "coffer/base/mutex.h"
#include "coffer/os/memory_node.h"

namespace coffer::os {
namespace {

using memory::Node;
using memory::NodePointer;

std::vector<std::string> Split(const std::string& path) {
    std::vector<std::string> parts;
    for (size_t begin = 0; begin <= path.size();) {
        const size_t end = std::min(path.find('/', begin), path.size());
        std::string part = path.substr(begin, end - begin);
        if (!part.empty() && part != ".") parts.push_back(std::move(part));
        begin = end + 1;
    }
    return parts;
}

Error Fail(int error, std::string_view verb, std::string_view path) {
    return ErrnoError(error, fmt::format("{} {}", verb, path));
}

}  // namespace

struct MemoryFileSystem::State {
    Mutex mutex;
    NodePointer root GUARDED_BY(mutex);
    uint64_t power_cycle GUARDED_BY(mutex) = 0;  // files and locks of an earlier one are dead
    std::set<std::string> locks GUARDED_BY(mutex);

    // The node at `path`, or nullptr.
    NodePointer Find(const std::string& path) REQUIRES(mutex) { return FindParts(Split(path)); }

    // The directory that holds the last name of `path`, which goes to `name`; nullptr where there
    // is none.
    NodePointer FindParent(const std::string& path, std::string& name) REQUIRES(mutex) {
        std::vector<std::string> parts = Split(path);
        if (parts.empty()) return nullptr;
        name = std::move(parts.back());
        parts.pop_back();
        NodePointer node = FindParts(parts);
        return node != nullptr && node->kind == FileKind::kDirectory ? node : nullptr;
    }

    NodePointer SurvivingRoot(std::optional<uint64_t> seed) REQUIRES(mutex) {
        return memory::Survivor(root, seed);
    }

  private:
    NodePointer FindParts(const std::vector<std::string>& parts) REQUIRES(mutex) {
        NodePointer node = root;
        for (const std::string& part : parts) {
            const auto found = node->names.find(part);  // a file has no names
            if (found == node->names.end()) return nullptr;
            node = found->second;
        }
        return node;
    }
};

namespace {

using State = MemoryFileSystem::State;

class MemoryFile final : public File {
  public:
    MemoryFile(State& state, NodePointer node, bool writable, uint64_t power_cycle)
        : state_(state), node_(std::move(node)), writable_(writable), power_cycle_(power_cycle) {}

    Result<size_t> ReadAt(uint64_t offset, ByteSpan out) override {
        MutexLock lock(state_.mutex);
        TRY(CheckAlive());
        const Bytes& data = *node_->data;
        if (offset >= data.size()) return size_t{0};
        const size_t length = std::min<uint64_t>(out.size(), data.size() - offset);
        std::copy_n(data.begin() + static_cast<ptrdiff_t>(offset), length, out.begin());
        return length;
    }

    Result<size_t> ReadCachedAt(uint64_t offset, ByteSpan out) override {
        return ReadAt(offset, out);
    }

    Result<> WriteAt(uint64_t offset, ByteView data) override {
        MutexLock lock(state_.mutex);
        TRY(CheckWritable());
        node_->Write(offset, data);
        return Ok();
    }

    Result<> Sync() override {
        MutexLock lock(state_.mutex);
        TRY(CheckAlive());
        node_->Sync();
        return Ok();
    }

    Result<> Truncate(uint64_t size_bytes) override {
        MutexLock lock(state_.mutex);
        TRY(CheckWritable());
        node_->Truncate(size_bytes);
        return Ok();
    }

    Result<uint64_t> Size() override {
        MutexLock lock(state_.mutex);
        TRY(CheckAlive());
        return uint64_t{node_->data->size()};
    }

    const NodePointer& node() const { return node_; }

  private:
    Result<> CheckAlive() const REQUIRES(state_.mutex) {
        if (power_cycle_ != state_.power_cycle)
            return Fail(EIO, "use", "a file from before a crash");
        return Ok();
    }
    Result<> CheckWritable() const REQUIRES(state_.mutex) {
        TRY(CheckAlive());
        if (!writable_) return Fail(EBADF, "write", "a file that is open for reading");
        node_->modified = SystemClock().Now();
        return Ok();
    }

    State& state_;
    const NodePointer node_;
    const bool writable_;
    const uint64_t power_cycle_;
};

class MemoryFileLock final : public FileLock {
  public:
    MemoryFileLock(State& state, std::string path, uint64_t power_cycle)
        : state_(state), path_(std::move(path)), power_cycle_(power_cycle) {}
    ~MemoryFileLock() override {
        MutexLock lock(state_.mutex);
        if (power_cycle_ == state_.power_cycle) state_.locks.erase(path_);
    }

  private:
    State& state_;
    const std::string path_;
    const uint64_t power_cycle_;
};

}  // namespace

MemoryFileSystem::MemoryFileSystem() : state_(std::make_unique<State>()) {
    MutexLock lock(state_->mutex);
    state_->root = std::make_shared<Node>();
    state_->root->kind = FileKind::kDirectory;
}

MemoryFileSystem::~MemoryFileSystem() = default;

void MemoryFileSystem::Crash(std::optional<uint64_t> seed) {
    MutexLock lock(state_->mutex);
    state_->root = state_->SurvivingRoot(seed);
    ++state_->power_cycle;
    state_->locks.clear();
}

std::unique_ptr<MemoryFileSystem> MemoryFileSystem::AfterCrash(std::optional<uint64_t> seed) const {
    auto after = std::make_unique<MemoryFileSystem>();
    MutexLock lock(state_->mutex);
    MutexLock lock_after(after->state_->mutex);
    after->state_->root = state_->SurvivingRoot(seed);
    return after;
}

std::unique_ptr<MemoryFileSystem> MemoryFileSystem::AfterKill() const {
    auto after = std::make_unique<MemoryFileSystem>();
    MutexLock lock(state_->mutex);
    MutexLock lock_after(after->state_->mutex);
    after->state_->root = memory::Twin(state_->root);
    return after;
}

std::unique_ptr<MemoryFileSystem> MemoryFileSystem::AfterFailedSync(const std::string& path) const {
    auto after = AfterKill();
    MutexLock lock(after->state_->mutex);
    const NodePointer node = after->state_->Find(path);
    COFFER_CHECK(node != nullptr);
    node->pending.clear();
    node->sync_failed = true;
    return after;
}

Result<std::unique_ptr<File>> MemoryFileSystem::Open(const std::string& path, OpenMode mode) {
    MutexLock lock(state_->mutex);
    std::string name;
    const NodePointer parent = state_->FindParent(path, name);
    NodePointer node = state_->Find(path);
    if (mode == OpenMode::kCreate) {
        if (parent == nullptr) return Fail(ENOENT, "open", path);
        if (node != nullptr) return Fail(EEXIST, "open", path);
        node = std::make_shared<Node>();
        parent->SetName(name, node);
    }
    if (node == nullptr) return Fail(ENOENT, "open", path);
    if (node->kind != FileKind::kFile) return Fail(EISDIR, "open", path);
    return std::make_unique<MemoryFile>(*state_, std::move(node), mode != OpenMode::kRead,
                                        state_->power_cycle);
}

Result<std::unique_ptr<File>> MemoryFileSystem::OpenCached(const std::string& path) {
    return Open(path, OpenMode::kRead);
}

Result<std::unique_ptr<File>> MemoryFileSystem::CreateTemporary(const std::string& directory) {
    MutexLock lock(state_->mutex);
    const NodePointer parent = state_->Find(directory);
    if (parent == nullptr) return Fail(ENOENT, "create a temporary file in", directory);
    if (parent->kind != FileKind::kDirectory) return Fail(ENOTDIR, "list", directory);
    return std::make_unique<MemoryFile>(*state_, std::make_shared<Node>(), true,
                                        state_->power_cycle);
}

Result<> MemoryFileSystem::Link(File& temporary, const std::string& path) {
    MutexLock lock(state_->mutex);
    auto* file = dynamic_cast<MemoryFile*>(&temporary);
    COFFER_CHECK(file != nullptr);
    std::string name;
    const NodePointer parent = state_->FindParent(path, name);
    if (parent == nullptr) return Fail(ENOENT, "link", path);
    if (parent->names.contains(name)) return Fail(EEXIST, "link", path);
    parent->SetName(name, file->node());
    return Ok();
}

Result<> MemoryFileSystem::Rename(const std::string& from, const std::string& to) {
    MutexLock lock(state_->mutex);
    std::string from_name;
    std::string to_name;
    const NodePointer from_parent = state_->FindParent(from, from_name);
    const NodePointer to_parent = state_->FindParent(to, to_name);
    const NodePointer node = state_->Find(from);
    if (node == nullptr || to_parent == nullptr) return Fail(ENOENT, "rename to", to);
    const NodePointer replaced = state_->Find(to);
    if (replaced == node) return Ok();
    if (replaced != nullptr && replaced->kind != node->kind) return Fail(EISDIR, "rename to", to);
    if (replaced != nullptr && !replaced->names.empty()) return Fail(ENOTEMPTY, "rename to", to);
    to_parent->SetName(to_name, node);
    from_parent->SetName(from_name, nullptr);
    return Ok();
}

Result<> MemoryFileSystem::Remove(const std::string& path) {
    MutexLock lock(state_->mutex);
    std::string name;
    const NodePointer parent = state_->FindParent(path, name);
    const NodePointer node = state_->Find(path);
    if (node == nullptr || parent == nullptr) return Fail(ENOENT, "remove", path);
    if (node->kind == FileKind::kDirectory) return Fail(EISDIR, "remove", path);
    parent->SetName(name, nullptr);
    return Ok();
}

Result<> MemoryFileSystem::MakeDirectory(const std::string& path) {
    MutexLock lock(state_->mutex);
    std::string name;
    const NodePointer parent = state_->FindParent(path, name);
    if (parent == nullptr) return Fail(ENOENT, "make directory", path);
    if (parent->names.contains(name)) return Fail(EEXIST, "make directory", path);
    auto node = std::make_shared<Node>();
    node->kind = FileKind::kDirectory;
    parent->SetName(name, std::move(node));
    return Ok();
}

Result<> MemoryFileSystem::RemoveDirectory(const std::string& path) {
    MutexLock lock(state_->mutex);
    std::string name;
    const NodePointer parent = state_->FindParent(path, name);
    const NodePointer node = state_->Find(path);
    if (node == nullptr || parent == nullptr) return Fail(ENOENT, "remove directory", path);
    if (node->kind != FileKind::kDirectory) return Fail(ENOTDIR, "remove directory", path);
    if (!node->names.empty()) {
        return Error(ErrorKind::kConflict,
                     fmt::format("remove directory {}: it is not empty", path));
    }
    parent->SetName(name, nullptr);
    return Ok();
}

Result<std::vector<DirectoryEntry>> MemoryFileSystem::List(const std::string& directory) {
    MutexLock lock(state_->mutex);
    const NodePointer node = state_->Find(directory);
    if (node == nullptr) return Fail(ENOENT, "list", directory);
    if (node->kind != FileKind::kDirectory) return Fail(ENOTDIR, "list", directory);
    std::vector<DirectoryEntry> entries;
    for (const auto& [name, child] : node->names)
        entries.push_back({name, child->kind});
    return entries;
}

Result<> MemoryFileSystem::SyncDirectory(const std::string& directory) {
    MutexLock lock(state_->mutex);
    const NodePointer node = state_->Find(directory);
    if (node == nullptr) return Fail(ENOENT, "sync", directory);
    if (node->kind != FileKind::kDirectory) return Fail(ENOTDIR, "sync", directory);
    node->SyncNames();
    return Ok();
}

Result<FileStat> MemoryFileSystem::Stat(const std::string& path) {
    MutexLock lock(state_->mutex);
    const NodePointer node = state_->Find(path);
    if (node == nullptr) return Fail(ENOENT, "stat", path);
    return FileStat{node->kind, node->data->size(), node->modified};
}

Result<Space> MemoryFileSystem::GetSpace(const std::string& path) {
    MutexLock lock(state_->mutex);
    if (state_->Find(path) == nullptr) return Fail(ENOENT, "measure the space of", path);
    return Space{1_TiB, 1_TiB, 1'000'000'000, 1'000'000'000};
}

Result<std::unique_ptr<FileLock>> MemoryFileSystem::Lock(const std::string& path) {
    MutexLock lock(state_->mutex);
    std::string name;
    const NodePointer parent = state_->FindParent(path, name);
    if (parent == nullptr) return Fail(ENOENT, "open", path);
    if (!parent->names.contains(name)) parent->SetName(name, std::make_shared<Node>());
    if (!state_->locks.insert(path).second) {
        return Error(ErrorKind::kBusy, fmt::format("{} is locked by another holder", path));
    }
    return std::make_unique<MemoryFileLock>(*state_, path, state_->power_cycle);
}

}  // namespace coffer::os
