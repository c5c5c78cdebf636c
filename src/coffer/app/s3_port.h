// The S3 port's three tenants: S3, MinIO's own paths, and IAM with STS.
#pragma once

#include <string>
#include <vector>

#include "coffer/http/message.h"

namespace coffer::app {

// Gives "/minio/…" to `minio`, a POST to "/" to `iam` and everything else to `s3`, all of which
// outlive it. Where the Host header names a bucket of one of `domains`, "/minio/x" is an object's
// key and a POST to "/" a form's, and both S3's.
class S3Port final : public http::Handler {
  public:
    S3Port(http::Handler& s3, http::Handler& minio, http::Handler& iam,
           std::vector<std::string> domains);

    Task<http::Response> Handle(http::Request& request) override;

  private:
    bool NamesBucketByHost(const http::Request& request) const;

    http::Handler& s3_;
    http::Handler& minio_;
    http::Handler& iam_;
    const std::vector<std::string> domains_;
};

}  // namespace coffer::app
