#include "coffer/api/minio/handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coffer/api/minio/node_metrics.h"

#include "tests/support/service_fixture.h"

namespace coffer::api::minio {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class AdminStub final : public http::Handler {
  public:
    Task<http::Response> Handle(http::Request&) override {
        http::Response response;
        response.status = 299;
        co_return response;
    }
};

class MinioHandlerTest : public ::testing::Test {
  protected:
    MinioHandlerTest() { AddNodeMetrics(registry_, services_.files, {"1.2.3", "/data"}); }

    http::Response Ask(const std::string& method, const std::string& target,
                       bool second_port = false, bool metrics_public = true) {
        const MinioDependencies dependencies{*services_.core,
                                             credentials_,
                                             access_,
                                             registry_,
                                             requests_,
                                             admin_,
                                             {metrics_public, [] { return "here:9000"; }}};
        const std::unique_ptr<http::Handler> handler =
            second_port ? NewSecondPortHandler(dependencies) : NewMinioHandler(dependencies);
        http::Request request;
        request.method = method;
        request.target = target;
        return testing::RunTask(handler->Handle(request));
    }
    static std::string Text(const http::Response& response) {
        const auto* text = std::get_if<std::string>(&response.body);
        return text == nullptr ? "" : *text;
    }

    testing::ServiceFixture services_;
    const codec::Seal seal_{{}};
    service::Credentials credentials_{"root-user", Secret("root-password"), *services_.database,
                                      seal_};
    service::Access access_{*services_.core};
    AdminStub admin_;
    runtime::Registry registry_;
    RequestStats requests_{registry_};
};

TEST_F(MinioHandlerTest, HealthAnswersOnBothPortsToGetAndHead) {
    for (const bool second_port : {false, true})
        for (const char* method : {"GET", "HEAD"})
            for (const char* what : {"live", "ready", "cluster", "cluster/read"}) {
                const http::Response response =
                    Ask(method, std::string("/minio/health/") + what, second_port);
                EXPECT_EQ(response.status, 200) << method << " " << what;
                EXPECT_EQ(Text(response), "");
            }
}

TEST_F(MinioHandlerTest, ClusterHealthNamesTheQuorumOfOneDrive) {
    EXPECT_EQ(Ask("GET", "/minio/health/cluster").headers.Get("x-minio-write-quorum"), "1");
    EXPECT_EQ(Ask("GET", "/minio/health/cluster/read").headers.Get("x-minio-read-quorum"), "1");
    EXPECT_FALSE(Ask("GET", "/minio/health/live").headers.Has("x-minio-write-quorum"));
}

TEST_F(MinioHandlerTest, TheOnlyServerCanNotBeTakenAwayForMaintenance) {
    EXPECT_EQ(Ask("GET", "/minio/health/cluster?maintenance=true").status, 412);
    EXPECT_EQ(Ask("HEAD", "/minio/health/cluster/read?maintenance=true").status, 412);
    EXPECT_EQ(Ask("GET", "/minio/health/cluster?maintenance=false").status, 200);
    EXPECT_EQ(Ask("GET", "/minio/health/live?maintenance=true").status, 200);
}

TEST_F(MinioHandlerTest, OtherMethodsAndPathsAreRefused) {
    EXPECT_EQ(Ask("POST", "/minio/health/live").status, 405);
    EXPECT_EQ(Ask("GET", "/minio/health/nonsense").status, 404);
    EXPECT_EQ(Ask("DELETE", "/minio/v2/metrics/cluster").status, 405);
}

TEST_F(MinioHandlerTest, TheAdminApiIsOnTheS3PortAlone) {
    EXPECT_EQ(Ask("GET", "/minio/admin/v3/list-users").status, 299);
    EXPECT_EQ(Ask("GET", "/minio/admin/v3/list-users", true).status, 404);
}

TEST_F(MinioHandlerTest, TheKeyServersApiSaysThatItIsNotOffered) {
    const http::Response response = Ask("GET", "/minio/kms/v1/status");
    EXPECT_EQ(response.status, 501);
    EXPECT_EQ(response.headers.Get("Content-Type"), "application/json");
    EXPECT_THAT(Text(response), HasSubstr("\"Code\":\"NotImplemented\""));
    EXPECT_EQ(Ask("GET", "/minio/metrics/v3/api/requests").status, 501);
    const http::Response nothing = Ask("GET", "/minio/<x>");
    EXPECT_EQ(nothing.status, 404);
    EXPECT_THAT(Text(nothing), HasSubstr("<Code>NoSuchKey</Code>"));
}

TEST_F(MinioHandlerTest, MetricsCountWhatIsThere) {
    services_.MakeBucket("empty-one");
    services_.MakeBucket("photos");
    ASSERT_TRUE(services_.Put("photos", "a", "12345"));
    ASSERT_TRUE(services_.Put("photos", "b", std::string(100'000, 'x')));

    const http::Response cluster = Ask("GET", "/minio/v2/metrics/cluster");
    EXPECT_EQ(cluster.status, 200);
    EXPECT_THAT(std::string(*cluster.headers.Get("Content-Type")),
                StartsWith("text/plain; version=0.0.4"));
    const std::string text = Text(cluster);
    EXPECT_THAT(text, HasSubstr("minio_cluster_bucket_total{server=\"here:9000\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("minio_cluster_usage_object_total{server=\"here:9000\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("minio_cluster_usage_total_bytes{server=\"here:9000\"} 100005\n"));
    EXPECT_THAT(text, HasSubstr("minio_cluster_drive_online_total{server=\"here:9000\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("minio_software_version_info{version=\"1.2.3\""));
    EXPECT_THAT(text, HasSubstr("object_total Objects, each of their versions counted\n"));
    EXPECT_THAT(text, Not(HasSubstr("minio_bucket_")));

    const std::string buckets = Text(Ask("GET", "/minio/v2/metrics/bucket"));
    EXPECT_THAT(
        buckets,
        HasSubstr("minio_bucket_usage_total_bytes{bucket=\"photos\",server=\"here:9000\"} 100005"));
    EXPECT_THAT(
        buckets,
        HasSubstr("minio_bucket_usage_object_total{bucket=\"empty-one\",server=\"here:9000\"} 0"));
    EXPECT_THAT(buckets,
                HasSubstr("{bucket=\"photos\",range=\"LESS_THAN_1024_B\",server=\"here:9000\"} 1"));
    EXPECT_THAT(
        buckets,
        HasSubstr("{bucket=\"photos\",range=\"BETWEEN_64_KB_AND_256_KB\",server=\"here:9000\"} 1"));
    EXPECT_THAT(
        buckets,
        HasSubstr("{bucket=\"photos\",range=\"BETWEEN_1024B_AND_1_MB\",server=\"here:9000\"} 1"));
    EXPECT_THAT(buckets, Not(HasSubstr("objects_version_distribution")));
    EXPECT_THAT(buckets, Not(HasSubstr("minio_cluster_")));

    const std::string node = Text(Ask("GET", "/minio/v2/metrics/node"));
    EXPECT_THAT(node,
                HasSubstr("minio_node_drive_total_bytes{drive=\"/data\",server=\"here:9000\"}"));
    EXPECT_THAT(node, HasSubstr("minio_node_process_resident_memory_bytes{"));
    EXPECT_THAT(Text(Ask("GET", "/minio/v2/metrics/resource")), HasSubstr("minio_node_mem_total{"));
}

TEST_F(MinioHandlerTest, MetricsNeedATokenUnlessTheyArePublic) {
    const http::Response response = Ask("GET", "/minio/v2/metrics/cluster", false, false);
    EXPECT_EQ(response.status, 403);
    EXPECT_THAT(Text(response), HasSubstr("\"Code\":\"AccessDenied\""));
    EXPECT_EQ(Ask("GET", "/metrics", true, false).status, 403);
}

TEST_F(MinioHandlerTest, TheSecondPortShowsAllMetricsAndSaysThatThereIsNoConsole) {
    const std::string text = Text(Ask("GET", "/metrics", true));
    EXPECT_THAT(text, HasSubstr("coffer_build_info"));
    EXPECT_THAT(text, HasSubstr("minio_cluster_bucket_total"));
    const http::Response login = Ask("GET", "/login", true);
    EXPECT_EQ(login.status, 404);
    EXPECT_EQ(login.headers.Get("Content-Type"), "application/problem+json");
    EXPECT_THAT(Text(login), HasSubstr("\"title\":\"Not Found\""));
    EXPECT_THAT(Text(login), HasSubstr("There is no console yet"));
}

TEST(IsMinioPath, LeavesTheBucketOfThatNameToS3) {
    EXPECT_TRUE(IsMinioPath("/minio/health/live"));
    EXPECT_FALSE(IsMinioPath("/minio"));
    EXPECT_FALSE(IsMinioPath("/minio/"));
    EXPECT_FALSE(IsMinioPath("/minion/x"));
    EXPECT_FALSE(IsMinioPath("/MINIO/x"));
}

}  // namespace
}  // namespace coffer::api::minio
