// GetBucketAcl, PutBucketAcl, GetObjectAcl, PutObjectAcl; and ACLs in headers.
#include "coffer/api/s3/acl.h"

#include <utility>

#include "coffer/api/s3/authorize.h"
#include "coffer/api/s3/content.h"
#include "coffer/api/s3/find_object.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/parameters.h"
#include "coffer/api/s3/reply.h"

namespace coffer::api::s3 {
namespace {

constexpr std::pair<std::string_view, codec::AclPermission> kGrantHeaders[] = {
    {"x-amz-grant-read", codec::AclPermission::kRead},
    {"x-amz-grant-write", codec::AclPermission::kWrite},
    {"x-amz-grant-read-acp", codec::AclPermission::kReadAcp},
    {"x-amz-grant-write-acp", codec::AclPermission::kWriteAcp},
    {"x-amz-grant-full-control", codec::AclPermission::kFullControl}};

Error InvalidRequest(std::string message) {
    return Error(ErrorKind::kInvalid, "InvalidRequest", std::move(message));
}

// What a PutBucketAcl or PutObjectAcl asks for: in headers, or in its document.
Task<Result<service::AclRequest>> ReadAclRequest(Call& call) {
    CO_TRY(service::AclRequest request, ParseAclHeaders(call));
    if (call.body_length == 0) {
        if (request.asks()) co_return request;
        co_return Error(ErrorKind::kInvalid, "MissingSecurityHeader", "");
    }
    CO_TRY(const std::string document, co_await ReadDocument(call, kMaxConfigurationBytes));
    if (request.asks()) co_return Error(ErrorKind::kInvalid, "UnexpectedContent", "");
    CO_TRY(codec::Acl acl, codec::ParseAcl(document, DirectoryNames(call.dependencies.accounts)));
    request.owner = std::move(acl.owner);
    request.grants = std::move(acl.grants);
    co_return request;
}

http::Response AclReply(const Call& call, const codec::Acl& acl) {
    return XmlReply(codec::WriteAcl(acl, DirectoryNames(call.dependencies.accounts)));
}

// Whether an object with it can be read or changed only by who writes it and the bucket's owner.
bool StaysBetweenOwners(const service::AclRequest& request) {
    if (request.grants) return false;
    switch (request.canned.value_or(codec::CannedAcl::kPrivate)) {
        case codec::CannedAcl::kPrivate:
        case codec::CannedAcl::kAwsExecRead:
        case codec::CannedAcl::kBucketOwnerRead:
        case codec::CannedAcl::kBucketOwnerFullControl:
            return true;
        default:
            return false;
    }
}

}  // namespace

std::optional<std::string> DirectoryNames::AccountOf(std::string_view canonical_id) const {
    const service::AccountInfo* const account = directory_->FindCanonical(canonical_id);
    if (account == nullptr) return std::nullopt;
    return account->id;
}

codec::AclNames::Name DirectoryNames::NameOf(std::string_view account) const {
    service::AccountInfo info = directory_->Describe(account);
    return {std::move(info.canonical_id), std::move(info.name)};
}

Result<service::AclRequest> ParseAclHeaders(const Call& call) {
    service::AclRequest request{.account = call.actor().principal.account};
    if (const auto name = call.request.Header("x-amz-acl")) {
        request.canned = codec::ParseCannedAcl(*name);
        if (!request.canned)
            return Error(ErrorKind::kInvalid, "InvalidArgument", "x-amz-acl is not a canned ACL");
    }
    std::vector<codec::AclGrant> grants;
    bool granted = false;
    for (const auto& [header, permission] : kGrantHeaders) {
        const auto value = call.request.Header(header);
        if (!value) continue;
        granted = true;
        TRY(codec::ParseGrantHeader(*value, permission, DirectoryNames(call.dependencies.accounts),
                                    grants));
    }
    if (granted && request.canned)
        return InvalidRequest("Specifying both Canned ACLs and Header Grants is not allowed");
    if (granted) request.grants = std::move(grants);
    return request;
}

Task<Result<service::AclRequest>> AuthorizedAclHeaders(const Call& call) {
    CO_TRY(service::AclRequest request, ParseAclHeaders(call));
    if (!request.asks() || StaysBetweenOwners(request)) co_return request;
    CO_TRY(co_await Authorize(call, {.action = "s3:PutObjectAcl",
                                     .bucket = call.bucket().text(),
                                     .key = call.key().bytes(),
                                     .of_new_object = true}));
    co_return request;
}

Task<Reply> GetBucketAcl(Call& call) {
    CO_TRY(const codec::Acl acl, co_await call.dependencies.buckets.GetAcl(call.bucket()));
    co_return AclReply(call, acl);
}

Task<Reply> PutBucketAcl(Call& call) {
    CO_TRY(auto request, co_await ReadAclRequest(call));
    CO_TRY(co_await call.dependencies.buckets.SetAcl(call.bucket(), std::move(request)));
    co_return EmptyReply(200);
}

Task<Reply> GetObjectAcl(Call& call) {
    CO_TRY(auto object, NamedBy(call));
    CO_TRY(const codec::Acl acl, co_await call.dependencies.objects.GetAcl(std::move(object)));
    co_return AclReply(call, acl);
}

Task<Reply> PutObjectAcl(Call& call) {
    CO_TRY(auto object, NamedBy(call));
    CO_TRY(auto request, co_await ReadAclRequest(call));
    CO_TRY(co_await call.dependencies.objects.SetAcl(std::move(object), std::move(request),
                                                     call.origin));
    co_return EmptyReply(200);
}

}  // namespace coffer::api::s3
