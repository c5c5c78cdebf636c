#include "coffer/os/posix_file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "coffer/base/check.h"
#include "coffer/base/random.h"

namespace coffer::os {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kDirectoryMode = 0700;
constexpr const char* kOpenDescriptors = "/proc/self/fd";

// Repeats a system call that a signal interrupted before it did anything.
template <class Call>
auto Retry(Call call) {
    auto result = call();
    while (result == -1 && errno == EINTR)
        result = call();
    return result;
}

Error LastError(std::string_view verb, std::string_view path) {
    const int error = errno;
    return ErrnoError(error, fmt::format("{} {}", verb, path));
}

// Of a file that is open: what may have been denied or not found was so when it was opened.
Error OpenFileError(std::string_view verb, std::string_view path) {
    const Error error = LastError(verb, path);
    return error.kind() == ErrorKind::kNoSpace ? error : Error(ErrorKind::kIo, error.message());
}

Timestamp FromTimespec(const timespec& time) {
    return FromMicros(int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1'000);
}

// Of a call that is asked not to wait: it would, or the kernel does not know how, or a filter does
// not know the call.
bool IsNoAnswer(int error) {
    return error == EAGAIN || error == EOPNOTSUPP || error == ENOSYS || error == EINVAL ||
           error == EPERM;
}

Error WouldWait(std::string_view path) {
    return Error(ErrorKind::kBusy, fmt::format("{} is not in memory", path));
}

FileKind KindOfMode(mode_t mode) {
    if (S_ISREG(mode)) return FileKind::kFile;
    if (S_ISDIR(mode)) return FileKind::kDirectory;
    return FileKind::kOther;
}

class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;
    ~Descriptor() {
        // What close reports about earlier writes, Sync has reported before; the descriptor is free
        // even after EINTR.
        if (fd_ != -1) ::close(fd_);
    }
    int get() const { return fd_; }
    bool valid() const { return fd_ != -1; }

  private:
    int fd_;
};

Descriptor OpenDescriptor(const std::string& path, int flags) {
    return Descriptor(Retry([&] { return ::open(path.c_str(), flags | O_CLOEXEC, kFileMode); }));
}

class PosixFile final : public File {
  public:
    // `path` is for messages. `is_named_temporary`: the file goes from there when this is
    // destroyed.
    PosixFile(Descriptor descriptor, std::string path, bool is_named_temporary)
        : descriptor_(std::move(descriptor)),
          path_(std::move(path)),
          is_named_temporary_(is_named_temporary) {}

    ~PosixFile() override {
        if (is_named_temporary_) ::unlink(path_.c_str());
    }

    Result<size_t> ReadAt(uint64_t offset, ByteSpan out) override {
        size_t done = 0;
        while (done < out.size()) {
            const ssize_t got = Retry([&] {
                return ::pread(descriptor_.get(), out.data() + done, out.size() - done,
                               static_cast<off_t>(offset + done));
            });
            if (got == -1) return OpenFileError("read", path_);
            if (got == 0) break;
            done += static_cast<size_t>(got);
        }
        return done;
    }

    Result<size_t> ReadCachedAt(uint64_t offset, ByteSpan out) override {
        size_t done = 0;
        while (done < out.size()) {
            const iovec rest{out.data() + done, out.size() - done};
            const ssize_t got = Retry([&] {
                return ::preadv2(descriptor_.get(), &rest, 1, static_cast<off_t>(offset + done),
                                 RWF_NOWAIT);
            });
            // Linux 5.9 and 5.10 may answer 0 to this where the file has not ended (preadv2(2)).
            if (got == 0 || (got == -1 && IsNoAnswer(errno))) return WouldWait(path_);
            if (got == -1) return OpenFileError("read", path_);
            done += static_cast<size_t>(got);
        }
        return done;
    }

    Result<> WriteAt(uint64_t offset, ByteView data) override {
        while (!data.empty()) {
            if (direct_ && AlignedBytes(offset, data) == 0) {
                TRY(SetDirect(false));
            }
            const size_t length = direct_ ? AlignedBytes(offset, data) : data.size();
            const ssize_t put = Retry([&] {
                return ::pwrite(descriptor_.get(), data.data(), length, static_cast<off_t>(offset));
            });
            if (put == -1 && errno == EINVAL && direct_) {  // it wants more than our alignment
                TRY(SetDirect(false));
                continue;
            }
            if (put == -1) return OpenFileError("write", path_);
            data = data.subspan(static_cast<size_t>(put));
            offset += static_cast<uint64_t>(put);
        }
        return Ok();
    }

    void WriteDirectly() override { (void)SetDirect(true); }

    Result<> Sync() override {
        // Not repeated, whatever the error: the kernel may have marked the pages clean.
        if (::fdatasync(descriptor_.get()) == -1) return OpenFileError("sync", path_);
        return Ok();
    }

    Result<> Truncate(uint64_t size_bytes) override {
        if (Retry([&] { return ::ftruncate(descriptor_.get(), static_cast<off_t>(size_bytes)); }) ==
            -1) {
            return OpenFileError("truncate", path_);
        }
        return Ok();
    }

    Result<uint64_t> Size() override {
        struct stat status{};
        if (::fstat(descriptor_.get(), &status) == -1) return OpenFileError("stat", path_);
        return static_cast<uint64_t>(status.st_size);
    }

    // Gives a temporary file its name, which must be free. -1 and errno on failure.
    int LinkTo(const std::string& path) {
        if (!is_named_temporary_) {
            const std::string self = fmt::format("{}/{}", kOpenDescriptors, descriptor_.get());
            return ::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW);
        }
        int result = ::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE);
        if (result == -1 && (errno == EINVAL || errno == ENOSYS)) {  // NFS has no such rename
            result = ::link(path_.c_str(), path.c_str());
            if (result == 0) ::unlink(path_.c_str());
        }
        if (result == 0) is_named_temporary_ = false;
        return result;
    }

  private:
    // How much of `data` may be written directly, from its beginning on.
    static size_t AlignedBytes(uint64_t offset, ByteView data) {
        const bool begins = offset % kDirectAlignment == 0 &&
                            reinterpret_cast<uintptr_t>(data.data()) % kDirectAlignment == 0;
        return begins ? data.size() / kDirectAlignment * kDirectAlignment : 0;
    }

    Result<> SetDirect(bool direct) {
        const int flags = ::fcntl(descriptor_.get(), F_GETFL);
        const int wanted = direct ? flags | O_DIRECT : flags & ~O_DIRECT;
        if (flags == -1 || ::fcntl(descriptor_.get(), F_SETFL, wanted) == -1) {
            return OpenFileError("set the flags of", path_);
        }
        direct_ = direct;
        return Ok();
    }

    const Descriptor descriptor_;
    const std::string path_;
    bool is_named_temporary_;
    bool direct_ = false;  // writes go past the cache
};

class PosixFileLock final : public FileLock {
  public:
    explicit PosixFileLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

  private:
    const Descriptor descriptor_;
};

class PosixFileSystem final : public FileSystem {
  public:
    explicit PosixFileSystem(TemporaryFiles temporary_files)
        : unnamed_temporaries_(temporary_files == TemporaryFiles::kUnnamed &&
                               ::access(kOpenDescriptors, X_OK) == 0) {}

    Result<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode) override {
        int flags = O_RDONLY;
        if (mode == OpenMode::kReadWrite) flags = O_RDWR;
        if (mode == OpenMode::kCreate) flags = O_RDWR | O_CREAT | O_EXCL;
        Descriptor descriptor = OpenDescriptor(path, flags);
        if (!descriptor.valid()) return LastError("open", path);
        return std::make_unique<PosixFile>(std::move(descriptor), path, false);
    }

    Result<std::unique_ptr<File>> OpenCached(const std::string& path) override {
        open_how how{};
        how.flags = O_RDONLY | O_CLOEXEC;
        how.resolve = RESOLVE_CACHED;
        const long fd = Retry(
            [&] { return ::syscall(SYS_openat2, AT_FDCWD, path.c_str(), &how, sizeof(how)); });
        Descriptor descriptor(static_cast<int>(fd));
        if (descriptor.valid()) {
            return std::make_unique<PosixFile>(std::move(descriptor), path, false);
        }
        if (IsNoAnswer(errno)) return WouldWait(path);
        return LastError("open", path);
    }

    Result<std::unique_ptr<File>> CreateTemporary(const std::string& directory) override {
        if (unnamed_temporaries_) {
            Descriptor descriptor = OpenDescriptor(directory, O_TMPFILE | O_RDWR);
            if (descriptor.valid()) {
                return std::make_unique<PosixFile>(std::move(descriptor),
                                                   directory + "/(temporary file)", false);
            }
            // EISDIR: a kernel that does not know the flag sees a directory opened for writing.
            if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) {
                return LastError("create a temporary file in", directory);
            }
        }
        std::string path = fmt::format("{}/.tmp-{:016x}", directory, RandomUint64());
        Descriptor descriptor = OpenDescriptor(path, O_RDWR | O_CREAT | O_EXCL);
        if (!descriptor.valid()) return LastError("create", path);
        return std::make_unique<PosixFile>(std::move(descriptor), std::move(path), true);
    }

    Result<> Link(File& temporary, const std::string& path) override {
        auto* file = dynamic_cast<PosixFile*>(&temporary);
        COFFER_CHECK(file != nullptr);
        if (file->LinkTo(path) == -1) return LastError("link", path);
        return Ok();
    }

    Result<> Rename(const std::string& from, const std::string& to) override {
        if (::rename(from.c_str(), to.c_str()) == -1) return LastError("rename to", to);
        return Ok();
    }

    Result<> Remove(const std::string& path) override {
        if (::unlink(path.c_str()) == -1) return LastError("remove", path);
        return Ok();
    }

    Result<> MakeDirectory(const std::string& path) override {
        if (::mkdir(path.c_str(), kDirectoryMode) == -1) return LastError("make directory", path);
        return Ok();
    }

    Result<> RemoveDirectory(const std::string& path) override {
        if (::rmdir(path.c_str()) == 0) return Ok();
        if (errno == ENOTEMPTY || errno == EEXIST) {
            return Error(ErrorKind::kConflict,
                         fmt::format("remove directory {}: it is not empty", path));
        }
        return LastError("remove directory", path);
    }

    Result<std::vector<DirectoryEntry>> List(const std::string& directory) override {
        const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(directory.c_str()), ::closedir);
        if (stream == nullptr) return LastError("list", directory);
        std::vector<DirectoryEntry> entries;
        for (;;) {
            errno = 0;
            const dirent* entry = ::readdir(stream.get());
            if (entry == nullptr) {
                if (errno != 0) return LastError("list", directory);
                return entries;
            }
            const std::string_view name = entry->d_name;
            if (name == "." || name == "..") continue;
            entries.push_back({std::string(name), KindOf(::dirfd(stream.get()), *entry)});
        }
    }

    Result<> SyncDirectory(const std::string& directory) override {
        const Descriptor descriptor = OpenDescriptor(directory, O_RDONLY | O_DIRECTORY);
        if (!descriptor.valid()) return LastError("open", directory);
        if (::fsync(descriptor.get()) == 0) return Ok();
        const ErrorKind kind = errno == EINVAL ? ErrorKind::kUnsupported : ErrorKind::kIo;
        return Error(kind, LastError("sync", directory).message());
    }

    Result<FileStat> Stat(const std::string& path) override {
        struct stat status{};
        if (::stat(path.c_str(), &status) == -1) return LastError("stat", path);
        return FileStat{KindOfMode(status.st_mode), static_cast<uint64_t>(status.st_size),
                        FromTimespec(status.st_mtim)};
    }

    Result<Space> GetSpace(const std::string& path) override {
        struct statvfs status{};
        if (Retry([&] { return ::statvfs(path.c_str(), &status); }) == -1) {
            return LastError("measure the space of", path);
        }
        return Space{uint64_t{status.f_blocks} * status.f_frsize,
                     uint64_t{status.f_bavail} * status.f_frsize, uint64_t{status.f_files},
                     uint64_t{status.f_favail}};
    }

    Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override {
        Descriptor descriptor = OpenDescriptor(path, O_RDWR | O_CREAT);
        if (!descriptor.valid()) return LastError("open", path);
        if (Retry([&] { return ::flock(descriptor.get(), LOCK_EX | LOCK_NB); }) == -1) {
            if (errno == EWOULDBLOCK) {
                return Error(ErrorKind::kBusy, fmt::format("{} is locked by another holder", path));
            }
            return LastError("lock", path);
        }
        return std::make_unique<PosixFileLock>(std::move(descriptor));
    }

  private:
    static FileKind KindOf(int directory_fd, const dirent& entry) {
        switch (entry.d_type) {
            case DT_REG:
                return FileKind::kFile;
            case DT_DIR:
                return FileKind::kDirectory;
            case DT_UNKNOWN:
                break;  // some file systems keep no kind beside the name
            default:
                return FileKind::kOther;
        }
        struct stat status{};
        if (::fstatat(directory_fd, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) == -1) {
            return FileKind::kOther;
        }
        return KindOfMode(status.st_mode);
    }

    const bool unnamed_temporaries_;
};

}  // namespace

std::unique_ptr<FileSystem> NewPosixFileSystem(TemporaryFiles temporary_files) {
    return std::make_unique<PosixFileSystem>(temporary_files);
}

}  // namespace coffer::os
