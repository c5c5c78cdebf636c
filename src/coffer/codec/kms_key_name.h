// How a KMS key is named: by its name, by MinIO's ARN ("arn:aws:kms:name") or by AWS's
// ("arn:aws:kms:region:account:key/name"). Pure; any thread may call it.
#pragma once

#include <string_view>

namespace coffer::codec {

// The name; what is no such ARN is one. Valid as long as `id`.
constexpr std::string_view KmsKeyName(std::string_view id) {
    constexpr std::string_view kArn = "arn:aws:kms:";
    constexpr std::string_view kKey = ":key/";
    if (!id.starts_with(kArn)) return id;
    const size_t at = id.rfind(kKey);
    return id.substr(at == std::string_view::npos ? kArn.size() : at + kKey.size());
}

}  // namespace coffer::codec
