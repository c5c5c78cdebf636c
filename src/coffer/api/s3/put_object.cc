// PutObject.
#include "coffer/api/s3/put_object.h"

#include "coffer/api/s3/acl.h"
#include "coffer/api/s3/conditions.h"
#include "coffer/api/s3/content.h"
#include "coffer/api/s3/encryption.h"
#include "coffer/api/s3/lifecycle.h"
#include "coffer/api/s3/object_headers.h"
#include "coffer/api/s3/object_lock.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/reply.h"
#include "coffer/api/s3/tagging.h"

namespace coffer::api::s3 {

Task<Result<service::PutResult>> StoreObject(const Call& call) {
    CO_TRY(RefuseUnofferedHeaders(call.request));
    CO_TRY(auto headers, ParseObjectHeaders(call.request));
    CO_TRY(auto tags, co_await ParseTaggingHeader(call));
    if (tags) headers.tags = *std::move(tags);
    CO_TRY(headers.lock, co_await ParseLockHeaders(call));
    CO_TRY(auto encryption, ParseEncryption(call));
    CO_TRY(auto acl, co_await AuthorizedAclHeaders(call));
    CO_TRY(auto content, Content::Open(call));

    service::PutRequest put{.bucket = call.bucket(),
                            .key = call.key(),
                            .headers = std::move(headers),
                            .content = content.expected(),
                            .conditions = ParseWriteConditions(call.request),
                            .encryption = std::move(encryption),
                            .event = call.operation == "PostObject" ? codec::ObjectEvent::kPost
                                                                    : codec::ObjectEvent::kPut,
                            .origin = call.origin,
                            .acl = std::move(acl),
                            .grounds = call.grounds};
    co_return co_await call.dependencies.objects.Put(std::move(put), content.source());
}

void WritePutHeaders(const service::PutResult& result, const S3Request& request,
                     http::Headers& reply) {
    reply.Set("ETag", QuoteEtag(result.etag));
    if (result.checksum) WriteChecksumHeaders(*result.checksum, 0, reply);
    WriteExpiration(result.expiration, reply);
    WriteVersionId(result.version_id, reply);
    WriteEncryption(result.encryption, request, reply);
}

Task<Reply> PutObject(Call& call) {
    CO_TRY(const auto result, co_await StoreObject(call));
    http::Response reply = EmptyReply(200);
    WritePutHeaders(result, call.request, reply.headers);
    co_return reply;
}

}  // namespace coffer::api::s3
