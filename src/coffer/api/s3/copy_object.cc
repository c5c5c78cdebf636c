// CopyObject.
#include <fmt/format.h>

#include "coffer/api/s3/acl.h"
#include "coffer/api/s3/authorize.h"
#include "coffer/api/s3/conditions.h"
#include "coffer/api/s3/content.h"
#include "coffer/api/s3/copy_source.h"
#include "coffer/api/s3/document.h"
#include "coffer/api/s3/encryption.h"
#include "coffer/api/s3/lifecycle.h"
#include "coffer/api/s3/object_headers.h"
#include "coffer/api/s3/object_lock.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/reply.h"
#include "coffer/api/s3/tagging.h"

namespace coffer::api::s3 {
namespace {

// What becomes of a copy's headers, or its tags: whether the request brings others than its
// source's.
Result<bool> Replaces(const S3Request& request, std::string_view directive_header,
                      std::string_view what) {
    const std::string_view directive = request.Header(directive_header).value_or("COPY");
    if (directive == "COPY") return false;
    if (directive == "REPLACE") return true;
    return Error(ErrorKind::kInvalid, "InvalidArgument",
                 fmt::format("Unknown {} directive.", what));
}

// Whether the tags of the source may become the copy's.
Task<Result<>> JudgeTags(const Call& call, service::CopyRequest& copy) {
    const service::NamedObject& source = copy.source;
    auto read = co_await JudgeObject(
        call, {.action = source.version_id ? "s3:GetObjectVersionTagging" : "s3:GetObjectTagging",
               .bucket = source.bucket.text(),
               .key = source.key.bytes(),
               .version_id = source.version_id});
    const Result<> write = co_await Authorize(call, {.action = "s3:PutObjectTagging",
                                                     .bucket = call.bucket().text(),
                                                     .key = call.key().bytes(),
                                                     .of_new_object = true});
    copy.may_copy_tags = read && write;
    if (read) copy.tags_grounds = std::move(read).value();
    if (!read && read.error().kind() != ErrorKind::kDenied) co_return read.error();
    if (!write && write.error().kind() != ErrorKind::kDenied) co_return write.error();
    co_return Ok();
}

Result<service::CopyRequest> ParseCopy(const Call& call, service::NamedObject source) {
    const S3Request& request = call.request;
    service::CopyRequest copy{.source = std::move(source),
                              .source_conditions = ParseCopySourceConditions(request),
                              .bucket = call.bucket(),
                              .key = call.key(),
                              .conditions = ParseWriteConditions(request)};
    TRY(const bool new_headers, Replaces(request, "x-amz-metadata-directive", "metadata"));
    if (new_headers) {
        TRY(copy.replace_headers, ParseObjectHeaders(request));
    }
    TRY(const bool new_tags, Replaces(request, "x-amz-tagging-directive", "tagging"));
    if (new_tags) copy.replace_tags.emplace();
    if (const auto name = request.Header("x-amz-checksum-algorithm")) {
        TRY(copy.checksum, ParseChecksumAlgorithm(*name));
    }
    copy.names_class = request.Header("x-amz-storage-class").has_value();
    TRY(copy.source_customer_key, ParseCustomerKey(call, KeyOf::kCopySource));
    TRY(copy.encryption, ParseEncryption(call));
    copy.origin = call.origin;
    copy.grounds = call.grounds;
    return copy;
}

}  // namespace

Task<Reply> CopyObject(Call& call) {
    CO_TRY(RefuseUnofferedHeaders(call.request));
    CO_TRY(auto source, co_await AuthorizedCopySource(call));
    CO_TRY(auto copy, ParseCopy(call, std::move(source)));
    if (copy.replace_tags) {
        CO_TRY(auto tags, co_await ParseTaggingHeader(call));
        if (tags) copy.replace_tags = std::move(tags);
    } else {
        CO_TRY(co_await JudgeTags(call, copy));
    }
    CO_TRY(copy.lock, co_await ParseLockHeaders(call));
    CO_TRY(copy.acl, co_await AuthorizedAclHeaders(call));
    CO_TRY(const auto result, co_await call.dependencies.objects.Copy(std::move(copy)));

    codec::XmlWriter xml;
    OpenRoot(xml, "CopyObjectResult");
    WriteTime(xml, "LastModified", result.modified);
    WriteEtag(xml, result.etag);
    if (result.checksum) {
        WriteChecksum(xml, *result.checksum, result.parts_count);
        xml.Element("ChecksumType", ChecksumTypeName(result.checksum->type));
    }
    http::Response reply = XmlReply(xml.Close().Finish());
    WriteCopySourceVersionId(result.source_version_id, reply.headers);
    WriteExpiration(result.expiration, reply.headers);
    WriteVersionId(result.version_id, reply.headers);
    WriteEncryption(result.encryption, call.request, reply.headers);
    co_return reply;
}

}  // namespace coffer::api::s3
