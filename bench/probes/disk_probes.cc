#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <vector>

#include "coffer/base/bytes.h"
#include "coffer/base/mutex.h"

#include "bench/loader/process_cpu.h"
#include "bench/probes/probe.h"

namespace coffer::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kRecordBytes = 4_KiB;
constexpr uint64_t kFileBytes = 128_MiB;  // of the files that are written in place

Bytes RandomRecord(uint64_t seed) {
    std::mt19937_64 random(seed);
    Bytes bytes(kRecordBytes);
    for (std::byte& byte : bytes)
        byte = static_cast<std::byte>(random());
    return bytes;
}

// A file that goes with its owner.
class ScratchFile {
  public:
    static Result<ScratchFile> Open(std::string path) {
        const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fd < 0) return ErrnoError(errno, "open " + path);
        return ScratchFile(fd, std::move(path));
    }
    ScratchFile(ScratchFile&& other) noexcept
        : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}
    ScratchFile& operator=(ScratchFile&&) = delete;
    ~ScratchFile() {
        if (fd_ < 0) return;
        ::close(fd_);
        ::unlink(path_.c_str());
    }

    Result<> Write(ByteView bytes, uint64_t offset) const {
        while (!bytes.empty()) {
            const ssize_t written =
                ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
            if (written < 0) return ErrnoError(errno, "write " + path_);
            bytes = bytes.subspan(static_cast<size_t>(written));
            offset += static_cast<uint64_t>(written);
        }
        return Ok();
    }
    Result<> Sync() const {
        if (::fdatasync(fd_) != 0) return ErrnoError(errno, "fdatasync " + path_);
        return Ok();
    }
    Result<> FillWithZeros() const {
        const Bytes zeros(1_MiB);
        for (uint64_t done = 0; done < kFileBytes; done += zeros.size()) {
            TRY(Write(zeros, done));
        }
        return Sync();
    }

  private:
    ScratchFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
    int fd_;
    std::string path_;
};

// What several threads found, added up; the first error counts.
class Shared {
  public:
    void Add(const std::vector<uint64_t>& latencies) EXCLUDES(mutex_) {
        MutexLock lock(mutex_);
        for (const uint64_t latency : latencies)
            report_.latency_ns.Record(latency);
        report_.bytes += latencies.size() * kRecordBytes;
    }
    void Fail(Error error) EXCLUDES(mutex_) {
        MutexLock lock(mutex_);
        if (!error_) error_ = std::move(error);
        failed_ = true;
    }
    bool failed() const { return failed_; }
    Result<ProbeReport> Take() EXCLUDES(mutex_) {
        MutexLock lock(mutex_);
        if (error_) return *error_;
        return report_;
    }

  private:
    Mutex mutex_;
    ProbeReport report_ GUARDED_BY(mutex_);
    std::optional<Error> error_ GUARDED_BY(mutex_);
    std::atomic<bool> failed_ = false;
};

// Runs `operation` on `clients` threads until the duration is over.
Result<ProbeReport> OnThreads(const ProbeOptions& options,
                              const std::function<Result<>(size_t client, uint64_t i)>& operation) {
    Shared shared;
    const double cpu_before = OwnProcessorSeconds();
    const auto start = Clock::now();
    std::vector<std::thread> threads;
    for (size_t client = 0; client < options.clients; ++client) {
        threads.emplace_back([&, client] {
            std::vector<uint64_t> latencies;
            auto before = start;
            for (uint64_t i = 0; before - start < options.duration && !shared.failed(); ++i) {
                if (auto done = operation(client, i); !done) {
                    shared.Fail(done.error());
                    break;
                }
                const auto now = Clock::now();
                latencies.push_back(static_cast<uint64_t>((now - before).count()));
                before = now;
            }
            shared.Add(latencies);
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    TRY(ProbeReport report, shared.Take());
    report.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    report.cpu_s = OwnProcessorSeconds() - cpu_before;
    return report;
}

// The log that ProbePackAppend appends to: whoever waits is served by the next write and sync. Its
// file is used again from the start when it is full.
class GroupLog {
  public:
    explicit GroupLog(ScratchFile file) : file_(std::move(file)), thread_([this] { Commit(); }) {}
    ~GroupLog() {
        {
            MutexLock lock(mutex_);
            stopping_ = true;
        }
        arrived_.NotifyOne();
        thread_.join();
    }

    // Durable when it returns.
    Result<> Append(ByteView record) EXCLUDES(mutex_) {
        MutexLock lock(mutex_);
        waiting_.insert(waiting_.end(), record.begin(), record.end());
        const uint64_t batch = next_batch_;
        arrived_.NotifyOne();
        while (done_batches_ <= batch && !error_)
            committed_.Wait(mutex_);
        if (error_) return *error_;
        return Ok();
    }

  private:
    void Commit() EXCLUDES(mutex_) {
        Bytes batch;
        while (true) {
            {
                MutexLock lock(mutex_);
                while (waiting_.empty() && !stopping_)
                    arrived_.Wait(mutex_);
                if (waiting_.empty()) return;
                batch.clear();
                batch.swap(waiting_);
                ++next_batch_;
            }
            const auto written = WriteBatch(batch);
            MutexLock lock(mutex_);
            if (!written) error_ = written.error();
            ++done_batches_;
            committed_.NotifyAll();
            if (!written) return;
        }
    }

    Result<> WriteBatch(ByteView batch) {
        if (end_ + batch.size() > kFileBytes) end_ = 0;
        TRY(file_.Write(batch, end_));
        end_ += batch.size();
        return file_.Sync();
    }

    ScratchFile file_;
    uint64_t end_ = 0;  // of the committing thread
    Mutex mutex_;
    CondVar arrived_;
    CondVar committed_;
    Bytes waiting_ GUARDED_BY(mutex_);
    uint64_t next_batch_ GUARDED_BY(mutex_) = 0;
    uint64_t done_batches_ GUARDED_BY(mutex_) = 0;
    bool stopping_ GUARDED_BY(mutex_) = false;
    std::optional<Error> error_ GUARDED_BY(mutex_);
    std::thread thread_;
};

}  // namespace

Result<ProbeReport> ProbeFdatasync(const ProbeOptions& options) {
    TRY(const ScratchFile file, ScratchFile::Open(options.directory + "/fdatasync"));
    TRY(file.FillWithZeros());
    const Bytes record = RandomRecord(1);
    uint64_t next = 0;
    return Repeat(options, kRecordBytes, [&]() -> Result<> {
        TRY(file.Write(record, next++ * kRecordBytes % kFileBytes));
        return file.Sync();
    });
}

Result<ProbeReport> ProbePackAppend(const ProbeOptions& options) {
    TRY(ScratchFile file, ScratchFile::Open(options.directory + "/pack"));
    TRY(file.FillWithZeros());
    GroupLog log(std::move(file));
    const Bytes record = RandomRecord(2);
    return OnThreads(options, [&](size_t, uint64_t) { return log.Append(record); });
}

Result<ProbeReport> ProbeFilePerObject(const ProbeOptions& options) {
    const std::string directory = options.directory + "/files";
    if (::mkdir(directory.c_str(), 0700) != 0) return ErrnoError(errno, "mkdir " + directory);
    const int directory_fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory_fd < 0) return ErrnoError(errno, "open " + directory);
    const Bytes record = RandomRecord(3);
    std::vector<uint64_t> made(options.clients);
    auto report = OnThreads(options, [&](size_t client, uint64_t i) -> Result<> {
        const std::string name = fmt::format("{}/{}-{}", directory, client, i);
        const std::string temporary = name + ".tmp";
        const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0) return ErrnoError(errno, "open " + temporary);
        const bool good =
            ::write(fd, record.data(), record.size()) == kRecordBytes && ::fdatasync(fd) == 0;
        ::close(fd);
        if (!good || ::rename(temporary.c_str(), name.c_str()) != 0 || ::fsync(directory_fd) != 0) {
            return ErrnoError(errno, "write " + name);
        }
        made[client] = i + 1;
        return Ok();
    });
    for (size_t client = 0; client < options.clients; ++client) {
        for (uint64_t i = 0; i < made[client]; ++i)
            ::unlink(fmt::format("{}/{}-{}", directory, client, i).c_str());
    }
    ::close(directory_fd);
    ::rmdir(directory.c_str());
    return report;
}

}  // namespace coffer::bench
