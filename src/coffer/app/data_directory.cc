#include "coffer/app/data_directory.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace coffer::app {
namespace {

// "Permission denied" in a container is nearly always a volume that belongs to somebody else.
Error Explained(const Error& error, const std::string& path) {
    if (error.kind() != ErrorKind::kDenied) return error;
    struct stat owner{};
    if (::stat(path.c_str(), &owner) != 0) return error;
    return Error(
        ErrorKind::kDenied,
        fmt::format("{} can't be used by user {}, group {}: it belongs to user {}, group {}. "
                    "Give it to the first (chown -R {}:{} {}), or start Coffer as the second "
                    "(in a compose file, user: \"{}:{}\"). ({})",
                    path, ::getuid(), ::getgid(), owner.st_uid, owner.st_gid, ::getuid(),
                    ::getgid(), path, owner.st_uid, owner.st_gid, error.message()));
}

// A name that is there may not be durable: the process that made it may have died before. Where the
// directory above can't be opened, it is somebody else's, and so was the name; where nobody writes
// to it, as to that of an image, something is mounted there.
Result<> SyncParentOf(os::FileSystem& files, const std::filesystem::path& path) {
    const Result<> synced = files.SyncDirectory(path.parent_path());
    if (synced) return synced;
    const ErrorKind kind = synced.error().kind();
    if (kind == ErrorKind::kDenied || kind == ErrorKind::kUnsupported) return Ok();
    return synced;
}

// Like mkdir -p, with every new name made durable, and the last that is there already.
Result<> MakeDirectories(os::FileSystem& files, const std::filesystem::path& path) {
    const auto there = files.Stat(path);
    if (there) {
        if (there.value().kind != os::FileKind::kDirectory)
            return Error(ErrorKind::kInvalid, path.string() + " is not a directory");
        return SyncParentOf(files, path);
    }
    if (there.error().kind() != ErrorKind::kNotFound) return there.error();
    const std::filesystem::path parent = path.parent_path();
    TRY(MakeDirectories(files, parent));
    const Result<> made = files.MakeDirectory(path);
    if (!made && made.error().kind() != ErrorKind::kAlreadyExists)
        return Explained(made.error(), parent);
    return files.SyncDirectory(parent);
}

}  // namespace

Result<DataDirectory> DataDirectory::Open(os::FileSystem& files, const std::string& path) {
    std::error_code failed;
    std::filesystem::path absolute = std::filesystem::absolute(path, failed).lexically_normal();
    if (failed) return ErrnoError(failed.value(), path);
    if (!absolute.has_filename() && absolute.has_relative_path()) absolute = absolute.parent_path();
    const std::string directory = absolute;
    TRY(MakeDirectories(files, absolute));

    if (files.Stat(directory + "/.minio.sys"))
        return Error(
            ErrorKind::kUnsupported,
            fmt::format("{} is a data directory of MinIO: it holds .minio.sys. Coffer can't "
                        "take it over yet; that is to come. Give an empty directory, and copy "
                        "the objects while MinIO still runs: mc mirror, or rclone sync.",
                        directory));

    const Result<> made = files.MakeDirectory(directory + "/.coffer");
    if (!made && made.error().kind() != ErrorKind::kAlreadyExists)
        return Explained(made.error(), directory);
    // Whoever made it: that start may have ended before this.
    TRY(files.SyncDirectory(directory));
    auto lock = files.Lock(directory + "/.coffer/lock");
    if (!lock && lock.error().kind() == ErrorKind::kBusy)
        return Error(
            ErrorKind::kBusy,
            fmt::format("{} is in use by another process: one Coffer serves a directory. Stop "
                        "that one, or give this one a directory of its own.",
                        directory));
    if (!lock) return Explained(lock.error(), directory + "/.coffer");
    return DataDirectory(directory, std::move(lock.value()));
}

Result<std::string> FindOwnDirectory(const std::string& directory) {
    std::error_code failed;
    const std::filesystem::path own = std::filesystem::absolute(directory, failed) / ".coffer";
    const bool there = !failed && std::filesystem::exists(own / "catalogue.db", failed);
    if (failed) {
        const Error error =
            ErrnoError(failed.value(), "look for " + own.string() + "/catalogue.db");
        // Where .coffer can't be looked at, it is the directory that keeps it from us.
        struct stat looked{};
        return Explained(error, ::stat(own.c_str(), &looked) == 0 ? own.string() : directory);
    }
    if (!there)
        return Error(ErrorKind::kNotFound, directory +
                                               " is no data directory of Coffer: there is no "
                                               ".coffer/catalogue.db in it");
    return own.string();
}

}  // namespace coffer::app
