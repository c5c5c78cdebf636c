#include "coffer/app/master_key.h"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "coffer/base/random.h"
#include "coffer/catalog/settings.h"
#include "coffer/codec/ascii.h"
#include "coffer/codec/base64.h"

namespace coffer::app {
namespace {

using Key = codec::Seal::Key;

constexpr std::string_view kFileName = "/master.key";
constexpr std::string_view kSetting = "master_key";  // in the catalogue: the key's id
constexpr size_t kMaxFileBytes = 1024;

Result<std::optional<std::string>> WantedKeyId(db::Database& database) {
    std::optional<std::string> id;
    TRY(database.ReadBlocking([&](db::Transaction& tx) -> Result<> {
        TRY(id, catalog::GetSetting(tx, kSetting));
        return Ok();
    }));
    return id;
}

Result<std::optional<Key>> ReadKey(os::FileSystem& files, const std::string& path) {
    auto file = files.Open(path, os::OpenMode::kRead);
    if (!file && file.error().kind() == ErrorKind::kNotFound) return std::nullopt;
    if (!file) return file.error();
    std::string text(kMaxFileBytes, '\0');
    TRY(const size_t read,
        file.value()->ReadAt(0, std::as_writable_bytes(std::span(text.data(), text.size()))));
    text.resize(read);
    const auto key = ParseMasterKey(text);
    if (!key)
        return Error(ErrorKind::kInvalid,
                     fmt::format("{} does not hold a master key: it is to be 32 bytes in Base64. "
                                 "Put the file back as it was, from a backup.",
                                 path));
    return key;
}

Result<Key> MakeKey(os::FileSystem& files, const std::string& directory) {
    Key key;
    FillRandom(key);
    const std::string text = codec::Base64Encode(key) + "\n";
    TRY(const auto file, files.CreateTemporary(directory));
    TRY(file->WriteAt(0, AsBytes(text)));
    TRY(file->Sync());
    TRY(files.Link(*file, directory + std::string(kFileName)));
    TRY(files.SyncDirectory(directory));
    return key;
}

Error Missing(const std::string& id, const std::string& path) {
    return Error(ErrorKind::kInvalid,
                 fmt::format("the master key is missing: the secrets in this catalogue are sealed "
                             "with the key {}, and there is no {}. Put that file back, or give the "
                             "key by COFFER_MASTER_KEY.",
                             id, path));
}

Error Wrong(const std::string& wanted, const std::string& found, std::string_view where) {
    return Error(ErrorKind::kInvalid,
                 fmt::format("wrong master key: the secrets in this catalogue are sealed with the "
                             "key {}; {} is the key {}. Give the right one, by COFFER_MASTER_KEY "
                             "or as the file master.key in the data directory's .coffer.",
                             wanted, where, found));
}

}  // namespace

std::optional<Key> ParseMasterKey(std::string_view text) {
    while (text.ends_with('\n') || text.ends_with('\r'))
        text.remove_suffix(1);
    Key key;
    if (!codec::Base64Decode(codec::TrimSpaces(text), key)) return std::nullopt;
    return key;
}

Result<codec::Seal> OpenMasterKey(os::FileSystem& files, const std::string& directory,
                                  const Secret& given, db::Database& database) {
    const std::string path = directory + std::string(kFileName);
    TRY(const auto wanted, WantedKeyId(database));
    std::optional<Key> key;
    if (given.empty()) {
        TRY(key, ReadKey(files, path));
        if (!key && wanted) return Missing(*wanted, path);
    } else {
        key = ParseMasterKey(given.Reveal());
        if (!key)
            return Error(ErrorKind::kInvalid,
                         "master_key: 32 bytes in Base64 are wanted, as `openssl rand -base64 32` "
                         "prints them");
    }
    if (!key) {
        TRY(key, MakeKey(files, directory));
    }
    const codec::Seal seal(*key);
    const std::string id = seal.KeyId();
    if (wanted && *wanted != id)
        return Wrong(*wanted, id, given.empty() ? std::string_view(path) : "the one that is given");
    if (!wanted) {
        TRY(database.WriteBlocking(
            [&](db::Transaction& tx) { return catalog::SetSetting(tx, kSetting, id); }));
    }
    return seal;
}

}  // namespace coffer::app
