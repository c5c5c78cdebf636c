// What policies ask of any request, whichever API it is for: the time, where it comes from, how it
// was signed. Pure.
//
// Source: the IAM User Guide, "AWS global condition context keys"; the Service Authorization
// Reference for s3:authType, s3:signatureversion and s3:signatureAge.
#pragma once

#include <string_view>

#include "coffer/base/clock.h"
#include "coffer/codec/policy/request.h"
#include "coffer/http/message.h"
#include "coffer/service/authenticate.h"

namespace coffer::api {

// For one request, on one thread. What it is made of outlives it.
class GlobalValues final : public codec::policy::ValueSource {
  public:
    // `region`: of the server.
    GlobalValues(const http::Request& request, const service::Identity& identity,
                 std::string_view region, Timestamp now)
        : request_(request), identity_(identity), region_(region), now_(now) {}

    // aws:SourceIp is the address that the connection comes from: what a header says of others on
    // the way, anybody can say.
    codec::policy::ConditionValues Find(const codec::policy::ConditionKey& key) override;

  private:
    const http::Request& request_;
    const service::Identity& identity_;
    const std::string_view region_;
    const Timestamp now_;
};

}  // namespace coffer::api
