// GetObject and HeadObject.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "coffer/api/s3/conditions.h"
#include "coffer/api/s3/encryption.h"
#include "coffer/api/s3/extract.h"
#include "coffer/api/s3/find_object.h"
#include "coffer/api/s3/lifecycle.h"
#include "coffer/api/s3/object_headers.h"
#include "coffer/api/s3/object_lock.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/parameters.h"
#include "coffer/api/s3/reply.h"
#include "coffer/codec/ascii.h"

namespace coffer::api::s3 {
namespace {

// The parameters that put a header of the reply in place of the object's own.
struct Override {
    std::string_view parameter;
    std::string_view header;
};
constexpr auto kOverrides =
    std::to_array<Override>({{"response-content-type", "Content-Type"},
                             {"response-content-language", "Content-Language"},
                             {"response-expires", "Expires"},
                             {"response-cache-control", "Cache-Control"},
                             {"response-content-disposition", "Content-Disposition"},
                             {"response-content-encoding", "Content-Encoding"}});

// Anybody could make a link that shows an object as something else, so that it takes a signature.
Result<> CheckOverrides(const Call& call) {
    for (const Override& override : kOverrides) {
        const auto value = call.request.Parameter(override.parameter);
        if (!value) continue;
        if (call.identity.auth_type == service::AuthType::kNone) {
            return Error(
                ErrorKind::kInvalid, "InvalidRequest",
                "Request specific response headers cannot be used for anonymous GET requests.");
        }
        if (std::ranges::any_of(*value, [](unsigned char c) { return c < 0x20 || c == 0x7F; })) {
            return Error(ErrorKind::kInvalid, "InvalidArgument",
                         fmt::format("{} holds a control character", override.parameter));
        }
    }
    return Ok();
}

Result<service::GetRequest> ParseGet(const Call& call, bool with_body) {
    const S3Request& request = call.request;
    TRY(CheckOverrides(call));
    TRY(RefuseEncryptionOfReads(request));
    service::GetRequest get{.bucket = call.bucket(), .key = call.key()};
    get.event = with_body ? codec::ObjectEvent::kGet : codec::ObjectEvent::kHead;
    get.origin = call.origin;
    get.with_body = with_body;
    TRY(get.customer_key, ParseCustomerKey(call));
    get.conditions = ParseReadConditions(request);
    TRY(get.version_id, ParseVersionId(request));
    if (const auto range = request.Header("range")) get.range = codec::ParseRange(*range);
    if (request.Parameter("partNumber")) {
        TRY(get.part_number, ParsePartNumber(request));
        if (get.range) {
            return Error(ErrorKind::kInvalid, "InvalidRequest",
                         "Cannot specify both Range header and partNumber query parameter");
        }
    }
    return get;
}

http::Response MakeReply(const Call& call, service::GetResult result,
                         const service::GetRequest& get) {
    const service::VersionInfo& info = result.info;
    http::Response reply = EmptyReply(result.not_modified ? 304 : result.partial ? 206 : 200);
    WriteEntityHeaders(info, reply.headers);
    WriteEncryption(info.encryption, call.request, reply.headers);
    if (result.not_modified) return reply;
    WriteExpiration(result.expiration, reply.headers);

    reply.headers.Set("Accept-Ranges", "bytes");
    WriteObjectHeaders(info.headers, reply.headers);
    for (const Override& override : kOverrides) {
        if (const auto value = call.request.Parameter(override.parameter)) {
            reply.headers.Set(override.header, *value);
        }
    }
    // There is no range of no bytes.
    if (result.partial && result.range.length > 0) {
        reply.headers.Set(
            "Content-Range",
            fmt::format("bytes {}-{}/{}", result.range.offset,
                        result.range.offset + result.range.length - 1, info.size_bytes));
    }
    if (get.part_number && info.parts_count > 0) {
        reply.headers.Set("x-amz-mp-parts-count", std::to_string(info.parts_count));
    }
    // The checksum of all of it says nothing about a range.
    const bool wants_checksum = codec::EqualsIgnoringCase(
        call.request.Header("x-amz-checksum-mode").value_or(""), "ENABLED");
    if (wants_checksum && result.part_checksum) {
        // Of the part, but with the type of the whole: this is how S3 has it.
        service::Checksum checksum = *result.part_checksum;
        if (info.checksum) checksum.type = info.checksum->type;
        WriteChecksumHeaders(checksum, 0, reply.headers);
    } else if (wants_checksum && info.checksum && !result.partial) {
        WriteChecksumHeaders(*info.checksum, info.parts_count, reply.headers);
    }
    reply.content_length = result.range.length;
    if (result.body) reply.body = std::move(result.body);
    return reply;
}

Task<Reply> Get(Call& call, bool with_body) {
    if (auto path = ParseArchivePath(call, call.key().bytes()); path && !path->inner.empty())
        co_return co_await GetInArchive(call, *std::move(path), with_body);
    CO_TRY(const auto get, ParseGet(call, with_body));
    CO_TRY(auto result, co_await FindObject(call, get));
    http::Headers lock;
    if (!result.not_modified)
        co_await WriteLockHeaders(call, result.info.headers, get.version_id, lock);
    http::Response reply = MakeReply(call, std::move(result), get);
    for (const http::Header& header : lock)
        reply.headers.Set(header.name, header.value);
    co_return reply;
}

}  // namespace

Task<Reply> GetObject(Call& call) {
    return Get(call, true);
}

Task<Reply> HeadObject(Call& call) {
    return Get(call, false);
}

}  // namespace coffer::api::s3
