#include "coffer/service/versions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coffer/catalog/buckets.h"
#include "coffer/catalog/versions.h"

#include "tests/support/service_fixture.h"

namespace coffer::service {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::RunTask;
using testing::ServiceFixture;

class VersionsTest : public ::testing::Test {
  protected:
    VersionsTest() {
        fixture.MakeBucket("photos");
        Set(Versioning::kEnabled);
    }

    void Set(Versioning versioning) {
        ASSERT_TRUE(RunTask(Buckets(*fixture.core).SetVersioning(kBucket, versioning)));
    }
    std::string Put(std::string_view key, std::string body) {
        return fixture.Put("photos", key, std::move(body)).value().version_id;
    }
    Result<std::string> Get(std::string_view key, std::optional<std::string> version_id = {}) {
        return fixture.Get({.bucket = kBucket,
                            .key = ServiceFixture::Key(key),
                            .version_id = std::move(version_id)});
    }
    Result<DeleteResult> Delete(std::string_view key, std::optional<std::string> version_id = {}) {
        return RunTask(fixture.objects().Delete({.bucket = kBucket,
                                                 .key = ServiceFixture::Key(key),
                                                 .version_id = std::move(version_id)}));
    }
    ListVersionsResult List(ListVersionsRequest request) {
        return RunTask(fixture.objects().ListVersions(std::move(request))).value();
    }
    // "key=id", those of delete markers with a '!', the latest with a '*' behind it.
    std::vector<std::string> Versions(ListVersionsRequest request) {
        std::vector<std::string> texts;
        for (const ListedVersion& version : List(std::move(request)).versions) {
            texts.push_back(std::string(version.key) + "=" + std::string(version.version_id) +
                            (version.is_delete_marker ? "!" : "") + (version.is_latest ? "*" : ""));
        }
        return texts;
    }
    std::vector<std::string> Versions() { return Versions({.bucket = kBucket}); }
    std::vector<std::string> Keys(size_t limit = 1000) {
        std::vector<std::string> keys;
        ListRequest request{.bucket = kBucket, .limit = limit};
        for (bool more = true; more;) {
            const ListResult page = RunTask(fixture.objects().List(request)).value();
            for (const ListedVersion& object : page.objects)
                keys.emplace_back(object.key);
            more = page.truncated;
            request.after = page.last;
        }
        return keys;
    }

    const BucketName kBucket = ServiceFixture::Bucket("photos");
    ServiceFixture fixture;
};

TEST_F(VersionsTest, AreAllKeptAndReadByTheirIds) {
    const std::string first = Put("a", "1");
    const std::string second = Put("a", "2");
    EXPECT_EQ(Get("a").value(), "2");
    EXPECT_EQ(Get("a", first).value(), "1");
    EXPECT_EQ(Get("a", second).value(), "2");
    EXPECT_EQ(Get("b", first).error().code(), "NoSuchVersion");
    EXPECT_EQ(Get("a", "null").error().code(), "NoSuchVersion");
    EXPECT_THAT(Versions(), ElementsAre("a=" + second + "*", "a=" + first));
}

TEST_F(VersionsTest, OfTheSameContentShareItsBytes) {
    const std::string first = Put("a", "same");
    const std::string second = Put("a", "same");
    Put("b", "same");
    EXPECT_EQ(fixture.StoredCopies(), 1U);
    ASSERT_TRUE(Delete("a", first));
    ASSERT_TRUE(Delete("a", second));
    EXPECT_EQ(fixture.StoredCopies(), 1U);
    EXPECT_EQ(Get("b").value(), "same");
}

TEST_F(VersionsTest, LieUnderADeleteMarkerUntilThatIsDeleted) {
    const std::string version = Put("a", "1");
    const DeleteResult deleted = Delete("a").value();
    EXPECT_TRUE(deleted.delete_marker);
    EXPECT_EQ(Get("a").error().code(), "NoSuchKey");
    EXPECT_EQ(Get("a", version).value(), "1");
    EXPECT_EQ(Get("a", deleted.version_id).error().code(), "MethodNotAllowed");
    EXPECT_THAT(Keys(), IsEmpty());
    EXPECT_THAT(Versions(), ElementsAre("a=" + deleted.version_id + "!*", "a=" + version));

    EXPECT_TRUE(Delete("a", deleted.version_id).value().delete_marker);
    EXPECT_EQ(Get("a").value(), "1");
    EXPECT_THAT(Keys(), ElementsAre("a"));
}

TEST_F(VersionsTest, OnceTheLatestIsDeletedTheNextIsCurrent) {
    const std::string first = Put("a", "1");
    const std::string second = Put("a", "2");
    EXPECT_FALSE(Delete("a", second).value().delete_marker);
    EXPECT_EQ(Get("a").value(), "1");
    EXPECT_THAT(Versions(), ElementsAre("a=" + first + "*"));
    ASSERT_TRUE(Delete("a", first));
    EXPECT_EQ(Get("a").error().code(), "NoSuchKey");
    EXPECT_EQ(fixture.StoredCopies(), 0U);
    EXPECT_TRUE(Delete("a", first)) << "what is gone can be deleted once more";
}

TEST_F(VersionsTest, OfWhatWasNeverThereCanBeADeleteMarker) {
    const std::string id = Delete("a").value().version_id;
    EXPECT_THAT(Versions(), ElementsAre("a=" + id + "!*"));
    EXPECT_EQ(RunTask(Buckets(*fixture.core).Delete(kBucket)).error().code(), "BucketNotEmpty");
    ASSERT_TRUE(Delete("a", id));
    EXPECT_TRUE(RunTask(Buckets(*fixture.core).Delete(kBucket)));
}

TEST_F(VersionsTest, ThatAreNullAreReplacedWhileVersioningIsSuspended) {
    const std::string kept = Put("a", "kept");
    Set(Versioning::kSuspended);
    EXPECT_EQ(Put("a", "null 1"), "");
    EXPECT_EQ(Put("a", "null 2"), "");
    EXPECT_EQ(fixture.StoredCopies(), 2U);
    EXPECT_THAT(Versions(), ElementsAre("a=null*", "a=" + kept));
    const DeleteResult deleted = Delete("a").value();
    EXPECT_TRUE(deleted.delete_marker);
    EXPECT_EQ(deleted.version_id, "null");
    EXPECT_EQ(fixture.StoredCopies(), 1U) << "the null version's bytes are gone";
    EXPECT_THAT(Versions(), ElementsAre("a=null!*", "a=" + kept));
    EXPECT_EQ(Get("a", "null").error().code(), "MethodNotAllowed");
    EXPECT_EQ(Put("a", "null 3"), "");
    Set(Versioning::kEnabled);
    const std::string newest = Put("a", "newest");
    Set(Versioning::kSuspended);
    Put("a", "null 4");
    EXPECT_THAT(Versions(), ElementsAre("a=null*", "a=" + newest, "a=" + kept))
        << "the one that lay deeper is replaced, too";
}

TEST_F(VersionsTest, FromBeforeVersioningAreNull) {
    fixture.MakeBucket("old");
    const BucketName old = ServiceFixture::Bucket("old");
    ASSERT_TRUE(fixture.Put("old", "a", "before"));
    ASSERT_TRUE(RunTask(Buckets(*fixture.core).SetVersioning(old, Versioning::kEnabled)));
    ASSERT_TRUE(fixture.Put("old", "a", "after"));
    const GetRequest null{.bucket = old, .key = ServiceFixture::Key("a"), .version_id = "null"};
    EXPECT_EQ(fixture.Get(null).value(), "before");
    ASSERT_TRUE(RunTask(Buckets(*fixture.core).SetVersioning(old, Versioning::kSuspended)));
    ASSERT_TRUE(fixture.Put("old", "a", "in its place"));
    EXPECT_EQ(fixture.Get(null).value(), "in its place");
    EXPECT_EQ(fixture.StoredCopies(), 2U);
}

TEST_F(VersionsTest, ConditionsAreAboutTheCurrentOneOrTheOneThatIsNamed) {
    const PutResult put = fixture.Put("photos", "a", "1").value();
    const auto remove = [&](auto change) {
        DeleteRequest request{.bucket = kBucket, .key = ServiceFixture::Key("a")};
        change(request);
        return RunTask(fixture.objects().Delete(request));
    };
    const auto refused = [](const Result<DeleteResult>& result) {
        return !result && result.error().code() == "PreconditionFailed";
    };
    EXPECT_TRUE(refused(remove([](auto& r) { r.if_match = "\"x\""; })));
    EXPECT_TRUE(refused(remove([](auto& r) { r.if_match_size = 2; })));
    EXPECT_THAT(Versions(), ElementsAre("a=" + put.version_id + "*"));
    EXPECT_TRUE(remove([&](auto& r) { r.if_match = put.etag; }).value().delete_marker);
    EXPECT_TRUE(refused(remove([&](auto& r) { r.if_match = put.etag; }))) << "of a delete marker";
    EXPECT_TRUE(refused(remove([&](auto& r) {
        r.version_id = put.version_id;
        r.if_match = "\"x\"";
    })));
    EXPECT_TRUE(remove([&](auto& r) {
        r.version_id = put.version_id;
        r.if_match = put.etag;
        r.if_match_size = 1;
    }));

    PutRequest again{kBucket, ServiceFixture::Key("a"), {}, {}, {}};
    again.conditions.if_match = put.etag;
    EXPECT_EQ(fixture.Put(again, "2").error().code(), "NoSuchKey");
    again.conditions = {.if_match = {}, .if_none_match = "*"};
    EXPECT_TRUE(fixture.Put(again, "2")) << "a delete marker is no object";
    EXPECT_EQ(fixture.Put(again, "3").error().code(), "PreconditionFailed");
}

TEST_F(VersionsTest, ListPagesGoOnWhereAVersionWas) {
    std::vector<std::string> ids;
    for (int i = 0; i < 4; ++i)
        ids.push_back(Put("a", std::to_string(i)));
    Put("b", "1");
    const ListVersionsResult page = List({.bucket = kBucket, .limit = 2});
    EXPECT_TRUE(page.truncated);
    EXPECT_EQ(page.next_version_id_marker, ids[2]);
    for (const ListedVersion& version : page.versions)
        ASSERT_TRUE(Delete("a", std::string(version.version_id)));
    const ListVersionsRequest next{.bucket = kBucket,
                                   .key_marker = std::string(page.next_key_marker),
                                   .version_id_marker = std::string(page.next_version_id_marker),
                                   .limit = 2};
    EXPECT_THAT(Versions(next), ElementsAre("a=" + ids[1] + "*", "a=" + ids[0]));
    Put("a", "newer");
    EXPECT_THAT(Versions(next), ElementsAre("a=" + ids[1], "a=" + ids[0]));
}

TEST_F(VersionsTest, OfAKeyWhoseNullVersionIsGoneComeAgainRatherThanNever) {
    const std::string old = Put("a", "old");
    Set(Versioning::kSuspended);
    Put("a", "null");
    const ListVersionsRequest next{
        .bucket = kBucket, .key_marker = "a", .version_id_marker = "null"};
    EXPECT_THAT(Versions(next), ElementsAre("a=" + old));
    ASSERT_TRUE(Delete("a", "null"));
    EXPECT_THAT(Versions(next), ElementsAre("a=" + old + "*"));
}

TEST_F(VersionsTest, RollUpWithTheirKeys) {
    Put("dir/a", "1");
    Put("dir/a", "2");
    Delete("dir/b").value();
    const std::string top = Put("top", "3");
    const ListVersionsResult page = List({.bucket = kBucket, .delimiter = "/"});
    EXPECT_THAT(page.common_prefixes, ElementsAre("dir/"));
    ASSERT_EQ(page.versions.size(), 1U);
    EXPECT_EQ(page.versions[0].version_id, top);
    const ListVersionsResult first = List({.bucket = kBucket, .delimiter = "/", .limit = 1});
    EXPECT_EQ(first.next_key_marker, "dir/");
    EXPECT_TRUE(first.truncated);
    EXPECT_THAT(Versions({.bucket = kBucket, .prefix = "t"}), ElementsAre("top=" + top + "*"));
}

TEST_F(VersionsTest, ThatAreOldDoNotHideKeysFromAListing) {
    for (const char* key : {"a", "b", "c", "d"}) {
        for (int i = 0; i < 30; ++i)
            Put(key, std::to_string(i));
    }
    Delete("b").value();
    for (const size_t limit : {1U, 2U, 3U, 1000U})
        EXPECT_THAT(Keys(limit), ElementsAre("a", "c", "d")) << limit;
}

// A page of a bucket whose keys have thousands of versions reads a few rows for each key.
TEST_F(VersionsTest, ThatAreOldCostAListingASeekAndNotAWalk) {
    constexpr int kVersionsOfEach = 3000;
    ASSERT_TRUE(fixture.database->WriteBlocking([&](db::Transaction& tx) -> Result<> {
        TRY(const catalog::Bucket bucket, catalog::FindBucket(tx, "photos"));
        for (const char* key : {"a", "b"}) {
            for (int i = 0; i < kVersionsOfEach; ++i) {
                catalog::Version version{.bucket = bucket.id, .key = key};
                TRY(catalog::InsertVersion(tx, version, Versioning::kEnabled));
            }
        }
        // Rows that a walk would stumble over: the checksum of each is wrong.
        TRY(
            tx.Execute("UPDATE versions SET size_bytes = 1 WHERE recency > (SELECT min(recency) "
                       "FROM versions v WHERE v.bucket_id = versions.bucket_id AND "
                       "v.key = versions.key) + 20",
                       {}));
        return Ok();
    }));
    EXPECT_THAT(Keys(), ElementsAre("a", "b"));
    EXPECT_THAT(Keys(1), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace coffer::service
