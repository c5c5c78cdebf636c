#include "coffer/service/versions.h"

#include <fmt/format.h>

#include <utility>

#include "coffer/catalog/buckets.h"
#include "coffer/catalog/versions.h"
#include "coffer/service/conditions.h"

namespace coffer::service {
namespace {

// The form in which the catalogue keeps a version id.
std::string_view StoredVersionId(std::string_view version_id) {
    return version_id == kNullVersion ? std::string_view() : version_id;
}

}  // namespace

Result<catalog::Version> ExistingObject(std::optional<catalog::Version> current) {
    if (!current || current->delete_marker)
        return Error(ErrorKind::kNotFound, "NoSuchKey", "the specified key does not exist");
    return *std::move(current);
}

Result<catalog::Version> ResolveVersion(db::Transaction& tx, const BucketName& bucket,
                                        const ObjectKey& key,
                                        const std::optional<std::string>& version_id) {
    TRY(const catalog::Bucket row, catalog::FindBucket(tx, bucket.text()));
    if (!version_id) {
        TRY(std::optional<catalog::Version> current, catalog::FindCurrent(tx, row.id, key.bytes()));
        return ExistingObject(std::move(current));
    }
    std::optional<catalog::Version> version;
    // The empty id is how the catalogue says "null"; from outside it is no id.
    if (!version_id->empty()) {
        TRY(version, catalog::FindVersion(tx, row.id, key.bytes(), StoredVersionId(*version_id)));
    }
    if (!version)
        return Error(ErrorKind::kNotFound, "NoSuchVersion", "the specified version does not exist");
    if (version->delete_marker) {
        return Error(ErrorKind::kInvalid, "MethodNotAllowed",
                     "the specified version is a delete marker");
    }
    return *std::move(version);
}

Result<std::optional<std::string>> CurrentEtag(db::Transaction& tx, catalog::BucketId bucket,
                                               const ObjectKey& key) {
    TRY(const std::optional<catalog::Version> current,
        catalog::FindCurrent(tx, bucket, key.bytes()));
    if (!current || current->delete_marker) return std::optional<std::string>();
    return std::optional<std::string>(current->etag);
}

Result<Published> Publish(db::Transaction& tx, catalog::Version version,
                          const WriteConditions& conditions) {
    TRY(const std::optional<catalog::Version> current,
        catalog::FindCurrent(tx, version.bucket, version.key));
    std::optional<std::string> etag;
    if (current && !current->delete_marker) etag = current->etag;
    TRY(EvaluateWrite(conditions, etag));
    const bool replaced = current && current->version_id.empty();
    if (replaced) {
        TRY(catalog::DeleteVersion(tx, *current));
    }
    TRY(version.sequence, catalog::InsertVersion(tx, version));
    return Published{std::move(version), replaced};
}

std::string PublicVersionId(const catalog::Version& version) {
    return version.version_id.empty() ? std::string(kNullVersion) : version.version_id;
}

VersionInfo ToInfo(catalog::Version version) {
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
    return info;
}

}  // namespace coffer::service
