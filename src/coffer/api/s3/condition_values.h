// What policies ask of an S3 request: the values of condition keys ("aws:SourceIp", "s3:prefix").
//
// Source: the Service Authorization Reference, "Actions, resources, and condition keys for Amazon
// S3"; the IAM User Guide, "AWS global condition context keys".
#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "coffer/api/global_values.h"
#include "coffer/api/s3/request.h"
#include "coffer/base/clock.h"
#include "coffer/codec/policy/request.h"
#include "coffer/service/authenticate.h"
#include "coffer/service/types.h"

namespace coffer::api::s3 {

// For one request, on one thread. What it is made of outlives it.
class RequestValues final : public codec::policy::ValueSource {
  public:
    // `operation`: its name in the route table. `region`: of the server.
    RequestValues(const S3Request& request, const service::Identity& identity,
                  std::string_view operation, std::string_view region, Timestamp now)
        : request_(request),
          operation_(operation),
          now_(now),
          global_(request.http(), identity, region, now) {}

    // What the upload that the request continues was begun with: a part is encrypted so, and says
    // nothing of it itself.
    void ContinueUpload(std::optional<service::Encryption> encryption) {
        continues_upload_ = true;
        upload_encryption_ = std::move(encryption);
    }

    codec::policy::ConditionValues Find(const codec::policy::ConditionKey& key) override;

  private:
    const S3Request& request_;
    const std::string_view operation_;
    const Timestamp now_;
    GlobalValues global_;
    bool continues_upload_ = false;
    std::optional<service::Encryption> upload_encryption_;
};

}  // namespace coffer::api::s3
