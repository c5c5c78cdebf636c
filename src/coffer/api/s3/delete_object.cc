// DeleteObject.
#include <charconv>

#include "coffer/api/s3/object_headers.h"
#include "coffer/api/s3/object_lock.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/parameters.h"
#include "coffer/api/s3/reply.h"
#include "coffer/codec/ascii.h"
#include "coffer/codec/date.h"

namespace coffer::api::s3 {
namespace {

Error InvalidCondition(std::string_view header) {
    return Error(ErrorKind::kInvalid, "InvalidArgument", std::string(header) + " is malformed");
}

Result<service::DeleteRequest> ParseDelete(const Call& call) {
    service::DeleteRequest request{.bucket = call.bucket(), .key = call.key()};
    request.origin = call.origin;
    request.grounds = call.grounds;
    TRY(request.version_id, ParseVersionId(call.request));
    if (const auto etag = call.request.Header("if-match")) request.if_match = *etag;
    if (const auto time = call.request.Header("x-amz-if-match-last-modified-time")) {
        request.if_match_modified = codec::ParseHttpDate(*time);
        if (!request.if_match_modified) request.if_match_modified = codec::ParseIso8601(*time);
        if (!request.if_match_modified)
            return InvalidCondition("x-amz-if-match-last-modified-time");
    }
    if (const auto size = call.request.Header("x-amz-if-match-size")) {
        uint64_t bytes = 0;
        const auto [end, error] = std::from_chars(size->data(), size->data() + size->size(), bytes);
        if (error != std::errc() || end != size->data() + size->size())
            return InvalidCondition("x-amz-if-match-size");
        request.if_match_size = bytes;
    }
    return request;
}

}  // namespace

Task<Reply> DeleteObject(Call& call) {
    // MinIO would delete all that begins with the key.
    if (codec::EqualsIgnoringCase(call.request.Header("x-minio-force-delete").value_or(""), "true"))
        co_return Error(ErrorKind::kUnsupported, "NotImplemented",
                        "x-minio-force-delete is offered for buckets alone; DeleteObjects takes "
                        "a thousand keys at a time.");
    CO_TRY(auto request, ParseDelete(call));
    request.bypass_governance =
        co_await MayBypassGovernance(call, call.key().bytes(), request.version_id);
    CO_TRY(const auto result, co_await call.dependencies.objects.Delete(std::move(request)));
    http::Response reply = EmptyReply(204);
    if (result.delete_marker) reply.headers.Set("x-amz-delete-marker", "true");
    WriteVersionId(result.version_id, reply.headers);
    co_return reply;
}

}  // namespace coffer::api::s3
