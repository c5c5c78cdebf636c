// CreateMultipartUpload, UploadPart, UploadPartCopy, AbortMultipartUpload.
#include "coffer/api/s3/multipart.h"

#include <charconv>

#include "coffer/api/s3/acl.h"
#include "coffer/api/s3/conditions.h"
#include "coffer/api/s3/content.h"
#include "coffer/api/s3/copy_source.h"
#include "coffer/api/s3/document.h"
#include "coffer/api/s3/encryption.h"
#include "coffer/api/s3/lifecycle.h"
#include "coffer/api/s3/object_headers.h"
#include "coffer/api/s3/object_lock.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/parameters.h"
#include "coffer/api/s3/reply.h"
#include "coffer/api/s3/tagging.h"

namespace coffer::api::s3 {
namespace {

// "bytes=first-last", both of them and nothing else: stricter than Range.
Result<store::ByteRange> ParseCopyRange(std::string_view header) {
    const Error malformed(
        ErrorKind::kInvalid, "InvalidArgument",
        "The x-amz-copy-source-range value must be of the form bytes=first-last where first "
        "and last are the zero-based offsets of the first and last bytes to copy");
    constexpr std::string_view kUnit = "bytes=";
    if (!header.starts_with(kUnit)) return malformed;
    header.remove_prefix(kUnit.size());
    const char* const end = header.data() + header.size();
    uint64_t first = 0;
    uint64_t last = 0;
    const auto dash = std::from_chars(header.data(), end, first);
    if (dash.ec != std::errc() || dash.ptr == end || *dash.ptr != '-') return malformed;
    const auto rest = std::from_chars(dash.ptr + 1, end, last);
    if (rest.ec != std::errc() || rest.ptr != end || last < first) return malformed;
    if (last - first >= kMaxPutBytes) {
        return Error(ErrorKind::kTooLarge, "EntityTooLarge", "");
    }
    return store::ByteRange{first, last - first + 1};
}

Result<service::CreateUploadRequest> ParseCreate(const Call& call) {
    TRY(RefuseUnofferedHeaders(call.request));
    service::CreateUploadRequest create{.bucket = call.bucket(), .key = call.key()};
    create.initiator = call.actor().principal.arn;
    TRY(create.headers, ParseObjectHeaders(call.request));
    if (const auto name = call.request.Header("x-amz-checksum-algorithm")) {
        TRY(create.checksum, ParseChecksumAlgorithm(*name));
    }
    TRY(create.encryption, ParseEncryption(call));
    TRY(create.checksum_type, ParseChecksumType(call.request));
    if (create.checksum_type && !create.checksum) {
        return Error(ErrorKind::kInvalid, "InvalidRequest",
                     "The x-amz-checksum-type header can only be used with the "
                     "x-amz-checksum-algorithm header.");
    }
    return create;
}

Result<service::CopyPartRequest> ParseCopyPart(const Call& call, service::NamedObject source) {
    TRY(const int part_number, ParsePartNumber(call.request));
    service::CopyPartRequest copy{.upload = UploadOf(call),
                                  .part_number = part_number,
                                  .source = std::move(source),
                                  .source_conditions = ParseCopySourceConditions(call.request)};
    if (const auto range = call.request.Header("x-amz-copy-source-range")) {
        TRY(copy.range, ParseCopyRange(*range));
    }
    TRY(copy.source_customer_key, ParseCustomerKey(call, KeyOf::kCopySource));
    TRY(copy.customer_key, ParseCustomerKey(call));
    return copy;
}

}  // namespace

service::UploadId UploadOf(const Call& call) {
    return {call.bucket(), call.key(),
            std::string(call.request.Parameter("uploadId").value_or(""))};
}

Result<std::optional<service::ChecksumType>> ParseChecksumType(const S3Request& request) {
    const auto header = request.Header("x-amz-checksum-type");
    if (!header) return std::nullopt;
    if (*header == "COMPOSITE") return service::ChecksumType::kComposite;
    if (*header == "FULL_OBJECT") return service::ChecksumType::kFullObject;
    return Error(ErrorKind::kInvalid, "InvalidRequest",
                 "Value for x-amz-checksum-type header is invalid.");
}

Task<Reply> CreateMultipartUpload(Call& call) {
    CO_TRY(auto create, ParseCreate(call));
    CO_TRY(auto tags, co_await ParseTaggingHeader(call));
    if (tags) create.headers.tags = *std::move(tags);
    CO_TRY(create.headers.lock, co_await ParseLockHeaders(call));
    CO_TRY(create.acl, co_await AuthorizedAclHeaders(call));
    CO_TRY(const auto upload, co_await call.dependencies.uploads.Create(std::move(create)));

    codec::XmlWriter xml;
    OpenRoot(xml, "InitiateMultipartUploadResult")
        .Element("Bucket", call.bucket().text())
        .Element("Key", call.key().bytes())
        .Element("UploadId", upload.upload_id)
        .Close();
    http::Response reply = XmlReply(xml.Finish());
    WriteAbort(upload, reply.headers);
    if (upload.checksum) {
        reply.headers.Set("x-amz-checksum-algorithm", codec::ChecksumName(*upload.checksum));
        reply.headers.Set("x-amz-checksum-type", ChecksumTypeName(upload.checksum_type));
    }
    WriteEncryption(upload.encryption, call.request, reply.headers);
    co_return reply;
}

Task<Reply> UploadPart(Call& call) {
    CO_TRY(RefuseUnofferedHeaders(call.request));
    CO_TRY(RefuseLockHeaders(call.request));
    CO_TRY(const int part_number, ParsePartNumber(call.request));
    CO_TRY(const auto customer_key, ParseCustomerKey(call));
    CO_TRY(auto content, Content::Open(call));
    service::PutPartRequest put{.upload = UploadOf(call),
                                .part_number = part_number,
                                .content = content.expected(),
                                .customer_key = customer_key};
    CO_TRY(const auto part,
           co_await call.dependencies.uploads.PutPart(std::move(put), content.source()));

    http::Response reply = EmptyReply(200);
    reply.headers.Set("ETag", QuoteEtag(part.etag));
    if (part.checksum) {
        reply.headers.Set(codec::ChecksumHeader(part.checksum->algorithm),
                          FormatChecksum(*part.checksum, 0));
    }
    WriteEncryption(part.encryption, call.request, reply.headers);
    co_return reply;
}

Task<Reply> UploadPartCopy(Call& call) {
    CO_TRY(RefuseUnofferedHeaders(call.request));
    CO_TRY(RefuseLockHeaders(call.request));
    CO_TRY(auto source, co_await AuthorizedCopySource(call));
    CO_TRY(auto copy, ParseCopyPart(call, std::move(source)));
    CO_TRY(const auto copied, co_await call.dependencies.uploads.CopyPart(std::move(copy)));
    const service::PartInfo& part = copied.part;

    codec::XmlWriter xml;
    OpenRoot(xml, "CopyPartResult");
    WriteTime(xml, "LastModified", part.modified);
    WriteEtag(xml, part.etag);
    if (part.checksum) WriteChecksum(xml, *part.checksum, 0);
    http::Response reply = XmlReply(xml.Close().Finish());
    WriteCopySourceVersionId(copied.source_version_id, reply.headers);
    WriteEncryption(part.encryption, call.request, reply.headers);
    co_return reply;
}

Task<Reply> AbortMultipartUpload(Call& call) {
    CO_TRY(co_await call.dependencies.uploads.Abort(UploadOf(call)));
    co_return EmptyReply(204);
}

}  // namespace coffer::api::s3
