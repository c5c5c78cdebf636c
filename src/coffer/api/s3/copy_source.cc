#include "coffer/api/s3/copy_source.h"

#include "coffer/api/s3/authorize.h"
#include "coffer/api/s3/parameters.h"
#include "coffer/codec/uri.h"

namespace coffer::api::s3 {
namespace {

constexpr std::string_view kVersionId = "?versionId=";

Error Malformed(std::string message) {
    return Error(ErrorKind::kInvalid, "InvalidArgument", std::move(message));
}

Result<std::string> Decode(std::string_view text) {
    auto decoded = codec::PercentDecode(text);
    if (!decoded) return Malformed("Invalid copy source encoding.");
    return decoded;
}

}  // namespace

Result<service::NamedObject> ParseCopySource(std::string_view header) {
    std::optional<std::string> version_id;
    // The key's own question marks are encoded.
    if (const size_t at = header.rfind(kVersionId); at != std::string_view::npos) {
        TRY(const std::string decoded, Decode(header.substr(at + kVersionId.size())));
        TRY(version_id, ParseVersionId(decoded));
        header = header.substr(0, at);
    }
    // Clients encode the slash behind the bucket, too: it is the decoded path that has a bucket and
    // a key.
    TRY(const std::string decoded, Decode(header));
    std::string_view path = decoded;
    if (path.starts_with('/')) path.remove_prefix(1);
    const size_t slash = path.find('/');
    if (slash == std::string_view::npos || slash + 1 == path.size()) {
        return Malformed(
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
    }
    TRY(auto bucket, codec::BucketName::Parse(path.substr(0, slash)));
    TRY(auto key, codec::ObjectKey::Parse(path.substr(slash + 1)));
    return service::NamedObject{std::move(bucket), std::move(key), std::move(version_id)};
}

Task<Result<service::NamedObject>> AuthorizedCopySource(const Call& call) {
    CO_TRY(auto source, ParseCopySource(call.request.Header("x-amz-copy-source").value_or("")));
    const std::string_view action = source.version_id ? "s3:GetObjectVersion" : "s3:GetObject";
    CO_TRY(source.grounds, co_await JudgeObject(call, {.action = action,
                                                       .bucket = source.bucket.text(),
                                                       .key = source.key.bytes(),
                                                       .version_id = source.version_id,
                                                       .expected_owner = call.request.Header(
                                                           "x-amz-source-expected-bucket-owner")}));
    co_return source;
}

void WriteCopySourceVersionId(std::string_view version_id, http::Headers& reply) {
    if (!version_id.empty()) reply.Set("x-amz-copy-source-version-id", version_id);
}

}  // namespace coffer::api::s3
