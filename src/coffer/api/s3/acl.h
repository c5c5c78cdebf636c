// The ACL that a request brings: in x-amz-acl, in x-amz-grant-*, or as a document.
#pragma once

#include "coffer/api/s3/call.h"
#include "coffer/service/acl_rules.h"

namespace coffer::api::s3 {

// Accounts as documents name them. Lives no longer than `accounts`.
class DirectoryNames final : public codec::AclNames {
  public:
    explicit DirectoryNames(const service::Accounts& accounts) : directory_(accounts.directory()) {}
    std::optional<std::string> AccountOf(std::string_view canonical_id) const override;
    Name NameOf(std::string_view account) const override;

  private:
    const std::shared_ptr<const service::AccountDirectory> directory_;
};

// What the headers ask for, on behalf of who sends the request; also where they ask for nothing.
// kInvalid "InvalidArgument": no canned ACL, no such account or group; "InvalidRequest": a canned
// ACL and grants; "UnresolvableGrantByEmailAddress".
Result<service::AclRequest> ParseAclHeaders(const Call& call);

// The same of a new object; who opens it to others than its owner and the bucket's needs to be
// allowed to set its ACL besides: kDenied "AccessDenied".
Task<Result<service::AclRequest>> AuthorizedAclHeaders(const Call& call);

}  // namespace coffer::api::s3
