// MinIO's admin API, as far as it is about the server's state, users, groups, policies, access keys
// and quotas: what `mc admin info`, `user`, `group`, `policy` and `accesskey`, and `mc quota` call,
// below /minio/admin/v3/ (and /v4/) on the S3 port.
//
// Source: madmin-go v3 for paths, parameters and JSON; MinIO for the action that each asks for.
// docs/users.md and docs/minio.md list the commands.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "coffer/base/clock.h"
#include "coffer/http/message.h"
#include "coffer/os/file_system.h"
#include "coffer/runtime/blocking_pool.h"
#include "coffer/service/access.h"
#include "coffer/service/authenticate.h"
#include "coffer/service/buckets.h"
#include "coffer/service/core.h"
#include "coffer/service/iam/access_keys.h"
#include "coffer/service/iam/holders.h"
#include "coffer/service/iam/policies.h"

namespace coffer::api::minio {

inline constexpr std::string_view kAdminPrefix = "/minio/admin/";

// What a server tells of itself.
struct AdminServer {
    os::FileSystem& files;
    std::string data_directory;  // whose disk it is
    std::string version;         // of the program
    Timestamp started;
    std::function<std::string()> address;  // "127.0.0.1:9000"
};

// All but `authenticate` and `server` outlive the handler.
struct AdminDependencies {
    service::Core& core;
    service::Holders& holders;
    service::Policies& policies;
    service::AccessKeys& access_keys;
    service::Buckets& buckets;
    service::Access& access;
    service::Credentials& credentials;
    const Clock& clock;
    runtime::BlockingPool& secrets;  // where payloads are encrypted and decrypted
    service::AuthenticateOptions authenticate;
    AdminServer server;
};

// For paths that begin with kAdminPrefix. Its Handle may be called from any thread.
std::unique_ptr<http::Handler> NewAdminHandler(AdminDependencies dependencies);

}  // namespace coffer::api::minio
