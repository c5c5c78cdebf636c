// Where the engine sets damaged copies aside for people: <directory>/quarantine/, made when the
// first one comes. docs/formats/quarantine.md.
//
// Each is a file NAME.blob with the bytes as they lay on the disk, and NAME.txt that says what they
// are. Nothing here is ever read or removed by the engine. All calls block; any thread may make
// them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "coffer/os/file_system.h"

namespace coffer::store::engine {

class Quarantine {
  public:
    // `directory` exists and is durable.
    Quarantine(os::FileSystem& file_system, std::string directory);

    // Moves the file at `path` here, durably; `parent` is the directory that it leaves. `name` is
    // what the new one's begins with. Returns its path. kNotFound where there is no such file;
    // kNoSpace, kBusy, kIo: it is where it was. A sync that fails ends the process.
    Result<std::string> TakeFile(const std::string& path, const std::string& parent,
                                 std::string_view name, std::string_view note);

    // Writes a copy of `bytes` here, durably: for what is a part of a file. Where the same are here
    // under `name` already, nothing is written, so that what can't be removed from where it lies
    // does not come again with every scrub.
    Result<std::string> TakeBytes(ByteView bytes, std::string_view name, std::string_view note);

  private:
    void PutBack(const std::string& base, const std::string& path);
    Result<std::optional<std::string>> Find(ByteView bytes, std::string_view name);
    Result<std::string> Prepare(std::string_view name, std::string_view note);
    Result<> Write(const std::string& path, ByteView bytes);

    os::FileSystem& file_system_;
    const std::string parent_;
    const std::string directory_;
};

}  // namespace coffer::store::engine
