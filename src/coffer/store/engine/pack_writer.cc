#include "coffer/store/engine/pack_writer.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "coffer/base/check.h"
#include "coffer/base/log.h"
#include "coffer/base/random.h"
#include "coffer/store/engine/durability.h"
#include "coffer/store/engine/segment_walk.h"

namespace coffer::store::engine {
namespace {

constexpr size_t kQueueLimit = 16384;

// A batch may be larger: it goes to the file in pieces of about as much.
constexpr size_t kWriteBytes = 1_MiB;

void Append(Bytes& buffer, ByteView bytes) {
    buffer.insert(buffer.end(), bytes.begin(), bytes.end());
}

}  // namespace

PackWriter::PackWriter(os::FileSystem& file_system, SegmentSet& segments, SegmentSupply& supply)
    : file_system_(file_system), segments_(segments), supply_(supply) {
    thread_ = std::thread([this] { Loop(); });
}

PackWriter::~PackWriter() {
    {
        MutexLock lock(mutex_);
        stopping_ = true;
    }
    changed_.NotifyOne();
    thread_.join();
}

Result<> PackWriter::Submit(const NewRecord& record, Done done) {
    COFFER_CHECK(record.content.size() <= kMaxPackedBytes);
    {
        MutexLock lock(mutex_);
        if (waiting_.size() >= kQueueLimit)
            return Error(ErrorKind::kBusy, "too many writes wait for the packs");
        waiting_.push_back({record, std::move(done)});
    }
    changed_.NotifyOne();
    return Ok();
}

PackCounters PackWriter::counters() const {
    return {batches_, records_, appended_bytes_};
}

void PackWriter::Loop() {
    pthread_setname_np(pthread_self(), "packs");
    for (;;) {
        std::vector<Waiting> waiting = TakeWaiting();
        if (waiting.empty()) return;
        std::span<Waiting> rest = waiting;
        while (!rest.empty()) {
            const size_t count = AppendBatch(rest);
            for (Waiting& done : rest.first(count))
                done.done(std::move(done.result));
            rest = rest.subspan(count);
        }
    }
}

std::vector<PackWriter::Waiting> PackWriter::TakeWaiting() {
    MutexLock lock(mutex_);
    while (waiting_.empty() && !stopping_)
        changed_.Wait(mutex_);
    return std::exchange(waiting_, {});
}

size_t PackWriter::AppendBatch(std::span<Waiting> batch) {
    if (Result<> room = EnsureRoom(batch.front().record); !room) {
        batch.front().result = room.error();
        return 1;
    }
    const uint64_t begin = end_;
    const Purpose purpose = batch.front().record.purpose;
    written_ = begin;
    size_t count = 0;
    Result<> written = Ok();
    for (Waiting& waiting : batch) {
        const uint64_t bytes = RecordBytes(waiting.record.content.size());
        if (waiting.record.purpose != purpose || bytes > active_bytes_ - end_) break;
        Serialise(waiting);
        ++count;
        if (buffer_.size() >= kWriteBytes && written) written = WriteBuffer();
    }
    if (written) written = WriteBuffer();
    buffer_.clear();
    if (!written) {
        // What has come to lie there is never written over; a walk finds its way past it.
        for (Waiting& waiting : batch.first(count))
            waiting.result = written.error();
        return count;
    }
    SyncFile(active_->file(), "a pack");
    segments_.SetEnd(active_->number(), end_);
    segments_.AddLive(active_->number(), static_cast<int64_t>(end_ - begin));
    ++batches_;
    records_ += count;
    appended_bytes_ += end_ - begin;
    return count;
}

void PackWriter::Serialise(Waiting& waiting) {
    const NewRecord& record = waiting.record;
    const auto offset = static_cast<uint32_t>(end_);
    const auto size_bytes = static_cast<uint32_t>(record.content.size());
    const size_t begin = buffer_.size();
    Append(buffer_, EncodeRecordHeader({active_->id(), offset, size_bytes, record.sha256}));
    Append(buffer_, record.table);
    Append(buffer_, record.content);
    buffer_.resize(begin + RecordBytes(size_bytes));
    end_ += RecordBytes(size_bytes);
    waiting.result = PackKey{active_->number(), offset, size_bytes, TagOf(record.sha256)};
}

Result<> PackWriter::WriteBuffer() {
    if (buffer_.empty()) return Ok();
    TRY(active_->file().WriteAt(written_, buffer_));
    written_ += buffer_.size();
    buffer_.clear();
    return Ok();
}

Result<> PackWriter::EnsureRoom(const NewRecord& record) {
    if (!std::exchange(resumed_, true)) {
        if (Result<> resumed = Resume(); !resumed) {
            // It can be read, or not; nothing is appended to it.
            Log(LogLevel::kWarning, "the last segment of the packs is closed",
                {{"error", resumed.error().ToString()}});
            active_.reset();
        }
    }
    if (record.purpose == Purpose::kStore && !supply_.EnsureReserve()) {
        return Error(ErrorKind::kNoSpace, "the disk is full");
    }
    if (active_ != nullptr && RecordBytes(record.content.size()) <= active_bytes_ - end_) {
        return Ok();
    }
    return StartSegment(record.purpose);
}

Result<> PackWriter::Resume() {
    const std::vector<SegmentInfo> all = segments_.List();
    if (all.empty()) return Ok();
    const SegmentInfo& last = all.back();
    TRY(active_, segments_.Get(last.number));
    SegmentWalk walk(active_, kSegmentHeaderBytes, last.size_bytes);
    for (;;) {
        TRY(const std::optional<RecordHeader> header, walk.Next());
        if (!header) break;
    }
    active_bytes_ = last.size_bytes;
    // Behind everything that is not zero, sound or not: nothing is ever written over.
    end_ = std::min(walk.used_end(), active_bytes_);
    active_number_ = last.number;
    return Ok();
}

Result<> PackWriter::StartSegment(Purpose purpose) {
    active_.reset();
    TRY(BlankSegment blank, supply_.Take(purpose));
    const SegmentHeader header{segments_.NextNumber(), RandomUint64()};
    TRY(blank.file->WriteAt(0, EncodeSegmentHeader(header)));
    SyncFile(*blank.file, "a pack");
    const std::string path = segments_.directory() + "/" + SegmentName(header.number);
    TRY(AsStorageResult(file_system_.Link(*blank.file, path)));
    const Result<> synced = SyncDirectory(file_system_, segments_.directory());
    if (!synced) {
        (void)file_system_.Remove(path);
        return synced;
    }
    active_ = std::make_shared<Segment>(std::move(blank.file), header);
    active_bytes_ = blank.size_bytes;
    end_ = kSegmentHeaderBytes;
    active_number_ = header.number;
    segments_.Add(active_, active_bytes_);
    return Ok();
}

}  // namespace coffer::store::engine
