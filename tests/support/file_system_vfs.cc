#include "tests/support/file_system_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <map>
#include <new>
#include <random>
#include <utility>
#include <vector>

#include "coffer/base/check.h"
#include "coffer/base/mutex.h"

namespace coffer::testing {
namespace {

constexpr int kMaxPathBytes = 512;
constexpr int kSectorBytes = 4096;
constexpr int64_t kJulianDayMs = 212'000'000'000'000;  // some day; it stands still

struct OpenFile;

// What all connections to one file share.
struct SharedFile {
    std::vector<OpenFile*> open;
    std::vector<std::unique_ptr<std::byte[]>> regions;
};

// A file of one connection.
struct OpenFile {
    FileSystemVfs::State* state;
    std::string path;
    std::unique_ptr<os::File> file;
    SharedFile* shared;
    bool sync_directory = false;  // with the first sync
    int persist_log = 0;
    int level = SQLITE_LOCK_NONE;
    unsigned shared_slots = 0;  // of the shared memory's locks, a bit each
    unsigned exclusive_slots = 0;
};

struct SqliteFile {
    sqlite3_file base;
    OpenFile* open;
};

std::string ParentOf(const std::string& path) {
    const size_t slash = path.rfind('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

}  // namespace

struct FileSystemVfs::State {
    explicit State(os::FileSystem& f) : files(f) {}

    // Keeps what sqlite3_system_errno tells of a failure.
    int Fail(const Error& error, int code) {
        switch (error.kind()) {
            case ErrorKind::kNoSpace:
                last_errno = ENOSPC;
                break;
            case ErrorKind::kBusy:
                last_errno = EMFILE;
                break;
            case ErrorKind::kNotFound:
                last_errno = ENOENT;
                break;
            default:
                last_errno = EIO;
        }
        return code;
    }

    os::FileSystem& files;
    std::string name;
    sqlite3_vfs vfs{};
    Mutex mutex;
    std::map<std::string, SharedFile> shared GUARDED_BY(mutex);
    std::mt19937_64 random GUARDED_BY(mutex);  // the same every time
    std::atomic<int> last_errno = 0;
};

namespace {

using State = FileSystemVfs::State;

State& StateOf(sqlite3_vfs* vfs) {
    return *static_cast<State*>(vfs->pAppData);
}
OpenFile& Of(sqlite3_file* file) {
    return *reinterpret_cast<SqliteFile*>(file)->open;
}

int Close(sqlite3_file* file) {
    const std::unique_ptr<OpenFile> open(
        std::exchange(reinterpret_cast<SqliteFile*>(file)->open, {}));
    MutexLock lock(open->state->mutex);
    std::erase(open->shared->open, open.get());
    if (open->shared->open.empty()) open->state->shared.erase(open->path);
    return SQLITE_OK;
}

int Read(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
    const ByteSpan span(static_cast<std::byte*>(out), static_cast<size_t>(size));
    const auto got = Of(file).file->ReadAt(static_cast<uint64_t>(offset), span);
    if (!got) return Of(file).state->Fail(got.error(), SQLITE_IOERR_READ);
    if (got.value() == span.size()) return SQLITE_OK;
    std::ranges::fill(span.subspan(got.value()), std::byte{0});
    return SQLITE_IOERR_SHORT_READ;
}

int Write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    const ByteView view(static_cast<const std::byte*>(data), static_cast<size_t>(size));
    const auto written = Of(file).file->WriteAt(static_cast<uint64_t>(offset), view);
    if (written) return SQLITE_OK;
    const bool full = written.error().kind() == ErrorKind::kNoSpace;
    return Of(file).state->Fail(written.error(), full ? SQLITE_FULL : SQLITE_IOERR_WRITE);
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
    const auto done = Of(file).file->Truncate(static_cast<uint64_t>(size));
    return done ? SQLITE_OK : Of(file).state->Fail(done.error(), SQLITE_IOERR_TRUNCATE);
}

int Sync(sqlite3_file* file, int) {
    OpenFile& open = Of(file);
    if (const auto synced = open.file->Sync(); !synced)
        return open.state->Fail(synced.error(), SQLITE_IOERR_FSYNC);
    if (std::exchange(open.sync_directory, false))
        (void)open.state->files.SyncDirectory(ParentOf(open.path));
    return SQLITE_OK;
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
    const auto got = Of(file).file->Size();
    if (!got) return Of(file).state->Fail(got.error(), SQLITE_IOERR_FSTAT);
    *size = static_cast<sqlite3_int64>(got.value());
    return SQLITE_OK;
}

int Lock(sqlite3_file* file, int level) {
    OpenFile& open = Of(file);
    MutexLock lock(open.state->mutex);
    if (open.level >= level) return SQLITE_OK;
    const bool for_reading = level == SQLITE_LOCK_SHARED;
    bool read_by_others = false;
    for (const OpenFile* other : open.shared->open) {
        if (other == &open) continue;
        if (other->level >= (for_reading ? SQLITE_LOCK_PENDING : SQLITE_LOCK_RESERVED))
            return SQLITE_BUSY;
        read_by_others = read_by_others || other->level == SQLITE_LOCK_SHARED;
    }
    const bool waits = level == SQLITE_LOCK_EXCLUSIVE && read_by_others;
    open.level = waits ? SQLITE_LOCK_PENDING : level;
    return waits ? SQLITE_BUSY : SQLITE_OK;
}

int Unlock(sqlite3_file* file, int level) {
    MutexLock lock(Of(file).state->mutex);
    Of(file).level = std::min(Of(file).level, level);
    return SQLITE_OK;
}

int CheckReservedLock(sqlite3_file* file, int* reserved) {
    MutexLock lock(Of(file).state->mutex);
    *reserved = 0;
    for (const OpenFile* other : Of(file).shared->open) {
        if (other->level >= SQLITE_LOCK_RESERVED) *reserved = 1;
    }
    return SQLITE_OK;
}

int FileControl(sqlite3_file* file, int what, void* argument) {
    if (what != SQLITE_FCNTL_PERSIST_WAL) return SQLITE_NOTFOUND;
    int& value = *static_cast<int*>(argument);
    if (value >= 0) Of(file).persist_log = value;
    value = Of(file).persist_log;
    return SQLITE_OK;
}

int SectorSize(sqlite3_file*) {
    return kSectorBytes;
}
int DeviceCharacteristics(sqlite3_file*) {
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

int MapSharedMemory(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
    MutexLock lock(Of(file).state->mutex);
    auto& regions = Of(file).shared->regions;
    const auto index = static_cast<size_t>(region);
    while (extend != 0 && regions.size() <= index)
        regions.push_back(std::make_unique<std::byte[]>(static_cast<size_t>(size)));
    *out = index < regions.size() ? regions[index].get() : nullptr;
    return SQLITE_OK;
}

int LockSharedMemory(sqlite3_file* file, int first, int count, int flags) {
    OpenFile& open = Of(file);
    const unsigned slots = ((1U << count) - 1) << first;
    MutexLock lock(open.state->mutex);
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
        open.shared_slots &= ~slots;
        open.exclusive_slots &= ~slots;
        return SQLITE_OK;
    }
    const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    for (const OpenFile* other : open.shared->open) {
        if (other == &open) continue;
        if ((other->exclusive_slots & slots) != 0) return SQLITE_BUSY;
        if (exclusive && (other->shared_slots & slots) != 0) return SQLITE_BUSY;
    }
    (exclusive ? open.exclusive_slots : open.shared_slots) |= slots;
    return SQLITE_OK;
}

void SharedMemoryBarrier(sqlite3_file* file) {
    MutexLock lock(Of(file).state->mutex);  // as SQLite's own does: a mutex is a barrier
}

// It goes with the last connection.
int UnmapSharedMemory(sqlite3_file*, int) {
    return SQLITE_OK;
}

const sqlite3_io_methods kFileMethods = {
    .iVersion = 2,
    .xClose = Close,
    .xRead = Read,
    .xWrite = Write,
    .xTruncate = Truncate,
    .xSync = Sync,
    .xFileSize = FileSize,
    .xLock = Lock,
    .xUnlock = Unlock,
    .xCheckReservedLock = CheckReservedLock,
    .xFileControl = FileControl,
    .xSectorSize = SectorSize,
    .xDeviceCharacteristics = DeviceCharacteristics,
    .xShmMap = MapSharedMemory,
    .xShmLock = LockSharedMemory,
    .xShmBarrier = SharedMemoryBarrier,
    .xShmUnmap = UnmapSharedMemory,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

Result<std::unique_ptr<os::File>> OpenPath(os::FileSystem& files, const std::string& path,
                                           int flags) {
    if ((flags & SQLITE_OPEN_READWRITE) == 0) return files.Open(path, os::OpenMode::kRead);
    auto file = files.Open(path, os::OpenMode::kReadWrite);
    const bool missing = !file && file.error().kind() == ErrorKind::kNotFound;
    if (missing && (flags & SQLITE_OPEN_CREATE) != 0)
        return files.Open(path, os::OpenMode::kCreate);
    return file;
}

int Open(sqlite3_vfs* vfs, const char* path, sqlite3_file* out, int flags, int* out_flags) {
    State& state = StateOf(vfs);
    out->pMethods = nullptr;
    if (path == nullptr) return SQLITE_CANTOPEN;  // temporary files are kept in memory
    auto file = OpenPath(state.files, path, flags);
    if (!file) return state.Fail(file.error(), SQLITE_CANTOPEN);
    auto open = std::make_unique<OpenFile>();
    open->state = &state;
    open->path = path;
    open->file = std::move(file).value();
    open->sync_directory = (flags & SQLITE_OPEN_CREATE) != 0 &&
                           (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
    {
        MutexLock lock(state.mutex);
        open->shared = &state.shared[path];
        open->shared->open.push_back(open.get());
    }
    reinterpret_cast<SqliteFile*>(out)->open = open.release();
    out->pMethods = &kFileMethods;
    if (out_flags != nullptr) *out_flags = flags;
    return SQLITE_OK;
}

int Delete(sqlite3_vfs* vfs, const char* path, int sync_directory) {
    State& state = StateOf(vfs);
    const auto removed = state.files.Remove(path);
    if (!removed && removed.error().kind() == ErrorKind::kNotFound)
        return state.Fail(removed.error(), SQLITE_IOERR_DELETE_NOENT);
    if (!removed) return state.Fail(removed.error(), SQLITE_IOERR_DELETE);
    if (sync_directory == 0) return SQLITE_OK;
    const auto synced = state.files.SyncDirectory(ParentOf(path));
    return synced ? SQLITE_OK : state.Fail(synced.error(), SQLITE_IOERR_DIR_FSYNC);
}

// An empty file does not exist for SQLite.
int Access(sqlite3_vfs* vfs, const char* path, int what, int* out) {
    const auto stat = StateOf(vfs).files.Stat(path);
    *out = stat && (what != SQLITE_ACCESS_EXISTS || stat.value().kind != os::FileKind::kFile ||
                    stat.value().size_bytes > 0)
               ? 1
               : 0;
    return SQLITE_OK;
}

int FullPathname(sqlite3_vfs*, const char* path, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", path);
    return SQLITE_OK;
}

int Randomness(sqlite3_vfs* vfs, int size, char* out) {
    MutexLock lock(StateOf(vfs).mutex);
    for (int i = 0; i < size; ++i)
        out[i] = static_cast<char>(StateOf(vfs).random());
    return size;
}

int Sleep(sqlite3_vfs*, int microseconds) {
    return sqlite3_sleep(microseconds / 1000) * 1000;
}

int CurrentTime(sqlite3_vfs*, double* days) {
    *days = static_cast<double>(kJulianDayMs) / 86'400'000.0;
    return SQLITE_OK;
}
int CurrentTimeMs(sqlite3_vfs*, sqlite3_int64* ms) {
    *ms = kJulianDayMs;
    return SQLITE_OK;
}

int GetLastError(sqlite3_vfs* vfs, int, char*) {
    return StateOf(vfs).last_errno;
}

}  // namespace

FileSystemVfs::FileSystemVfs(os::FileSystem& files) : state_(std::make_unique<State>(files)) {
    static std::atomic<int> count = 0;
    state_->name = "coffer-test-" + std::to_string(++count);
    sqlite3_vfs& vfs = state_->vfs;
    vfs.iVersion = 2;
    vfs.szOsFile = sizeof(SqliteFile);
    vfs.mxPathname = kMaxPathBytes;
    vfs.zName = state_->name.c_str();
    vfs.pAppData = state_.get();
    vfs.xOpen = Open;
    vfs.xDelete = Delete;
    vfs.xAccess = Access;
    vfs.xFullPathname = FullPathname;
    vfs.xRandomness = Randomness;
    vfs.xSleep = Sleep;
    vfs.xCurrentTime = CurrentTime;
    vfs.xGetLastError = GetLastError;
    vfs.xCurrentTimeInt64 = CurrentTimeMs;
    COFFER_CHECK(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
}

FileSystemVfs::~FileSystemVfs() {
    sqlite3_vfs_unregister(&state_->vfs);
    MutexLock lock(state_->mutex);
    COFFER_CHECK(state_->shared.empty());
}

db::SqliteFiles FileSystemVfs::sqlite_files() const {
    return {&state_->files, state_->name};
}

}  // namespace coffer::testing
