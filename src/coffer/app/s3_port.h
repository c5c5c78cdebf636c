// The S3 port's two tenants: S3, and MinIO's own paths.
#pragma once

#include <string>
#include <vector>

#include "coffer/http/message.h"

namespace coffer::app {

// Gives "/minio/…" to `minio` and everything else to `s3`, both of which outlive it. Where the Host
// header names a bucket of one of `domains`, "/minio/x" is an object's key, and S3's.
class S3Port final : public http::Handler {
  public:
    S3Port(http::Handler& s3, http::Handler& minio, std::vector<std::string> domains);

    Task<http::Response> Handle(http::Request& request) override;

  private:
    bool NamesBucketByHost(const http::Request& request) const;

    http::Handler& s3_;
    http::Handler& minio_;
    const std::vector<std::string> domains_;
};

}  // namespace coffer::app
