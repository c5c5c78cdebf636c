// Quotas of buckets: what a write may add is decided where it becomes visible.
#include <gtest/gtest.h>

#include "coffer/codec/digest.h"
#include "coffer/codec/hex.h"
#include "coffer/service/buckets.h"
#include "coffer/service/uploads.h"

#include "tests/support/service_fixture.h"

namespace coffer::service {
namespace {

using ::coffer::testing::RunTask;
using ::coffer::testing::ServiceFixture;

constexpr std::string_view kExceeded = "XMinioAdminBucketQuotaExceeded";

class Quota : public ::testing::Test {
  protected:
    Quota() {
        fixture.MakeBucket("photos");
        SetQuota(10);
    }

    void SetQuota(uint64_t bytes) {
        EXPECT_TRUE(RunTask(Buckets(*fixture.core).SetQuota(kBucket, bytes)));
    }
    // "ok", or the code of the error.
    std::string Put(std::string_view key, size_t size) {
        const auto result = fixture.Put("photos", key, Content(key, size));
        return result ? "ok" : std::string(result.error().code());
    }
    static std::string Content(std::string_view key, size_t size) {
        return std::string(size, key.back());
    }
    std::string Copy(std::string_view from, std::string_view to) {
        const auto result = RunTask(
            fixture.objects().Copy({.source = {.bucket = kBucket, .key = ServiceFixture::Key(from)},
                                    .bucket = kBucket,
                                    .key = ServiceFixture::Key(to)}));
        return result ? "ok" : std::string(result.error().code());
    }

    ServiceFixture fixture;
    const BucketName kBucket = ServiceFixture::Bucket("photos");
};

TEST_F(Quota, IsToldWithTheBucket) {
    EXPECT_EQ(RunTask(Buckets(*fixture.core).Get(kBucket)).value().quota_bytes, 10U);
    SetQuota(0);
    EXPECT_EQ(RunTask(Buckets(*fixture.core).Get(kBucket)).value().quota_bytes, 0U);
    EXPECT_EQ(Put("a", 100), "ok");
    EXPECT_EQ(RunTask(Buckets(*fixture.core).SetQuota(ServiceFixture::Bucket("missing"), 1))
                  .error()
                  .code(),
              "NoSuchBucket");
}

TEST_F(Quota, IsFilledToTheLastByteAndNoFurther) {
    EXPECT_EQ(Put("a", 6), "ok");
    EXPECT_EQ(Put("b", 5), kExceeded);
    EXPECT_FALSE(fixture.Get("photos", "b"));
    EXPECT_EQ(fixture.StoredCopies(), 1U) << "the refused bytes are gone";
    EXPECT_EQ(Put("b", 4), "ok");
    EXPECT_EQ(Put("c", 1), kExceeded);
    EXPECT_EQ(Put("c", 0), "ok") << "nothing is added";
}

TEST_F(Quota, CountsWhatAWriteReplacesAndADeletionFrees) {
    EXPECT_EQ(Put("a", 10), "ok");
    EXPECT_EQ(Put("a", 9), "ok");
    EXPECT_EQ(Put("a", 11), kExceeded);
    EXPECT_EQ(fixture.Get("photos", "a").value(), Content("a", 9)) << "what was there stays";
    EXPECT_TRUE(fixture.Delete("photos", "a"));
    EXPECT_EQ(Put("b", 10), "ok");
}

TEST_F(Quota, CountsEveryVersion) {
    EXPECT_TRUE(RunTask(Buckets(*fixture.core).SetVersioning(kBucket, Versioning::kEnabled)));
    EXPECT_EQ(Put("a", 6), "ok");
    EXPECT_EQ(Put("a", 5), kExceeded);
    EXPECT_TRUE(fixture.Delete("photos", "a")) << "a delete marker has no bytes";
    EXPECT_EQ(Put("a", 5), kExceeded);
    EXPECT_EQ(Put("a", 4), "ok");
}

TEST_F(Quota, HoldsForCopies) {
    EXPECT_EQ(Put("a", 6), "ok");
    EXPECT_EQ(Copy("a", "b"), kExceeded);
    SetQuota(12);
    EXPECT_EQ(Copy("a", "b"), "ok");
    EXPECT_EQ(Copy("a", "c"), kExceeded);
    EXPECT_FALSE(fixture.Get("photos", "c"));
}

TEST_F(Quota, HoldsForCompletionsWhichMayBeTriedAgain) {
    const UploadInfo upload =
        RunTask(fixture.uploads().Create({.bucket = kBucket, .key = ServiceFixture::Key("m")}))
            .value();
    const UploadId id{kBucket, ServiceFixture::Key("m"), upload.upload_id};
    runtime::StringSource source(Content("m", 11));
    const auto part =
        RunTask(fixture.uploads().PutPart({.upload = id, .part_number = 1}, source)).value();
    const auto complete = [&] {
        const auto result = RunTask(fixture.uploads().Complete(
            {.upload = id, .parts = {{.number = 1, .etag = part.etag}}}));
        return result ? "ok" : std::string(result.error().code());
    };
    EXPECT_EQ(complete(), kExceeded);
    EXPECT_FALSE(fixture.Get("photos", "m"));
    SetQuota(11);
    EXPECT_EQ(complete(), "ok");
    EXPECT_EQ(fixture.Get("photos", "m").value(), Content("m", 11));
}

TEST_F(Quota, ThatIsLoweredKeepsWhatIsThere) {
    EXPECT_EQ(Put("a", 8), "ok");
    SetQuota(5);
    EXPECT_EQ(fixture.Get("photos", "a").value(), Content("a", 8));
    EXPECT_EQ(Put("b", 1), kExceeded);
    EXPECT_EQ(Put("a", 7), "ok") << "it shrinks";
    EXPECT_EQ(Put("a", 8), kExceeded);
}

TEST_F(Quota, RefusesWhatCannotFitBeforeItIsRead) {
    PutRequest request{kBucket, ServiceFixture::Key("a"), {}, {.size_bytes = 11}, {}};
    class Unread final : public ByteSource {
        Task<Result<size_t>> Read(ByteSpan) override {
            ADD_FAILURE() << "the body was read";
            co_return size_t{0};
        }
    } body;
    EXPECT_EQ(RunTask(fixture.objects().Put(request, body)).error().code(), kExceeded);
}

}  // namespace
}  // namespace coffer::service
