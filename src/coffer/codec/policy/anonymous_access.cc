#include "coffer/codec/policy/anonymous_access.h"

#include <fmt/format.h>

namespace coffer::codec::policy {
namespace {

std::string Statement(std::string_view actions, std::string_view resource) {
    return fmt::format(
        R"({{"Effect":"Allow","Principal":{{"AWS":["*"]}},"Action":[{}],"Resource":["arn:aws:s3:::{}"]}})",
        actions, resource);
}

std::string Document(std::string_view on_bucket, std::string_view on_objects,
                     std::string_view bucket) {
    return fmt::format(R"({{"Version":"2012-10-17","Statement":[{},{}]}})",
                       Statement(on_bucket, bucket),
                       Statement(on_objects, fmt::format("{}/*", bucket)));
}

}  // namespace

std::optional<AnonymousAccess> ParseAnonymousAccess(std::string_view word) {
    if (word == "none" || word == "private") return AnonymousAccess::kNone;
    if (word == "download") return AnonymousAccess::kDownload;
    if (word == "upload") return AnonymousAccess::kUpload;
    if (word == "public") return AnonymousAccess::kPublic;
    return std::nullopt;
}

std::string AnonymousPolicy(AnonymousAccess access, std::string_view bucket) {
    switch (access) {
        case AnonymousAccess::kNone:
            return "";
        case AnonymousAccess::kDownload:
            return Document(R"("s3:GetBucketLocation","s3:ListBucket")", R"("s3:GetObject")",
                            bucket);
        case AnonymousAccess::kUpload:
            return Document(R"("s3:GetBucketLocation","s3:ListBucketMultipartUploads")",
                            R"("s3:AbortMultipartUpload","s3:DeleteObject",)"
                            R"("s3:ListMultipartUploadParts","s3:PutObject")",
                            bucket);
        case AnonymousAccess::kPublic:
            return Document(
                R"("s3:GetBucketLocation","s3:ListBucket","s3:ListBucketMultipartUploads")",
                R"("s3:AbortMultipartUpload","s3:DeleteObject","s3:GetObject",)"
                R"("s3:ListMultipartUploadParts","s3:PutObject")",
                bucket);
    }
    return "";
}

}  // namespace coffer::codec::policy
