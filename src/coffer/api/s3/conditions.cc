#include "coffer/api/s3/conditions.h"

#include <string>

#include "coffer/codec/date.h"

namespace coffer::api::s3 {
namespace {

std::optional<std::string> Text(const S3Request& request, std::string_view name) {
    const auto value = request.Header(name);
    if (!value) return std::nullopt;
    return std::string(*value);
}

std::optional<Timestamp> Date(const S3Request& request, std::string_view name) {
    const auto value = request.Header(name);
    return value ? codec::ParseHttpDate(*value) : std::nullopt;
}

}  // namespace

service::ReadConditions ParseReadConditions(const S3Request& request) {
    return {.if_match = Text(request, "if-match"),
            .if_none_match = Text(request, "if-none-match"),
            .if_modified_since = Date(request, "if-modified-since"),
            .if_unmodified_since = Date(request, "if-unmodified-since"),
            .if_range = Text(request, "if-range")};
}

service::ReadConditions ParseCopySourceConditions(const S3Request& request) {
    return {.if_match = Text(request, "x-amz-copy-source-if-match"),
            .if_none_match = Text(request, "x-amz-copy-source-if-none-match"),
            .if_modified_since = Date(request, "x-amz-copy-source-if-modified-since"),
            .if_unmodified_since = Date(request, "x-amz-copy-source-if-unmodified-since"),
            .if_range = {}};
}

service::WriteConditions ParseWriteConditions(const S3Request& request) {
    return {.if_match = Text(request, "if-match"), .if_none_match = Text(request, "if-none-match")};
}

}  // namespace coffer::api::s3
