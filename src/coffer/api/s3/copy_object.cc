// CopyObject.
#include "coffer/api/s3/conditions.h"
#include "coffer/api/s3/content.h"
#include "coffer/api/s3/copy_source.h"
#include "coffer/api/s3/document.h"
#include "coffer/api/s3/object_headers.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/reply.h"
#include "coffer/codec/date.h"

namespace coffer::api::s3 {
namespace {

Result<service::CopyRequest> ParseCopy(const Call& call, CopySource source) {
    const S3Request& request = call.request;
    service::CopyRequest copy{.source_bucket = std::move(source.bucket),
                              .source_key = std::move(source.key),
                              .source_version_id = std::move(source.version_id),
                              .source_conditions = ParseCopySourceConditions(request),
                              .bucket = call.bucket(),
                              .key = call.key(),
                              .conditions = ParseWriteConditions(request)};
    const std::string_view directive = request.Header("x-amz-metadata-directive").value_or("COPY");
    if (directive == "REPLACE") {
        TRY(copy.replace_headers, ParseObjectHeaders(request));
    } else if (directive != "COPY") {
        return Error(ErrorKind::kInvalid, "InvalidArgument", "Unknown metadata directive.");
    }
    if (const auto name = request.Header("x-amz-checksum-algorithm")) {
        TRY(copy.checksum, ParseChecksumAlgorithm(*name));
    }
    return copy;
}

}  // namespace

Task<Reply> CopyObject(Call& call) {
    CO_TRY(RefuseUnofferedHeaders(call.request));
    CO_TRY(auto source, co_await AuthorizedCopySource(call));
    CO_TRY(auto copy, ParseCopy(call, std::move(source)));
    CO_TRY(const auto result, co_await call.dependencies.objects.Copy(std::move(copy)));

    codec::XmlWriter xml;
    OpenRoot(xml, "CopyObjectResult")
        .Element("LastModified", codec::FormatIso8601(result.modified))
        .Element("ETag", QuoteEtag(result.etag));
    if (result.checksum) {
        WriteChecksum(xml, *result.checksum, 0);
        xml.Element("ChecksumType", ChecksumTypeName(result.checksum->type));
    }
    http::Response reply = XmlReply(xml.Close().Finish());
    if (result.source_version_id && *result.source_version_id != service::kNullVersion) {
        reply.headers.Set("x-amz-copy-source-version-id", *result.source_version_id);
    }
    if (result.version_id != service::kNullVersion)
        reply.headers.Set("x-amz-version-id", result.version_id);
    co_return reply;
}

}  // namespace coffer::api::s3
