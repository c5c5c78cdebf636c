// Names and ids of users, groups, policies and access keys, and their ARNs. Pure but for chance;
// any thread may call these.
//
// Source: the IAM User Guide, "IAM and AWS STS quotas" and "IAM identifiers"; MinIO for the least
// lengths of access keys and secrets.
#pragma once

#include <string>
#include <string_view>

#include "coffer/base/result.h"
#include "coffer/service/actor.h"

namespace coffer::service {

inline constexpr size_t kMinAccessKeyBytes = 3;
inline constexpr size_t kMinSecretBytes = 8;

// kInvalid "ValidationError" unless it is 1 to `limit` of A-Z a-z 0-9 _ + = , . @ -.
Result<> CheckName(std::string_view what, std::string_view name, size_t limit);

// kInvalid "ValidationError" unless it is "/" or begins and ends with one.
Result<> CheckPath(std::string_view path);

// kInvalid "ValidationError": of 3 to 128 characters, without '=', ',' and white space; of 8 to 128
// bytes.
Result<> CheckAccessKey(std::string_view access_key);
Result<> CheckSecret(std::string_view secret);

// A prefix of AWS's ("AIDA": a user, "AGPA": a group, "ANPA": a policy, "AKIA": an access key,
// "ASIA": a temporary one) and 16 letters and digits at random.
std::string NewId(std::string_view prefix);

// 40 characters that nobody can guess.
std::string NewSecret();

// How ACLs and owners name an account: 64 hexadecimal digits, which follow from its id, so that one
// that is gone is still told apart from others.
std::string CanonicalIdOf(std::string_view account);

// The ARN of an account's root, and the account of an ARN; empty where that has none.
std::string RootArn(std::string_view account);
std::string AccountOfArn(std::string_view arn);

// "arn:aws:iam::000000000000:group/admins"; `kind`: "user", "group", "policy"; `path` begins and
// ends with '/'.
std::string IamArn(std::string_view kind, std::string_view path, std::string_view name);

// "arn:aws:iam::aws:policy/readonly": of a policy that is built in.
std::string BuiltinPolicyArn(std::string_view name);

// The name that an ARN of a policy ends with. kInvalid "ValidationError" where it is none.
Result<std::string> PolicyNameOf(std::string_view arn);

}  // namespace coffer::service
