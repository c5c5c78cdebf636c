// CreateAccessKey, ListAccessKeys, UpdateAccessKey, DeleteAccessKey. They are about keys of one's
// own: service accounts are MinIO's.
#include <fmt/format.h>

#include <algorithm>

#include "coffer/api/iam/operations.h"
#include "coffer/api/iam/write.h"
#include "coffer/codec/date.h"

namespace coffer::api::iam {
namespace {

using service::AccessKey;
using service::HolderKind;

std::string_view StatusOf(const AccessKey& key) {
    return key.enabled ? "Active" : "Inactive";
}

// A key of the user's own; what is somebody else's is not there.
Task<Result<std::string>> NeedOwnKey(const Call& call, std::string user) {
    CO_TRY(std::string id, call.Need("AccessKeyId"));
    auto key = co_await call.dependencies.access_keys.Get(id);
    if (!key && key.error().kind() != ErrorKind::kNotFound) co_return key.error();
    if (!key || key.value().user != user || key.value().service)
        co_return Error(ErrorKind::kNotFound, "NoSuchEntity",
                        fmt::format("The Access Key with id {} cannot be found.", id));
    co_return id;
}

}  // namespace

Task<Result<>> CreateAccessKey(const Call& call, codec::XmlWriter& xml) {
    if (!call.actor->may_make_keys())
        co_return Error(ErrorKind::kDenied, "AccessDenied", "Access Denied.");
    const std::string user = call.UserOrSelf();
    CO_TRY(co_await call.Authorize("iam:CreateAccessKey", HolderKind::kUser, user));
    CO_TRY(const auto pair, co_await call.dependencies.access_keys.Create({.user = user}));
    xml.Open("AccessKey")
        .Element("UserName", user)
        .Element("AccessKeyId", pair.access_key)
        .Element("Status", std::string_view("Active"))
        .Element("SecretAccessKey", pair.secret_key.Reveal())
        .Element("CreateDate", codec::FormatIso8601(pair.created))
        .Close();
    co_return Ok();
}

Task<Result<>> ListAccessKeys(const Call& call, codec::XmlWriter& xml) {
    const std::string user = call.UserOrSelf();
    CO_TRY(co_await call.Authorize("iam:ListAccessKeys", HolderKind::kUser, user));
    CO_TRY(const Paging paging, ParsePaging(call));
    CO_TRY(const auto keys, co_await call.dependencies.access_keys.List(user));
    std::vector<std::string> ids;
    for (const AccessKey& key : keys)
        if (!key.service) ids.push_back(key.access_key);
    WritePage(xml, "AccessKeyMetadata", paging, ids, [&](const std::string& id) {
        const AccessKey& key = *std::ranges::find(keys, id, &AccessKey::access_key);
        xml.Open("member")
            .Element("UserName", user)
            .Element("AccessKeyId", key.access_key)
            .Element("Status", StatusOf(key))
            .Element("CreateDate", codec::FormatIso8601(key.created))
            .Close();
    });
    co_return Ok();
}

Task<Result<>> UpdateAccessKey(const Call& call, codec::XmlWriter&) {
    const std::string user = call.UserOrSelf();
    CO_TRY(co_await call.Authorize("iam:UpdateAccessKey", HolderKind::kUser, user));
    CO_TRY(const std::string status, call.Need("Status"));
    if (status != "Active" && status != "Inactive")
        co_return Error(ErrorKind::kInvalid, "ValidationError",
                        "Status must be Active or Inactive.");
    CO_TRY(std::string id, co_await NeedOwnKey(call, user));
    co_return co_await call.dependencies.access_keys.Change(std::move(id),
                                                            {.enabled = status == "Active"});
}

Task<Result<>> DeleteAccessKey(const Call& call, codec::XmlWriter&) {
    const std::string user = call.UserOrSelf();
    CO_TRY(co_await call.Authorize("iam:DeleteAccessKey", HolderKind::kUser, user));
    CO_TRY(std::string id, co_await NeedOwnKey(call, user));
    co_return co_await call.dependencies.access_keys.Delete(std::move(id));
}

}  // namespace coffer::api::iam
