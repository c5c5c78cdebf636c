// Whose buckets, objects and uploads are, as replies tell it.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "coffer/api/s3/call.h"
#include "coffer/codec/xml.h"

namespace coffer::api::s3 {

// For one reply, on one thread.
class Owners {
  public:
    // `bucket_owner`: the id of the account whose the bucket is.
    Owners(const Call& call, std::string bucket_owner)
        : directory_(call.dependencies.accounts.directory()),
          bucket_owner_(std::move(bucket_owner)) {}

    // <Owner> of an object or an upload that is an account's; empty: the bucket owner's.
    void WriteOwner(codec::XmlWriter& xml, std::string_view account);

    // <Initiator>: who began an upload, by ARN; an account's root is told as an owner is. Empty, an
    // anonymous request: the bucket's owner.
    void WriteInitiator(codec::XmlWriter& xml, const std::string& arn);

  private:
    const service::AccountInfo& Find(std::string_view account);

    const std::shared_ptr<const service::AccountDirectory> directory_;
    const std::string bucket_owner_;
    std::map<std::string, service::AccountInfo, std::less<>> known_;
};

}  // namespace coffer::api::s3
