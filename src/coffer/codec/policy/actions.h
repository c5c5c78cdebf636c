// The actions of policies ("s3:GetObject"): one table of those that Coffer knows, and what each
// acts on. Pure functions; any thread may call them.
//
// Source: the Service Authorization Reference for Amazon S3, IAM and STS; MinIO for admin: and for
// what it added to s3:.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace coffer::codec::policy {

enum class Acts : uint8_t {
    kOnObjects,
    kOnBuckets,
    kElsewhere,  // on the account, users, policies, the server: no bucket policy allows it
};

struct Action {
    std::string_view name;  // "s3:GetObject"
    Acts acts;
};

// All that are known: of s3:, iam:, sts:, kms: and admin:.
std::span<const Action> KnownActions();

// Whether the table has all actions of that vendor ("s3", "admin"), so that another is a mistake.
// Policies may name actions of any vendor; no request asks for those that are not in the table.
bool KnowsAllOf(std::string_view vendor);

}  // namespace coffer::codec::policy
