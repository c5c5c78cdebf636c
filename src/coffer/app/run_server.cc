#include "coffer/app/run_server.h"

#include <fmt/format.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "coffer/app/banner.h"
#include "coffer/app/data_directory.h"
#include "coffer/app/exit_codes.h"
#include "coffer/app/server.h"
#include "coffer/app/version.h"
#include "coffer/base/log.h"
#include "coffer/os/posix_file_system.h"

namespace coffer::app {
namespace {

constexpr int kKeptFreeBytes = 32 << 20;  // by each arena

sigset_t StopSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    return signals;
}

void PrepareProcess() {
    // Writing to a closed socket, or past a limit on file sizes, is an error of that write.
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    // A terminal that goes away does not take the server along; certificates are read again by
    // themselves.
    std::signal(SIGHUP, SIG_IGN);
    const sigset_t signals = StopSignals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);

    // Connections are descriptors; the soft limit is low for programs that use select(2), which
    // this is not.
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &files);
    }
    // Every arena keeps memory of its own; two are enough for threads that allocate little.
    ::mallopt(M_ARENA_MAX, 2);
    // What one request frees, the next one needs: given back to the kernel in between it costs a
    // page fault for each 4 KiB, a sixth of a listing's time.
    ::mallopt(M_TRIM_THRESHOLD, kKeptFreeBytes);
    ::mallopt(M_MMAP_THRESHOLD, kKeptFreeBytes);
}

// The kernel ignores a signal without a handler where the process is a container's first.
void EndAtOnce(int signal) {
    ::_exit(128 + signal);
}

void WaitForStop() {
    const sigset_t signals = StopSignals();
    int signal = 0;
    while (::sigwait(&signals, &signal) != 0) {
    }
    Log(LogLevel::kInfo, "stopping: finishing what is in flight; a second signal ends it at once",
        {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"}});
    std::signal(SIGTERM, &EndAtOnce);
    std::signal(SIGINT, &EndAtOnce);
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

void WarnOfDefaultCredentials() {
    Log(LogLevel::kWarning,
        "the credentials are the well-known minioadmin ones. Set COFFER_ROOT_USER and "
        "COFFER_ROOT_PASSWORD (or MINIO_ROOT_USER and MINIO_ROOT_PASSWORD); until then, clients "
        "with "
        "public addresses are refused");
}

int Fail(const Error& error, int code) {
    Log(LogLevel::kError, "could not start", {{"reason", error.message()}});
    return code;
}

}  // namespace

int RunServer(const Config& config, const std::vector<std::string>& warnings) {
    PrepareProcess();
    ConfigureLog(config.log_format,
                 config.quiet ? std::max(config.log_level, LogLevel::kWarning) : config.log_level);
    for (const std::string& warning : warnings)
        Log(LogLevel::kWarning, warning);
    if (config.directory.empty())
        return Fail(
            Error(ErrorKind::kInvalid,
                  "there is no directory to keep things in. Say which: coffer server /data, or "
                  "MINIO_VOLUMES=/data in the environment"),
            kExitUsage);
    if (config.default_credentials && config.require_credentials)
        return Fail(Error(ErrorKind::kInvalid,
                          "there are no credentials, and require_credentials is on. Set "
                          "COFFER_ROOT_USER and COFFER_ROOT_PASSWORD"),
                    kExitUsage);

    const std::unique_ptr<os::FileSystem> files = os::NewPosixFileSystem();
    auto directory = DataDirectory::Open(*files, config.directory);
    if (!directory) return Fail(directory.error(), kExitDirectory);
    const std::string path = directory.value().path();
    auto server = Server::Start(config, *files, std::move(directory.value()));
    if (!server) return Fail(server.error(), kExitFailure);

    if (config.default_credentials) WarnOfDefaultCredentials();
    if (!config.certs_dir.empty() && !server.value()->tls())
        Log(LogLevel::kWarning,
            fmt::format("certs_dir {} has no public.crt and private.key: serving without TLS",
                        config.certs_dir));
    const Listening listening{server.value()->tls(), server.value()->port(),
                              server.value()->second_port(), path};
    if (config.log_format == LogFormat::kJson || config.quiet) {
        Log(LogLevel::kInfo, "serving",
            {{"version", kVersion},
             {"directory", path},
             {"port", listening.port},
             {"second_port", listening.second_port},
             {"tls", listening.tls ? "on" : "off"}});
    } else {
        std::fputs(Banner(config, listening).c_str(), stdout);
        std::fflush(stdout);
    }
    WaitForStop();
    server.value()->Stop(config.shutdown_timeout);
    server.value().reset();
    Log(LogLevel::kInfo, "stopped");
    return kExitOk;
}

}  // namespace coffer::app
