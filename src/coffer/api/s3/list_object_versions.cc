// ListObjectVersions.
#include "coffer/api/s3/document.h"
#include "coffer/api/s3/object_headers.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/owners.h"
#include "coffer/api/s3/parameters.h"
#include "coffer/api/s3/reply.h"

namespace coffer::api::s3 {
namespace {

Result<service::ListVersionsRequest> ParseList(const Call& call) {
    const S3Request& request = call.request;
    service::ListVersionsRequest list{.bucket = call.bucket()};
    TRY(list.prefix, ParseName(request, "prefix"));
    TRY(list.delimiter, ParseName(request, "delimiter"));
    TRY(list.key_marker, ParseName(request, "key-marker"));
    TRY(list.version_id_marker, ParseName(request, "version-id-marker"));
    TRY(list.limit, ParseCount(request, "max-keys", kMaxPage, kMaxPage));
    if (!list.version_id_marker.empty()) {
        TRY(list.version_id_marker, ParseVersionId(list.version_id_marker));
    }
    if (!list.version_id_marker.empty() && list.key_marker.empty()) {
        return Error(ErrorKind::kInvalid, "InvalidArgument",
                     "A version-id marker cannot be specified without a key marker.");
    }
    return list;
}

void WriteVersion(codec::XmlWriter& xml, const service::ListedVersion& version, bool url,
                  Owners& owners) {
    xml.Open(version.is_delete_marker ? "DeleteMarker" : "Version");
    WriteName(xml, "Key", version.key, url);
    xml.Element("VersionId", version.version_id).Element("IsLatest", version.is_latest);
    WriteTime(xml, "LastModified", version.modified);
    if (!version.is_delete_marker) {
        WriteEtag(xml, version.etag);
        if (version.checksum) {
            xml.Element("ChecksumAlgorithm", codec::ChecksumName(version.checksum->algorithm))
                .Element("ChecksumType", ChecksumTypeName(version.checksum->type));
        }
        xml.Element("Size", version.size_bytes).Element("StorageClass", "STANDARD");
    }
    owners.WriteOwner(xml, version.owner);
    xml.Close();
}

}  // namespace

Task<Reply> ListObjectVersions(Call& call) {
    CO_TRY(const auto list, ParseList(call));
    CO_TRY(const bool url, ParseEncodingType(call.request));
    CO_TRY(const auto result, co_await call.dependencies.objects.ListVersions(list));

    codec::XmlWriter xml;
    OpenRoot(xml, "ListVersionsResult")
        .Element("Name", list.bucket.text())
        .Element("Prefix", EncodeName(list.prefix, url))
        .Element("KeyMarker", EncodeName(list.key_marker, url))
        .Element("VersionIdMarker", list.version_id_marker);
    if (result.truncated) {
        xml.Element("NextKeyMarker", EncodeName(result.next_key_marker, url));
        if (!result.next_version_id_marker.empty()) {
            xml.Element("NextVersionIdMarker", result.next_version_id_marker);
        }
    }
    xml.Element("MaxKeys", list.limit);
    if (!list.delimiter.empty()) xml.Element("Delimiter", EncodeName(list.delimiter, url));
    if (url) xml.Element("EncodingType", "url");
    xml.Element("IsTruncated", result.truncated);
    Owners owners(call, result.bucket_owner);
    for (const service::ListedVersion& version : result.versions)
        WriteVersion(xml, version, url, owners);
    for (const std::string_view prefix : result.common_prefixes)
        WriteCommonPrefix(xml, prefix, url);
    co_return XmlReply(xml.Close().Finish());
}

}  // namespace coffer::api::s3
