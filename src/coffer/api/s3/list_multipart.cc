// ListParts and ListMultipartUploads.
#include "coffer/api/s3/document.h"
#include "coffer/api/s3/lifecycle.h"
#include "coffer/api/s3/multipart.h"
#include "coffer/api/s3/object_headers.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/owners.h"
#include "coffer/api/s3/parameters.h"
#include "coffer/api/s3/reply.h"

namespace coffer::api::s3 {
namespace {

void WriteUploadChecksum(codec::XmlWriter& xml, const service::UploadInfo& upload) {
    if (!upload.checksum) return;
    xml.Element("ChecksumAlgorithm", codec::ChecksumName(*upload.checksum))
        .Element("ChecksumType", ChecksumTypeName(upload.checksum_type));
}

void WritePart(codec::XmlWriter& xml, const service::PartInfo& part) {
    xml.Open("Part").Element("PartNumber", part.number);
    WriteTime(xml, "LastModified", part.modified);
    WriteEtag(xml, part.etag);
    xml.Element("Size", part.size_bytes);
    if (part.checksum) WriteChecksum(xml, *part.checksum, 0);
    xml.Close();
}

Result<service::ListUploadsRequest> ParseListUploads(const Call& call) {
    const S3Request& request = call.request;
    service::ListUploadsRequest list{.bucket = call.bucket()};
    TRY(list.prefix, ParseName(request, "prefix"));
    TRY(list.delimiter, ParseName(request, "delimiter"));
    TRY(list.key_marker, ParseName(request, "key-marker"));
    TRY(list.upload_id_marker, ParseName(request, "upload-id-marker"));
    TRY(list.limit, ParseCount(request, "max-uploads", kMaxPage, kMaxPage));
    return list;
}

void WriteUpload(codec::XmlWriter& xml, const service::UploadInfo& upload, bool url,
                 Owners& owners) {
    xml.Open("Upload")
        .Element("Key", EncodeName(upload.key, url))
        .Element("UploadId", upload.upload_id);
    owners.WriteInitiator(xml, upload.initiator);
    owners.WriteOwner(xml, upload.owner);
    xml.Element("StorageClass", "STANDARD");
    WriteTime(xml, "Initiated", upload.initiated);
    WriteUploadChecksum(xml, upload);
    xml.Close();
}

}  // namespace

Task<Reply> ListParts(Call& call) {
    constexpr size_t kMaxMarker = service::kMaxPartNumber;
    CO_TRY(const size_t limit, ParseCount(call.request, "max-parts", kMaxPage, kMaxPage));
    CO_TRY(const size_t after, ParseCount(call.request, "part-number-marker", 0, kMaxMarker));
    CO_TRY(const bool url, ParseEncodingType(call.request));
    CO_TRY(const auto result, co_await call.dependencies.uploads.ListParts(
                                  UploadOf(call), static_cast<int>(after), limit));

    codec::XmlWriter xml;
    OpenRoot(xml, "ListPartsResult")
        .Element("Bucket", call.bucket().text())
        .Element("Key", EncodeName(call.key().bytes(), url))
        .Element("UploadId", result.upload.upload_id);
    Owners owners(call, result.bucket_owner);
    owners.WriteInitiator(xml, result.upload.initiator);
    owners.WriteOwner(xml, result.upload.owner);
    xml.Element("StorageClass", "STANDARD").Element("PartNumberMarker", after);
    if (!result.parts.empty()) xml.Element("NextPartNumberMarker", result.parts.back().number);
    xml.Element("MaxParts", limit).Element("IsTruncated", result.truncated);
    WriteUploadChecksum(xml, result.upload);
    for (const service::PartInfo& part : result.parts)
        WritePart(xml, part);
    http::Response reply = XmlReply(xml.Close().Finish());
    WriteAbort(result.upload, reply.headers);
    co_return reply;
}

Task<Reply> ListMultipartUploads(Call& call) {
    CO_TRY(const auto list, ParseListUploads(call));
    CO_TRY(const bool url, ParseEncodingType(call.request));
    CO_TRY(const auto result, co_await call.dependencies.uploads.List(list));

    codec::XmlWriter xml;
    OpenRoot(xml, "ListMultipartUploadsResult")
        .Element("Bucket", list.bucket.text())
        .Element("KeyMarker", EncodeName(list.key_marker, url))
        .Element("UploadIdMarker", list.upload_id_marker);
    if (result.truncated) {
        xml.Element("NextKeyMarker", EncodeName(result.next_key_marker, url))
            .Element("NextUploadIdMarker", result.next_upload_id_marker);
    }
    xml.Element("Prefix", EncodeName(list.prefix, url));
    if (!list.delimiter.empty()) xml.Element("Delimiter", EncodeName(list.delimiter, url));
    if (url) xml.Element("EncodingType", "url");
    xml.Element("MaxUploads", list.limit).Element("IsTruncated", result.truncated);
    Owners owners(call, result.bucket_owner);
    for (const service::UploadInfo& upload : result.uploads)
        WriteUpload(xml, upload, url, owners);
    for (const std::string& prefix : result.common_prefixes)
        WriteCommonPrefix(xml, prefix, url);
    co_return XmlReply(xml.Close().Finish());
}

}  // namespace coffer::api::s3
