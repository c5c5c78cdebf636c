// The policies that are there without anybody having made them: MinIO's canned policies, and those
// of AWS for S3. Nobody can change or remove them; anybody may be given them.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "coffer/codec/policy/policy.h"

namespace coffer::service {

struct BuiltinPolicy {
    std::string_view name;  // "readwrite"
    std::string_view document;
    std::shared_ptr<const codec::policy::Policy> policy;
};

// In the order of their names. Any thread may call these.
std::span<const BuiltinPolicy> BuiltinPolicies();

// Null where there is none of that name.
const BuiltinPolicy* FindBuiltinPolicy(std::string_view name);

}  // namespace coffer::service
