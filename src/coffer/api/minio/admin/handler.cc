#include "coffer/api/minio/admin/handler.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "coffer/api/global_values.h"
#include "coffer/api/minio/admin/call.h"
#include "coffer/api/minio/errors.h"
#include "coffer/base/log.h"
#include "coffer/codec/digest.h"
#include "coffer/codec/madmin.h"

namespace coffer::api::minio {
namespace {

constexpr size_t kMaxBodyBytes = 256_KiB;

constexpr AdminRoute kRoutes[] = {
    {"GET", "info", GetServerInfo},
    {"PUT", "add-user", AddUser},
    {"DELETE", "remove-user", RemoveUser},
    {"GET", "list-users", ListUsers},
    {"GET", "user-info", GetUserInfo},
    {"PUT", "set-user-status", SetUserStatus},
    {"PUT", "update-group-members", UpdateGroupMembers},
    {"GET", "group", GetGroup},
    {"GET", "groups", ListGroups},
    {"PUT", "set-group-status", SetGroupStatus},
    {"PUT", "add-canned-policy", AddPolicy},
    {"GET", "info-canned-policy", GetPolicy},
    {"GET", "list-canned-policies", ListPolicies},
    {"DELETE", "remove-canned-policy", RemovePolicy},
    {"POST", "idp/builtin/policy/attach", AttachPolicy},
    {"POST", "idp/builtin/policy/detach", DetachPolicy},
    {"GET", "idp/builtin/policy-entities", ListPolicyEntities},
    {"GET", "get-bucket-quota", GetBucketQuota},
    {"PUT", "set-bucket-quota", SetBucketQuota},
    {"PUT", "add-service-account", AddServiceAccount},
    {"POST", "update-service-account", UpdateServiceAccount},
    {"GET", "info-service-account", GetServiceAccount},
    {"GET", "info-access-key", GetAccessKey},
    {"GET", "list-service-accounts", ListServiceAccounts},
    {"GET", "list-access-keys-bulk", ListAccessKeys},
    {"DELETE", "delete-service-account", RemoveServiceAccount},
};

const AdminRoute* FindRoute(std::string_view method, std::string_view path) {
    path.remove_prefix(std::min(path.size(), kAdminPrefix.size()));
    // mc asks for version 3 or 4: these operations are the same in both.
    if (!path.starts_with("v3/") && !path.starts_with("v4/")) return nullptr;
    path.remove_prefix(3);
    const AdminRoute* const route = std::ranges::find_if(kRoutes, [&](const AdminRoute& each) {
        return each.method == method && each.path == path;
    });
    return route == std::end(kRoutes) ? nullptr : route;
}

// An error of the services as MinIO tells it.
struct Told {
    std::string_view from;
    std::string_view code;
    int status;
};
constexpr Told kTold[] = {
    {"AccessDenied", "AccessDenied", 403},
    {"DeleteConflict", "XMinioAdminPolicyInUse", 400},
    {"EntityAlreadyExists", "XMinioAdminInvalidArgument", 400},
    {"ExpiredToken", "ExpiredToken", 400},
    {"GroupNotEmpty", "XMinioAdminGroupNotEmpty", 400},
    {"InvalidAccessKeyId", "InvalidAccessKeyId", 403},
    {"InvalidToken", "InvalidToken", 403},
    {"MalformedPolicyDocument", "MalformedPolicy", 400},
    {"NoSuchAccessKey", "XMinioInvalidIAMCredentials", 404},
    {"NoSuchBucket", "NoSuchBucket", 404},
    {"NoSuchGroup", "XMinioAdminNoSuchGroup", 404},
    {"NoSuchPolicy", "XMinioAdminNoSuchPolicy", 404},
    {"NoSuchUser", "XMinioAdminNoSuchUser", 404},
    {"NotImplemented", "NotImplemented", 501},
    {"RequestTimeTooSkewed", "RequestTimeTooSkewed", 403},
    {"SignatureDoesNotMatch", "SignatureDoesNotMatch", 403},
    {"ValidationError", "XMinioAdminInvalidArgument", 400},
    {"XMinioAdminConfigBadJSON", "XMinioAdminConfigBadJSON", 400},
    {"XMinioAdminInvalidArgument", "XMinioAdminInvalidArgument", 400},
    {"XMinioAdminPolicyChangeAlreadyApplied", "XMinioAdminPolicyChangeAlreadyApplied", 400},
    {"XMinioInvalidIAMCredentials", "XMinioInvalidIAMCredentials", 404},
};

http::Response Refuse(const Error& error, const http::Request& request) {
    const Told* const told = std::ranges::find(kTold, error.code(), &Told::from);
    if (told != std::end(kTold) && !error.code().empty())
        return JsonError(told->status, told->code, error.message(), request);
    if (error.kind() == ErrorKind::kInvalid || error.kind() == ErrorKind::kTooLarge)
        return JsonError(400, "XMinioAdminInvalidArgument", error.message(), request);
    if (error.kind() == ErrorKind::kBusy)
        return JsonError(503, "SlowDown", "Please reduce your request rate.", request);
    Log(LogLevel::kError, "a request failed", {{"api", "admin"}, {"error", error.ToString()}});
    return JsonError(500, "InternalError", "We encountered an internal error.", request);
}

class AdminHandler final : public http::Handler {
  public:
    explicit AdminHandler(AdminDependencies dependencies) : deps_(std::move(dependencies)) {}

    Task<http::Response> Handle(http::Request& request) override {
        auto reply = co_await Answer(request);
        if (!reply) co_return Refuse(reply.error(), request);
        http::Response response;
        response.status = reply.value().no_content ? 204 : 200;
        response.headers.Set("Cache-Control", "no-store");
        if (reply.value().no_content) co_return response;
        response.headers.Set("Content-Type", reply.value().encrypted ? "application/octet-stream"
                                                                     : "application/json");
        response.body = std::move(reply.value().text);
        co_return response;
    }

  private:
    Task<Result<AdminReply>> Answer(http::Request& request) {
        const codec::Target target = codec::SplitTarget(request.target);
        const AdminRoute* const route = FindRoute(request.method, target.path);
        if (route == nullptr)
            co_return Error(
                ErrorKind::kUnsupported, "NotImplemented",
                "MinIO's admin API is not offered but for info, users, groups, policies, "
                "access keys and quotas.");
        CO_TRY(const codec::Query query, codec::Query::Parse(target.query.value_or("")));
        const Timestamp now = deps_.clock.Now();
        CO_TRY(const service::Claim claim,
               service::Claim::Read(request, query, "", deps_.authenticate));
        if (claim.access_key().empty())
            co_return Error(ErrorKind::kDenied, "AccessDenied", "Access Denied.");
        CO_TRY(const auto credential,
               co_await deps_.credentials.Find(claim.access_key(), claim.token()));
        CO_TRY(const service::Identity identity, claim.Prove(credential, now));
        if (!identity.actor->of_main_account())
            co_return Error(ErrorKind::kDenied, "AccessDenied",
                            "Accounts other than the server's own can't administer it.");
        CO_TRY(const std::string body, co_await runtime::ReadAll(*request.body, kMaxBodyBytes));
        if (identity.payload.sha256 && *identity.payload.sha256 != codec::Sha256(AsBytes(body)))
            co_return Error(ErrorKind::kDenied, "SignatureDoesNotMatch",
                            "The body of the request is not the one that was signed.");
        GlobalValues values(request, identity, deps_.authenticate.region, now);
        const AdminCall call{deps_, query, identity.actor, values, credential->secret, body};
        CO_TRY(AdminReply reply, co_await route->act(call));
        if (reply.encrypted) {
            CO_TRY(reply.text, co_await deps_.secrets.Run([&]() -> Result<std::string> {
                return codec::MadminEncrypt(credential->secret, reply.text);
            }));
        }
        co_return reply;
    }

    const AdminDependencies deps_;
};

}  // namespace

std::span<const AdminRoute> AdminRoutes() {
    return kRoutes;
}

std::unique_ptr<http::Handler> NewAdminHandler(AdminDependencies dependencies) {
    return std::make_unique<AdminHandler>(std::move(dependencies));
}

}  // namespace coffer::api::minio
