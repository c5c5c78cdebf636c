#include "coffer/api/minio/request_stats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace coffer::api::minio {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

service::RequestRecord Record(std::string_view api, std::string_view bucket, int status) {
    service::RequestRecord record;
    record.api = api;
    record.bucket = bucket;
    record.status = status;
    record.code = status < 400 ? "" : "NoSuchKey";
    record.bytes_received = 10;
    record.bytes_sent = 100;
    record.first_byte = std::chrono::milliseconds(60);
    return record;
}

class RequestStatsTest : public ::testing::Test {
  protected:
    void Serve(const service::RequestRecord& record) {
        stats_.Begin(record.api, record.bucket);
        stats_.End(record);
    }
    std::string Scrape(const std::set<std::string>& buckets = {}) {
        runtime::Exposition page;
        registry_.Collect(page);
        stats_.CollectBuckets(page, buckets);
        return page.Render();
    }

    runtime::Registry registry_;
    RequestStats stats_{registry_};
};

TEST_F(RequestStatsTest, CountsByTheNamesOfMinio) {
    Serve(Record("GetObject", "b", 200));
    Serve(Record("GetObject", "b", 404));
    Serve(Record("CreateBucket", "b", 500));
    stats_.Begin("UploadPart", "b");
    const std::string text = Scrape();
    EXPECT_THAT(text, HasSubstr("minio_s3_requests_total{api=\"getobject\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("minio_s3_requests_4xx_errors_total{api=\"getobject\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("minio_s3_requests_5xx_errors_total{api=\"putbucket\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("minio_s3_requests_inflight_total{api=\"putobjectpart\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("minio_s3_traffic_received_bytes 30\n"));
    EXPECT_THAT(text, HasSubstr("minio_s3_traffic_sent_bytes 300\n"));
    EXPECT_THAT(text, HasSubstr("coffer_s3_errors_total{code=\"NoSuchKey\"} 2\n"));
}

TEST_F(RequestStatsTest, TimeToFirstByteIsCumulative) {
    Serve(Record("GetObject", "", 200));
    const std::string text = Scrape();
    const std::string name = "minio_s3_requests_ttfb_seconds_distribution{api=\"getobject\",le=";
    EXPECT_THAT(text, HasSubstr(name + "\"0.050\"} 0\n"));
    EXPECT_THAT(text, HasSubstr(name + "\"0.100\"} 1\n"));
    EXPECT_THAT(text, HasSubstr(name + "\"+Inf\"} 1\n"));
}

TEST_F(RequestStatsTest, CanceledAndRejectedRequestsHaveCountsOfTheirOwn) {
    service::RequestRecord canceled = Record("PutObject", "b", 200);
    canceled.canceled = true;
    Serve(canceled);
    service::RequestRecord rejected = Record("PutObject", "b", 403);
    rejected.rejection = service::Rejection::kTimestamp;
    Serve(rejected);
    const std::string text = Scrape();
    EXPECT_THAT(text, HasSubstr("minio_s3_requests_canceled_total{api=\"putobject\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("minio_s3_requests_rejected_timestamp_total 1\n"));
    EXPECT_THAT(text, HasSubstr("minio_s3_requests_rejected_auth_total 0\n"));
}

TEST_F(RequestStatsTest, BucketsThatDoNotExistAreNotShownAndNotKept) {
    Serve(Record("GetObject", "real", 200));
    Serve(Record("GetObject", "invented", 404));
    const std::string text = Scrape({"real", "invented"});
    EXPECT_THAT(text,
                HasSubstr("minio_bucket_requests_total{api=\"getobject\",bucket=\"real\"} 1"));
    EXPECT_THAT(text, HasSubstr("minio_bucket_traffic_sent_bytes{bucket=\"real\"} 100"));
    EXPECT_THAT(text, Not(HasSubstr("invented"))) << "nothing ever succeeded there";
    EXPECT_THAT(Scrape({}), Not(HasSubstr("bucket=\"real\""))) << "it was deleted";
    EXPECT_THAT(Scrape({"real"}), Not(HasSubstr("bucket=\"real\""))) << "it is a new one";
}

TEST_F(RequestStatsTest, ThreadsAddUp) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 20; ++i)
        threads.emplace_back([this] {
            for (int n = 0; n < 50; ++n)
                Serve(Record("HeadObject", "b", 200));
        });
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_THAT(Scrape({"b"}),
                HasSubstr("minio_bucket_requests_total{api=\"headobject\",bucket=\"b\"} 1000\n"));
    EXPECT_THAT(Scrape(), HasSubstr("minio_s3_requests_inflight_total{api=\"headobject\"} 0\n"));
}

}  // namespace
}  // namespace coffer::api::minio
