// What a server is to have: policies, groups, users and buckets with their settings, as an operator
// declares it in a file (docs/bootstrap.md). What is not declared is left as it is. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "coffer/base/result.h"
#include "coffer/base/secret.h"
#include "coffer/codec/json.h"
#include "coffer/codec/lifecycle.h"
#include "coffer/codec/notification.h"
#include "coffer/codec/object_lock.h"
#include "coffer/service/types.h"

namespace coffer::app::bootstrap {

struct DeclaredPolicy {
    std::string name;
    std::string document;  // JSON without white space
};

struct DeclaredGroup {
    std::string name;
    std::optional<bool> enabled;
    std::optional<std::vector<std::string>> policies;  // all that it has, by name
};

struct DeclaredUser {
    std::string name;
    Secret secret_key;  // of the access key with the user's name; empty: not declared
    std::optional<bool> enabled;
    std::optional<std::vector<std::string>> policies;  // all that it has, by name
    std::optional<std::vector<std::string>> groups;    // all that it is in, by name
};

// A setting that is there and empty: there is to be none.
struct DeclaredBucket {
    std::string name;
    std::optional<service::Versioning> versioning;  // kEnabled, kSuspended
    std::optional<codec::ObjectLockConfiguration> object_lock;
    std::optional<uint64_t> quota_bytes;
    std::optional<std::string> policy;  // JSON without white space
    std::optional<std::vector<codec::LifecycleRule>> lifecycle;
    std::optional<std::vector<codec::NotificationRule>> notifications;

    // CORS, encryption and tags, each as the document that is kept.
    std::vector<std::pair<service::SettingKind, std::string>> documents;
};

// Each kind in the order of the text.
struct Declaration {
    std::vector<DeclaredPolicy> policies;
    std::vector<DeclaredGroup> groups;
    std::vector<DeclaredUser> users;
    std::vector<DeclaredBucket> buckets;
    std::vector<std::string> webhooks;  // ids of those that are not switched off
};

// kInvalid: the message begins with the place ("buckets.photos.cors"), and says what would be
// right. Whatever a request that sets the same would be refused for is refused here, as far as that
// can be told without knowing what is there.
Result<Declaration> ParseDeclaration(const codec::JsonValue& document);

// The same document with what each user's `secret_key_file` holds in place of it, as `secret_key`;
// so that another process can read it. kInvalid, or the errors of reading a file, with the place.
Result<codec::JsonValue> WithSecrets(const codec::JsonValue& document);

// The settings of webhooks that the document has, as "<id>.<name>" and value: the server's, to be
// read when it starts. kInvalid, with the place.
Result<std::vector<std::pair<std::string, std::string>>> WebhooksOf(
    const codec::JsonValue& document);

}  // namespace coffer::app::bootstrap
