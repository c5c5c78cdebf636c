#include "coffer/store/engine/quarantine.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "coffer/base/random.h"
#include "coffer/store/engine/durability.h"

namespace coffer::store::engine {

Quarantine::Quarantine(os::FileSystem& file_system, std::string directory)
    : file_system_(file_system),
      parent_(std::move(directory)),
      directory_(parent_ + "/quarantine") {}

Result<std::string> Quarantine::TakeFile(const std::string& path, const std::string& parent,
                                         std::string_view name, std::string_view note) {
    TRY(const std::string base, Prepare(name, note));
    const Result<> renamed = file_system_.Rename(path, base + ".blob");
    if (!renamed) {
        (void)file_system_.Remove(base + ".txt");
        if (renamed.error().kind() == ErrorKind::kNotFound) return renamed.error();
        return AsStorageError(renamed.error());
    }
    // Where it came to first: a power loss in between leaves it in both places, and not in none.
    Result<> synced = SyncDirectory(file_system_, directory_);
    if (synced) synced = SyncDirectory(file_system_, parent);
    if (!synced) {
        PutBack(base, path);
        return synced.error();
    }
    return base + ".blob";
}

// Not over what was written at `path` meanwhile: that is sound.
void Quarantine::PutBack(const std::string& base, const std::string& path) {
    const auto there = file_system_.Stat(path);
    if (there || there.error().kind() != ErrorKind::kNotFound) return;
    if (file_system_.Rename(base + ".blob", path)) (void)file_system_.Remove(base + ".txt");
}

Result<std::string> Quarantine::TakeBytes(ByteView bytes, std::string_view name,
                                          std::string_view note) {
    TRY(const std::optional<std::string> known, Find(bytes, name));
    if (known) return *known;
    TRY(const std::string base, Prepare(name, note));
    TRY(Write(base + ".blob", bytes));
    TRY(SyncDirectory(file_system_, directory_));
    return base + ".blob";
}

// The same bytes of that name, where they are here already.
Result<std::optional<std::string>> Quarantine::Find(ByteView bytes, std::string_view name) {
    std::optional<std::string> found;
    const auto entries = file_system_.List(directory_);
    if (!entries && entries.error().kind() == ErrorKind::kNotFound) return found;
    if (!entries) return AsStorageError(entries.error());
    const std::string prefix = std::string(name) + "-";
    for (const os::DirectoryEntry& entry : entries.value()) {
        if (!entry.name.starts_with(prefix) || !entry.name.ends_with(".blob")) continue;
        const std::string path = directory_ + "/" + entry.name;
        auto file = file_system_.Open(path, os::OpenMode::kRead);
        if (!file) return AsStorageError(file.error());
        Bytes there(bytes.size() + 1);
        const auto got = file.value()->ReadAt(0, there);
        if (!got) return AsStorageError(got.error());
        if (std::ranges::equal(ByteView(there).first(got.value()), bytes)) found = path;
    }
    return found;
}

// The path of a new pair of files without what follows the dot; the note is there.
Result<std::string> Quarantine::Prepare(std::string_view name, std::string_view note) {
    TRY(EnsureDirectory(file_system_, parent_, directory_));
    std::string base =
        fmt::format("{}/{}-{:08x}", directory_, name, static_cast<uint32_t>(RandomUint64()));
    TRY(Write(base + ".txt", AsBytes(note)));
    return base;
}

Result<> Quarantine::Write(const std::string& path, ByteView bytes) {
    auto file = file_system_.CreateTemporary(directory_);
    if (!file) return AsStorageError(file.error());
    TRY(AsStorageResult(file.value()->WriteAt(0, bytes)));
    SyncFile(*file.value(), "a damaged copy that is set aside");
    return AsStorageResult(file_system_.Link(*file.value(), path));
}

}  // namespace coffer::store::engine
