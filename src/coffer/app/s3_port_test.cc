#include "coffer/app/s3_port.h"

#include <gtest/gtest.h>

#include "tests/support/run_task.h"

namespace coffer::app {
namespace {

class Named final : public http::Handler {
  public:
    explicit Named(int status) : status_(status) {}
    Task<http::Response> Handle(http::Request&) override {
        http::Response response;
        response.status = status_;
        co_return response;
    }

  private:
    const int status_;
};

constexpr int kS3 = 1;
constexpr int kMinio = 2;
constexpr int kIam = 3;

int Ask(const std::string& target, const std::string& host, const std::string& method = "GET") {
    Named s3(kS3);
    Named minio(kMinio);
    Named iam(kIam);
    S3Port port(s3, minio, iam, {"s3.test"});
    http::Request request;
    request.method = method;
    request.target = target;
    request.headers.Add("Host", host);
    return testing::RunTask(port.Handle(request)).status;
}

TEST(S3Port, KnowsItsTenants) {
    EXPECT_EQ(Ask("/minio/health/live", "localhost:9000"), kMinio);
    EXPECT_EQ(Ask("/minio/health/live?x", "s3.test"), kMinio);
    EXPECT_EQ(Ask("/bucket/minio/health/live", "localhost:9000"), kS3);
    EXPECT_EQ(Ask("/minio", "localhost:9000"), kS3);
    EXPECT_EQ(Ask("/", "localhost:9000"), kS3);
}

TEST(S3Port, AFormToTheRootIsForIam) {
    EXPECT_EQ(Ask("/", "localhost:9000", "POST"), kIam);
    EXPECT_EQ(Ask("/?Action=x", "localhost:9000", "POST"), kIam);
    EXPECT_EQ(Ask("/bucket", "localhost:9000", "POST"), kS3);
    EXPECT_EQ(Ask("/", "bucket.s3.test", "POST"), kS3);
}

TEST(S3Port, APathBehindABucketsNameIsAKey) {
    EXPECT_EQ(Ask("/minio/health/live", "bucket.s3.test:9000"), kS3);
    EXPECT_EQ(Ask("/minio/health/live", "bucket.S3.TEST"), kS3);
    EXPECT_EQ(Ask("/minio/health/live", "buckets3.test"), kMinio);
    EXPECT_EQ(Ask("/minio/health/live", ".s3.test"), kMinio);
}

}  // namespace
}  // namespace coffer::app
