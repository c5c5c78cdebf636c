#include "coffer/catalog/versions.h"

#include <gtest/gtest.h>

#include "coffer/catalog/buckets.h"
#include "coffer/catalog/schema.h"
#include "coffer/catalog/version_id.h"
#include "coffer/db/sqlite/sqlite.h"

#include "tests/support/temporary_directory.h"

namespace coffer::catalog {
namespace {

TEST(VersionId, SaysWhereItsVersionLiesAndIsNotGuessed) {
    const std::string id = NewVersionId(Sequence(0x1234));
    EXPECT_EQ(id.size(), 32U);
    EXPECT_TRUE(id.starts_with("0000000000001234")) << id;
    EXPECT_EQ(SequenceOf(id), Sequence(0x1234));
    EXPECT_NE(NewVersionId(Sequence(0x1234)), id);
    EXPECT_EQ(SequenceOf(NewVersionId(Sequence(INT64_MAX))), Sequence(INT64_MAX));
}

TEST(VersionId, OfAnotherFormLiesNowhere) {
    for (const char* id : {"", "null", "0000000000001234", "-00000000000123400000000000000000",
                           "g0000000000012340000000000000000", "ffffffffffffffff0000000000000000",
                           "6a5f4928-b1d0-4c3e-87f6-a9582410bd6f"}) {
        EXPECT_FALSE(SequenceOf(id)) << id;
    }
}

// In the place of a transaction: tells how SQLite would answer each query, and answers none.
class Explainer final : public db::Transaction {
  public:
    Explainer(db::Transaction& tx, std::string& plan) : tx_(tx), plan_(plan) {}

    Result<int64_t> Execute(std::string_view, std::span<const db::Value>) override {
        return Error(ErrorKind::kUnsupported, "only queries are explained");
    }
    Result<> Query(std::string_view sql, std::span<const db::Value> values,
                   const std::function<bool(const db::Row&)>&) override {
        return tx_.Query("EXPLAIN QUERY PLAN " + std::string(sql), values, [&](const db::Row& row) {
            plan_ += std::string(row.Text(3)) + "; ";
            return true;
        });
    }
    Result<std::vector<std::string>> CheckStructure() override { return tx_.CheckStructure(); }
    int64_t NextNumber() override { return tx_.NextNumber(); }

  private:
    db::Transaction& tx_;
    std::string& plan_;
};

class VersionsTest : public ::testing::Test {
  protected:
    VersionsTest() {
        EXPECT_TRUE(Prepare(*database_));
        Run([&](db::Transaction& tx) -> Result<> {
            TRY(const Bucket bucket, InsertBucket(tx, "bucket", Timestamp(), kMainAccount));
            bucket_ = bucket.id;
            return Ok();
        });
    }

    void Run(const std::function<Result<>(db::Transaction&)>& fn) {
        const Result<> ran = database_->WriteBlocking(fn);
        ASSERT_TRUE(ran) << ran.error().ToString();
    }
    Version Insert(std::string key, Versioning versioning) {
        Version version{.bucket = bucket_, .key = std::move(key)};
        Run([&](db::Transaction& tx) { return InsertVersion(tx, version, versioning); });
        return version;
    }
    std::optional<Version> Find(std::string_view key, std::string_view id) {
        std::optional<Version> found;
        Run([&](db::Transaction& tx) -> Result<> {
            TRY(found, FindVersion(tx, bucket_, key, id));
            return Ok();
        });
        return found;
    }
    // How the queries of `fn` are answered.
    std::string Plan(const std::function<Result<>(db::Transaction&)>& fn) {
        std::string plan;
        Run([&](db::Transaction& tx) {
            Explainer explainer(tx, plan);
            return fn(explainer);
        });
        return plan;
    }

    testing::TemporaryDirectory directory_;
    std::unique_ptr<db::Database> database_ =
        db::OpenSqlite(directory_.path() + "/catalogue.db", {}).value();
    BucketId bucket_;
};

TEST_F(VersionsTest, AreFoundByTheirIdAndKey) {
    const Version first = Insert("a", Versioning::kEnabled);
    const Version second = Insert("a", Versioning::kEnabled);
    EXPECT_EQ(Find("a", first.version_id)->sequence, first.sequence);
    EXPECT_EQ(Find("a", second.version_id)->sequence, second.sequence);
    EXPECT_FALSE(Find("b", first.version_id));
    EXPECT_FALSE(Find("a", NewVersionId(first.sequence))) << "the same place, another secret";
    EXPECT_FALSE(Find("a", "null"));
    EXPECT_FALSE(Find("a", ""));
}

TEST_F(VersionsTest, ThatAreNullAreFoundWhereverTheyLie) {
    const Version before = Insert("old", Versioning::kUnversioned);
    Insert("old", Versioning::kEnabled);
    Insert("old", Versioning::kEnabled);
    EXPECT_EQ(Find("old", "null")->sequence, before.sequence);

    Insert("buried", Versioning::kEnabled);
    const Version suspended = Insert("buried", Versioning::kSuspended);
    Insert("buried", Versioning::kEnabled);
    EXPECT_EQ(Find("buried", "null")->sequence, suspended.sequence);
    EXPECT_EQ(Find("buried", suspended.version_id)->sequence, suspended.sequence);
}

// It would be read as what follows: a tag, a lock, an ACL.
TEST_F(VersionsTest, HoldNoHeaderWithANul) {
    const std::string nul(1, '\0');
    for (const auto& headers : {ObjectHeaders{.user = {{"a", "b" + nul + "hON"}}},
                                ObjectHeaders{.user = {{"a" + nul, "b"}}},
                                ObjectHeaders{.standard = {{"content-type", nul}}},
                                ObjectHeaders{.tags = {{"a", nul}}}}) {
        Version version{.bucket = bucket_, .key = "key", .headers = headers};
        const Result<> inserted = database_->WriteBlocking([&](db::Transaction& tx) {
            return InsertVersion(tx, version, Versioning::kUnversioned);
        });
        ASSERT_FALSE(inserted);
        EXPECT_EQ(inserted.error().code(), "InvalidArgument");
    }
    EXPECT_FALSE(Find("key", "null"));
}

TEST_F(VersionsTest, OfOneKeyAreNullOnlyOnce) {
    Insert("a", Versioning::kSuspended);
    Version again{.bucket = bucket_, .key = "a"};
    const Result<> inserted = database_->WriteBlocking(
        [&](db::Transaction& tx) { return InsertVersion(tx, again, Versioning::kSuspended); });
    EXPECT_EQ(inserted.error().kind(), ErrorKind::kAlreadyExists);
}

TEST_F(VersionsTest, ThatAreNullAreFoundByAnIndexThatOthersAreNotIn) {
    const std::string plan = Plan([&](db::Transaction& tx) -> Result<> {
        TRY(FindVersion(tx, bucket_, "key", "null"));
        return Ok();
    });
    EXPECT_NE(plan.find("versions_null"), std::string::npos) << plan;
}

// Else a page would cost as much as all that follows it.
TEST_F(VersionsTest, AreScannedAlongThePrimaryKeyAndNeverSorted) {
    for (const auto& after : {std::optional<Sequence>(), std::optional(Sequence(1))}) {
        for (const auto& end : {std::optional<std::string>(), std::optional<std::string>("z")}) {
            const VersionScan scan{
                .bucket = bucket_, .from_key = "key", .after = after, .end = end};
            const std::string plan = Plan([&](db::Transaction& tx) {
                return ScanVersions(tx, scan, [](Version&) { return true; });
            });
            EXPECT_NE(plan.find("USING PRIMARY KEY (bucket_id=? AND "), std::string::npos) << plan;
            EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << plan;
        }
    }
}

}  // namespace
}  // namespace coffer::catalog
