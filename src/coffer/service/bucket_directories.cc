#include "coffer/service/bucket_directories.h"

#include <algorithm>

#include "coffer/base/log.h"
#include "coffer/catalog/bucket_settings.h"
#include "coffer/catalog/buckets.h"
#include "coffer/codec/names.h"
#include "coffer/os/durable_names.h"

namespace coffer::service {
namespace {

// A file system's own, in the root of a mounted disk.
constexpr std::string_view kLostAndFound = "lost+found";

void Warn(const std::string& name, std::string_view why) {
    Log(LogLevel::kWarning, "a directory beside .coffer is left alone",
        {{"directory", name}, {"why", why}});
}

}  // namespace

BucketDirectories::BucketDirectories(os::FileSystem& files, std::string directory)
    : files_(files), directory_(std::move(directory)) {}

Result<std::vector<std::string>> BucketDirectories::MakeBuckets(db::Database& database,
                                                                Timestamp now,
                                                                codec::Ownership ownership) {
    TRY(const std::vector<os::DirectoryEntry> entries, files_.List(directory_));
    std::vector<std::string> candidates;
    for (const os::DirectoryEntry& entry : entries) {
        if (entry.kind != os::FileKind::kDirectory || entry.name.starts_with('.') ||
            entry.name == kLostAndFound) {
            continue;
        }
        if (!codec::BucketName::Parse(entry.name)) {
            Warn(entry.name, "its name is not a bucket name");
            continue;
        }
        TRY(const std::vector<os::DirectoryEntry> inside,
            files_.List(directory_ + "/" + entry.name));
        if (!inside.empty()) {
            Warn(entry.name, "it is not empty");
            continue;
        }
        candidates.push_back(entry.name);
    }
    std::vector<std::string> made;
    if (candidates.empty()) return made;
    std::ranges::sort(candidates);
    TRY(database.WriteBlocking([&](db::Transaction& tx) -> Result<> {
        made.clear();
        for (const std::string& name : candidates) {
            const Result<catalog::Bucket> known = catalog::FindBucket(tx, name);
            if (known) continue;
            if (known.error().kind() != ErrorKind::kNotFound) return known.error();
            TRY(catalog::Bucket bucket,
                catalog::InsertBucket(tx, name, now, catalog::kMainAccount));
            if (ownership != codec::Ownership::kBucketOwnerEnforced) {
                TRY(catalog::PutBucketSetting(tx, bucket, catalog::SettingKind::kOwnership,
                                              {codec::WriteOwnershipControls(ownership), now}));
            }
            made.push_back(name);
        }
        return Ok();
    }));
    return made;
}

Result<> BucketDirectories::Remove(const std::string& bucket) {
    const Result<> removed = files_.RemoveDirectory(directory_ + "/" + bucket);
    if (!removed && removed.error().kind() == ErrorKind::kConflict) return Ok();
    if (!removed && removed.error().kind() != ErrorKind::kNotFound) return removed.error();
    // Where there is none, too: it may be gone by a call before, or a process before, that did not
    // come to this.
    return os::SyncNames(files_, directory_);
}

}  // namespace coffer::service
