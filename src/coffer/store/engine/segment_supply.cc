#include "coffer/store/engine/segment_supply.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <utility>

#include "coffer/base/log.h"
#include "coffer/store/engine/durability.h"

namespace coffer::store::engine {
namespace {

constexpr uint64_t kSmallestSegmentBytes = 1_MiB;

// A new segment takes at most this part of what is free, and leaves the rest to others.
constexpr uint64_t kPartOfFree = 16;

constexpr size_t kSizeStepBytes = 256_KiB;

// What is written at once, the page cache keeps in one piece, and each small write that comes to
// lie in it walks all of its pages (ext4, Linux 6.18): with pieces of 256 KiB a PUT of 4 KiB takes
// a sixth more CPU.
constexpr size_t kZerosAtOnce = 16_KiB;

// Others sync meanwhile: one large flush would hold them all up.
constexpr uint64_t kSyncedAtOnce = 1_MiB;

uint64_t RoundUp(uint64_t bytes) {
    return (bytes + kSizeStepBytes - 1) / kSizeStepBytes * kSizeStepBytes;
}

}  // namespace

SegmentSupply::SegmentSupply(os::FileSystem& file_system, std::string directory, Options options)
    : file_system_(file_system), directory_(std::move(directory)), options_(options) {
    if (options_.ahead) thread_ = std::thread([this] { Loop(); });
}

SegmentSupply::~SegmentSupply() {
    stopping_ = true;
    Wake();
    if (thread_.joinable()) thread_.join();
}

void SegmentSupply::SetUsed(uint64_t total_bytes, uint64_t largest_bytes) {
    MutexLock lock(mutex_);
    total_bytes_ = total_bytes;
    largest_bytes_ = largest_bytes;
}

void SegmentSupply::Wake() {
    MutexLock lock(mutex_);
    work_ = true;
    changed_.NotifyAll();
}

bool SegmentSupply::EnsureReserve() {
    MutexLock lock(mutex_);
    if (!HasReserve()) Refill();
    return HasReserve();
}

bool SegmentSupply::HasReserve() const {
    return reserve_ || !failed_ || failed_->kind() != ErrorKind::kNoSpace;
}

void SegmentSupply::Refill() {
    if (!options_.ahead) return MakeMissing();
    const uint64_t before = attempts_;
    work_ = true;
    changed_.NotifyAll();
    while (attempts_ == before)
        changed_.Wait(mutex_);
}

Result<BlankSegment> SegmentSupply::Take(Purpose purpose) {
    MutexLock lock(mutex_);
    if (!spare_) Refill();
    // An attempt may have been under way that knew nothing of this.
    if (!spare_ && !failed_) Refill();
    std::optional<BlankSegment>& source = spare_ || purpose == Purpose::kStore ? spare_ : reserve_;
    if (!source) return *failed_;
    BlankSegment taken = std::move(*source);
    source.reset();
    total_bytes_ += taken.size_bytes;
    largest_bytes_ = std::max(largest_bytes_, taken.size_bytes);
    work_ = true;
    changed_.NotifyAll();
    return taken;
}

void SegmentSupply::Loop() {
    pthread_setname_np(pthread_self(), "packs-ahead");
    MutexLock lock(mutex_);
    while (!stopping_) {
        if (!std::exchange(work_, false)) {
            changed_.Wait(mutex_);
            continue;
        }
        MakeMissing();
        ++attempts_;
        changed_.NotifyAll();
    }
}

void SegmentSupply::MakeMissing() {
    std::optional<Error> failed;
    const uint64_t reserve_bytes = ReserveBytes();
    if (reserve_bytes > (reserve_ ? reserve_->size_bytes : 0)) {
        Result<BlankSegment> made = Make(reserve_bytes, false);
        if (made) {
            reserve_ = std::move(made.value());
        } else {
            failed = AsStorageError(made.error());
        }
    }
    if (!spare_ && !failed) {
        const uint64_t smallest = std::min(kSmallestSegmentBytes, options_.segment_bytes);
        Result<BlankSegment> made =
            Make(std::clamp(total_bytes_, smallest, options_.segment_bytes), true);
        if (made) {
            spare_ = std::move(made.value());
        } else {
            failed = AsStorageError(made.error());
        }
    }
    if (failed && !failed_) {
        Log(LogLevel::kWarning, "a segment of the packs could not be made ahead of use",
            {{"error", failed->ToString()}});
    }
    failed_ = std::move(failed);
}

// Half of the largest segment: none that is worth a compaction has more that lives.
uint64_t SegmentSupply::ReserveBytes() const {
    if (largest_bytes_ == 0) return 0;
    return std::max(RoundUp(largest_bytes_ / 2),
                    std::min(kSmallestSegmentBytes, options_.segment_bytes));
}

Result<BlankSegment> SegmentSupply::Make(uint64_t wanted_bytes, bool may_be_smaller) {
    mutex_.Unlock();
    Result<BlankSegment> made = MakeUnlocked(wanted_bytes, may_be_smaller);
    mutex_.Lock();
    return made;
}

Result<BlankSegment> SegmentSupply::MakeUnlocked(uint64_t wanted_bytes, bool may_be_smaller) {
    TRY(const os::Space space, file_system_.GetSpace(directory_));
    BlankSegment blank;
    blank.size_bytes = wanted_bytes;
    if (may_be_smaller && wanted_bytes > kSmallestSegmentBytes) {
        blank.size_bytes =
            std::clamp(space.free_bytes / kPartOfFree / kSizeStepBytes * kSizeStepBytes,
                       kSmallestSegmentBytes, wanted_bytes);
    }
    // Not by trying alone: filling the disk to its end would hit whoever else writes there.
    if (space.free_bytes < blank.size_bytes + kSmallestSegmentBytes) {
        return Error(ErrorKind::kNoSpace, "the disk has no room for another segment of the packs");
    }
    TRY(blank.file, file_system_.CreateTemporary(directory_));
    const Bytes zeros(std::min<uint64_t>(kZerosAtOnce, blank.size_bytes));
    for (uint64_t offset = 0; offset < blank.size_bytes;) {
        if (stopping_) return Error(ErrorKind::kClosed, "the packs are being closed");
        const uint64_t length = std::min<uint64_t>(zeros.size(), blank.size_bytes - offset);
        TRY(blank.file->WriteAt(offset, ByteView(zeros).first(length)));
        offset += length;
        if (offset % kSyncedAtOnce != 0 && offset != blank.size_bytes) continue;
        SyncFile(*blank.file, "a segment of the packs");
    }
    return blank;
}

}  // namespace coffer::store::engine
