#include "coffer/os/fault_file_system.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "coffer/base/check.h"

namespace coffer::os {
namespace {

constexpr std::array<std::string_view, kOperationCount> kOperationNames = {"Open",
                                                                           "OpenCached",
                                                                           "CreateTemporary",
                                                                           "Link",
                                                                           "Rename",
                                                                           "Remove",
                                                                           "MakeDirectory",
                                                                           "RemoveDirectory",
                                                                           "List",
                                                                           "SyncDirectory",
                                                                           "Stat",
                                                                           "GetSpace",
                                                                           "Lock",
                                                                           "ReadAt",
                                                                           "ReadCachedAt",
                                                                           "WriteAt",
                                                                           "Sync",
                                                                           "Truncate",
                                                                           "Size"};

}  // namespace

std::string_view ToString(Operation operation) {
    return kOperationNames[static_cast<size_t>(operation)];
}

class FaultFileSystem::FaultFile final : public File {
  public:
    FaultFile(FaultFileSystem& owner, std::string path, std::unique_ptr<File> below)
        : owner_(owner), path_(std::move(path)), below_(std::move(below)) {}

    Result<size_t> ReadAt(uint64_t offset, ByteSpan out) override {
        TRY(owner_.Enter(Operation::kReadAt));
        return below_->ReadAt(offset, out);
    }
    Result<size_t> ReadCachedAt(uint64_t offset, ByteSpan out) override {
        const Result<> entered = owner_.Enter(Operation::kReadCachedAt);
        if (entered) return below_->ReadCachedAt(offset, out);
        const std::optional<size_t> most = owner_.ShortReadBytes();
        if (!most) return entered.error();
        return below_->ReadCachedAt(offset, out.first(std::min(*most, out.size())));
    }
    Result<> WriteAt(uint64_t offset, ByteView data) override {
        const Result<> entered = owner_.Enter(Operation::kWriteAt);
        if (!entered) {
            TRY(below_->WriteAt(offset, data.first(data.size() / 2)));
            return entered.error();
        }
        return below_->WriteAt(offset, data);
    }
    void WriteDirectly() override { below_->WriteDirectly(); }
    Result<> Sync() override {
        TRY(owner_.Enter(Operation::kSync));
        if (owner_.Forgets(Operation::kSync, path_)) return Ok();
        return below_->Sync();
    }
    Result<> Truncate(uint64_t size_bytes) override {
        TRY(owner_.Enter(Operation::kTruncate));
        return below_->Truncate(size_bytes);
    }
    Result<uint64_t> Size() override {
        TRY(owner_.Enter(Operation::kSize));
        return below_->Size();
    }

    File& below() { return *below_; }

  private:
    FaultFileSystem& owner_;
    const std::string path_;
    const std::unique_ptr<File> below_;
};

void FaultFileSystem::Inject(Fault fault) {
    MutexLock lock(mutex_);
    fault_ = fault;
    struck_.reset();
    calls_.fill(0);
}

void FaultFileSystem::Clear() {
    MutexLock lock(mutex_);
    fault_.reset();
    struck_.reset();
    calls_.fill(0);
}

void FaultFileSystem::Forget(Operation sync, std::string path_part) {
    MutexLock lock(mutex_);
    forgotten_.emplace(sync, std::move(path_part));
}

bool FaultFileSystem::Forgets(Operation sync, const std::string& path) const {
    MutexLock lock(mutex_);
    return forgotten_ && forgotten_->first == sync &&
           (path + '$').find(forgotten_->second) != std::string::npos;
}

void FaultFileSystem::SetObserver(std::function<void(Operation)> observer) {
    MutexLock lock(mutex_);
    observer_ = std::move(observer);
}

uint64_t FaultFileSystem::calls(Operation operation) const {
    MutexLock lock(mutex_);
    return calls_[static_cast<size_t>(operation)];
}

uint64_t FaultFileSystem::calls() const {
    MutexLock lock(mutex_);
    return std::accumulate(calls_.begin(), calls_.end(), uint64_t{0});
}

std::optional<Operation> FaultFileSystem::struck() const {
    MutexLock lock(mutex_);
    return struck_;
}

Result<> FaultFileSystem::Enter(Operation operation) {
    MutexLock lock(mutex_);
    if (observer_) observer_(operation);
    const uint64_t of_kind = ++calls_[static_cast<size_t>(operation)];
    if (!fault_ || (fault_->operation && *fault_->operation != operation)) return Ok();
    const uint64_t call =
        fault_->operation ? of_kind : std::accumulate(calls_.begin(), calls_.end(), uint64_t{0});
    if (call < fault_->call || (call > fault_->call && !fault_->for_ever)) return Ok();
    if (!struck_) struck_ = operation;
    return ErrnoError(fault_->errno_value,
                      fmt::format("{} (call {}, by injection)", ToString(operation), call));
}

std::optional<size_t> FaultFileSystem::ShortReadBytes() const {
    MutexLock lock(mutex_);
    return fault_ ? fault_->short_read_bytes : std::nullopt;
}

Result<std::unique_ptr<File>> FaultFileSystem::Open(const std::string& path, OpenMode mode) {
    TRY(Enter(Operation::kOpen));
    TRY(std::unique_ptr<File> file, below_.Open(path, mode));
    return std::make_unique<FaultFile>(*this, path, std::move(file));
}

Result<std::unique_ptr<File>> FaultFileSystem::OpenCached(const std::string& path) {
    TRY(Enter(Operation::kOpenCached));
    TRY(std::unique_ptr<File> file, below_.OpenCached(path));
    return std::make_unique<FaultFile>(*this, path, std::move(file));
}

Result<std::unique_ptr<File>> FaultFileSystem::CreateTemporary(const std::string& directory) {
    TRY(Enter(Operation::kCreateTemporary));
    TRY(std::unique_ptr<File> file, below_.CreateTemporary(directory));
    return std::make_unique<FaultFile>(*this, directory, std::move(file));
}

Result<> FaultFileSystem::Link(File& temporary, const std::string& path) {
    TRY(Enter(Operation::kLink));
    auto* file = dynamic_cast<FaultFile*>(&temporary);
    COFFER_CHECK(file != nullptr);
    return below_.Link(file->below(), path);
}

Result<> FaultFileSystem::Rename(const std::string& from, const std::string& to) {
    TRY(Enter(Operation::kRename));
    return below_.Rename(from, to);
}

Result<> FaultFileSystem::Remove(const std::string& path) {
    TRY(Enter(Operation::kRemove));
    return below_.Remove(path);
}

Result<> FaultFileSystem::MakeDirectory(const std::string& path) {
    TRY(Enter(Operation::kMakeDirectory));
    return below_.MakeDirectory(path);
}

Result<> FaultFileSystem::RemoveDirectory(const std::string& path) {
    TRY(Enter(Operation::kRemoveDirectory));
    return below_.RemoveDirectory(path);
}

Result<std::vector<DirectoryEntry>> FaultFileSystem::List(const std::string& directory) {
    TRY(Enter(Operation::kList));
    return below_.List(directory);
}

Result<> FaultFileSystem::SyncDirectory(const std::string& directory) {
    const Result<> entered = Enter(Operation::kSyncDirectory);
    if (entered && Forgets(Operation::kSyncDirectory, directory)) return Ok();
    if (entered) return below_.SyncDirectory(directory);
    // Only a directory that can't be opened fails by another kind.
    if (entered.error().kind() != ErrorKind::kNoSpace) return entered;
    return Error(ErrorKind::kIo, entered.error().message());
}

Result<FileStat> FaultFileSystem::Stat(const std::string& path) {
    TRY(Enter(Operation::kStat));
    return below_.Stat(path);
}

Result<Space> FaultFileSystem::GetSpace(const std::string& path) {
    TRY(Enter(Operation::kGetSpace));
    return below_.GetSpace(path);
}

Result<std::unique_ptr<FileLock>> FaultFileSystem::Lock(const std::string& path) {
    TRY(Enter(Operation::kLock));
    return below_.Lock(path);
}

}  // namespace coffer::os
