#include "coffer/service/versions.h"

#include <algorithm>
#include <utility>

#include "coffer/catalog/buckets.h"
#include "coffer/catalog/usage.h"
#include "coffer/catalog/version_id.h"
#include "coffer/catalog/versions.h"
#include "coffer/service/conditions.h"
#include "coffer/service/core.h"
#include "coffer/service/objects.h"

namespace coffer::service {

bool IsVersionId(std::string_view text) {
    constexpr size_t kLeast = 32;  // of AWS, and of Coffer
    constexpr size_t kMost = 64;   // a UUID has 36
    if (text == kNullVersion) return true;
    return text.size() >= kLeast && text.size() <= kMost && std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '-' || c == '_';
           });
}

Result<catalog::Bucket> FindSameBucket(db::Transaction& tx, const BucketName& name,
                                       catalog::BucketId id) {
    TRY(catalog::Bucket bucket, catalog::FindBucket(tx, name.text()));
    if (bucket.id != id) return catalog::NoSuchBucket(name.text());
    return bucket;
}

Result<catalog::Bucket> FindSameBucket(db::Transaction& tx, const BucketName& name,
                                       const std::optional<Grounds>& grounds) {
    if (grounds) return FindSameBucket(tx, name, grounds->bucket);
    return catalog::FindBucket(tx, name.text());
}

Result<catalog::Version> ExistingObject(std::optional<catalog::Version> current) {
    if (!current || current->delete_marker)
        return Error(ErrorKind::kNotFound, "NoSuchKey", "the specified key does not exist");
    return *std::move(current);
}

Result<FoundVersion> ResolveVersion(db::Transaction& tx, const BucketName& bucket,
                                    const ObjectKey& key,
                                    const std::optional<std::string>& version_id,
                                    const std::optional<Grounds>& grounds) {
    TRY(catalog::Bucket row, catalog::FindBucket(tx, bucket.text()));
    if (!version_id) {
        TRY(std::optional<catalog::Version> current, catalog::FindCurrent(tx, row.id, key.bytes()));
        TRY(catalog::Version object, ExistingObject(std::move(current)));
        TRY(Expect(grounds, row, object));
        return FoundVersion{std::move(row), std::move(object)};
    }
    std::optional<catalog::Version> version;
    // The empty id is one of the catalogue's own; from outside it is none.
    if (!version_id->empty()) {
        TRY(version, catalog::FindVersion(tx, row.id, key.bytes(), *version_id));
    }
    if (!version)
        return Error(ErrorKind::kNotFound, "NoSuchVersion", "the specified version does not exist");
    if (version->delete_marker) {
        return Error(ErrorKind::kInvalid, "MethodNotAllowed",
                     "the specified version is a delete marker");
    }
    TRY(Expect(grounds, row, *version));
    return FoundVersion{std::move(row), *std::move(version)};
}

Result<FoundVersion> ResolveVersion(db::Transaction& tx, const NamedObject& object) {
    return ResolveVersion(tx, object.bucket, object.key, object.version_id, object.grounds);
}

Result<std::optional<std::string>> CurrentEtag(db::Transaction& tx, catalog::BucketId bucket,
                                               const ObjectKey& key) {
    TRY(const std::optional<catalog::Version> current,
        catalog::FindCurrent(tx, bucket, key.bytes()));
    if (!current || current->delete_marker) return std::optional<std::string>();
    return std::optional<std::string>(current->etag);
}

Result<Published> Stack(db::Transaction& tx, LifecycleRules& lifecycle,
                        const catalog::Bucket& bucket, catalog::Version version,
                        const std::optional<catalog::Version>& current) {
    std::optional<catalog::Version> replaced;
    if (current && bucket.versioning != Versioning::kEnabled) {
        replaced = current;
        if (!catalog::IsNull(current->version_id)) {
            TRY(replaced, catalog::FindVersion(tx, bucket.id, version.key, kNullVersion));
        }
    }
    if (replaced) {
        TRY(catalog::DeleteVersion(tx, *replaced, {.now = version.modified}));
    }
    version.bucket = bucket.id;
    TRY(catalog::InsertVersion(tx, version, bucket.versioning));
    const bool covers = current && (!replaced || replaced->sequence != current->sequence);
    TRY(lifecycle.NoteNewest(tx, bucket, version, covers ? current : std::nullopt));
    std::string told = ToldVersionId(bucket, version);
    return Published{std::move(version), std::move(told), replaced.has_value(), {}};
}

Result<Published> Publish(const Core& core, db::Transaction& tx, const catalog::Bucket& bucket,
                          catalog::Version version, const WriteConditions& conditions) {
    TRY(const std::optional<catalog::Version> current,
        catalog::FindCurrent(tx, bucket.id, version.key));
    std::optional<std::string> etag;
    if (current && !current->delete_marker) etag = current->etag;
    TRY(EvaluateWrite(conditions, etag));
    TRY(core.locks->Give(tx, bucket, version.modified, version.headers.lock));
    uint64_t before = 0;
    if (bucket.quota_bytes > 0) {
        TRY(before, catalog::ReadBucketBytes(tx, bucket.id));
    }
    TRY(Published published, Stack(tx, *core.lifecycle, bucket, std::move(version), current));
    if (bucket.quota_bytes > 0) {
        TRY(const uint64_t after, catalog::ReadBucketBytes(tx, bucket.id));
        if (after > bucket.quota_bytes && after > before) return QuotaExceeded();
    }
    TRY(published.expiration, core.lifecycle->ExpirationForWrite(tx, bucket, published.version));
    // Replies to writes name no null version, as clients know it of S3.
    if (catalog::IsNull(published.version.version_id)) published.version_id.clear();
    return published;
}

Error QuotaExceeded() {
    return Error(ErrorKind::kQuotaExceeded, "XMinioAdminBucketQuotaExceeded",
                 "Bucket quota exceeded");
}

std::string PublicVersionId(const catalog::Version& version) {
    return catalog::IsNull(version.version_id) ? std::string(kNullVersion) : version.version_id;
}

std::string ToldVersionId(const catalog::Bucket& bucket, const catalog::Version& version) {
    return bucket.versioning == Versioning::kUnversioned ? "" : PublicVersionId(version);
}

VersionInfo ToInfo(catalog::Version&& version) {
    VersionInfo info;
    info.version_id = PublicVersionId(version);
    info.key = std::move(version.key);
    info.is_delete_marker = version.delete_marker;
    info.size_bytes = version.size_bytes;
    info.etag = std::move(version.etag);
    info.modified = version.modified;
    info.headers = std::move(version.headers);
    info.checksum = std::move(version.checksum);
    info.parts_count = version.parts_count;
    info.encryption = std::move(version.encryption);
    return info;
}

}  // namespace coffer::service
