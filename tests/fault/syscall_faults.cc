// A library for LD_PRELOAD that stands between the program and the calls that it makes of files in
// a data directory (paths with "/.coffer"). For tests of the program as it ships.
//
//   SYSCALL_COUNT=FILE   counts them in the first 8 bytes of FILE
//   SYSCALL_FAULT=MODE   kill:N    SIGKILL before call number N, counted from 1
//                               eintr     each call that can be interrupted is, the first time
//                               short     reads and writes do half of what they are asked for
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace {

constexpr int kMaxDescriptors = 65'536;
constexpr size_t kBlockBytes = 4096;  // O_DIRECT takes no less

struct Plan {
    Plan() {
        if (const char* path = std::getenv("SYSCALL_COUNT")) {
            const int fd = ::open(path, O_RDWR | O_CLOEXEC);
            void* const shared = fd < 0 ? MAP_FAILED
                                        : ::mmap(nullptr, sizeof(uint64_t), PROT_READ | PROT_WRITE,
                                                 MAP_SHARED, fd, 0);
            if (shared != MAP_FAILED) count = static_cast<std::atomic<uint64_t>*>(shared);
        }
        const char* fault = std::getenv("SYSCALL_FAULT");
        if (fault == nullptr) return;
        eintr = std::strcmp(fault, "eintr") == 0;
        half = std::strcmp(fault, "short") == 0;
        if (std::strncmp(fault, "kill:", 5) == 0) kill_at = std::strtoull(fault + 5, nullptr, 10);
    }

    std::atomic<uint64_t> own_count = 0;
    std::atomic<uint64_t>* count = &own_count;
    uint64_t kill_at = 0;
    bool eintr = false;
    bool half = false;
    std::atomic<bool> ours[kMaxDescriptors] = {};  // descriptors of files in the data directory
};

// Made when the library is loaded, before any other thread.
Plan* const plan = new Plan;

template <class F>
F* Next(const char* name) {
    return reinterpret_cast<F*>(::dlsym(RTLD_NEXT, name));
}

bool IsOurs(const char* path) {
    return path != nullptr && std::strstr(path, "/.coffer") != nullptr;
}
bool IsOurs(int fd) {
    return plan != nullptr && fd >= 0 && fd < kMaxDescriptors && plan->ours[fd];
}

// True where the call is to fail with EINTR.
bool Enter(bool interruptible) {
    if (plan == nullptr) return false;
    if (plan->count->fetch_add(1) + 1 == plan->kill_at) ::raise(SIGKILL);
    static thread_local bool interrupted = false;
    if (!plan->eintr || !interruptible) return false;
    interrupted = !interrupted;
    if (interrupted) errno = EINTR;
    return interrupted;
}

size_t Some(size_t size) {
    if (plan == nullptr || !plan->half || size < 2) return size;
    if (size < 2 * kBlockBytes) return size % kBlockBytes == 0 ? size : size / 2;
    return size / 2 / kBlockBytes * kBlockBytes;
}

int Note(int fd, const char* path) {
    if (plan != nullptr && fd >= 0 && fd < kMaxDescriptors) plan->ours[fd] = IsOurs(path);
    return fd;
}

mode_t ModeOf(int flags, va_list arguments) {
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

extern "C" {

#define COFFER_OPEN(name)                                      \
    int name(const char* path, int flags, ...) {               \
        va_list arguments;                                     \
        va_start(arguments, flags);                            \
        const mode_t mode = ModeOf(flags, arguments);          \
        va_end(arguments);                                     \
        if (IsOurs(path) && Enter(true)) return -1;            \
        static auto* const next = Next<decltype(name)>(#name); \
        return Note(next(path, flags, mode), path);            \
    }
COFFER_OPEN(open)
COFFER_OPEN(open64)

#define COFFER_OPENAT(name)                                     \
    int name(int directory, const char* path, int flags, ...) { \
        va_list arguments;                                      \
        va_start(arguments, flags);                             \
        const mode_t mode = ModeOf(flags, arguments);           \
        va_end(arguments);                                      \
        if (IsOurs(path) && Enter(true)) return -1;             \
        static auto* const next = Next<decltype(name)>(#name);  \
        return Note(next(directory, path, flags, mode), path);  \
    }
COFFER_OPENAT(openat)
COFFER_OPENAT(openat64)

#define COFFER_TRANSFER(name, pointer)                              \
    ssize_t name(int fd, pointer data, size_t size, off_t offset) { \
        static auto* const next = Next<decltype(name)>(#name);      \
        if (!IsOurs(fd)) return next(fd, data, size, offset);       \
        if (Enter(true)) return -1;                                 \
        return next(fd, data, Some(size), offset);                  \
    }
COFFER_TRANSFER(pread, void*)
COFFER_TRANSFER(pread64, void*)
COFFER_TRANSFER(pwrite, const void*)
COFFER_TRANSFER(pwrite64, const void*)

#define COFFER_ON_DESCRIPTOR(name, interruptible, parameters, ...) \
    int name parameters {                                          \
        static auto* const next = Next<decltype(name)>(#name);     \
        if (IsOurs(fd) && Enter(interruptible)) return -1;         \
        return next(__VA_ARGS__);                                  \
    }
COFFER_ON_DESCRIPTOR(fsync, false, (int fd), fd)
COFFER_ON_DESCRIPTOR(fdatasync, false, (int fd), fd)
COFFER_ON_DESCRIPTOR(ftruncate, true, (int fd, off_t size), fd, size)
COFFER_ON_DESCRIPTOR(ftruncate64, true, (int fd, off64_t size), fd, size)

#define COFFER_ON_PATH(name, parameters, ...)                  \
    int name parameters noexcept {                             \
        static auto* const next = Next<decltype(name)>(#name); \
        if (IsOurs(path)) Enter(false);                        \
        return next(__VA_ARGS__);                              \
    }
COFFER_ON_PATH(rename, (const char* from, const char* path), from, path)
COFFER_ON_PATH(unlink, (const char* path), path)
COFFER_ON_PATH(mkdir, (const char* path, mode_t mode), path, mode)
COFFER_ON_PATH(linkat, (int from, const char* source, int to, const char* path, int flags), from,
               source, to, path, flags)
}
