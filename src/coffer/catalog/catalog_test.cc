#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coffer/catalog/blobs.h"
#include "coffer/catalog/buckets.h"
#include "coffer/catalog/headers_codec.h"
#include "coffer/catalog/key_range.h"
#include "coffer/catalog/schema.h"
#include "coffer/catalog/uploads.h"
#include "coffer/catalog/usage.h"
#include "coffer/catalog/versions.h"
#include "coffer/db/sqlite/sqlite.h"

#include "tests/support/temporary_directory.h"

namespace coffer::catalog {
namespace {

using ::testing::ElementsAre;

class CatalogTest : public ::testing::Test {
  protected:
    CatalogTest() {
        database_ = db::OpenSqlite(directory_.path() + "/catalogue.db", {}).value();
        EXPECT_TRUE(Prepare(*database_));
        Write([&](db::Transaction& tx) -> Result<> {
            TRY(const Bucket bucket, InsertBucket(tx, "bucket", FromMicros(1)));
            bucket_ = bucket.id;
            return Ok();
        });
    }

    void Write(const std::function<Result<>(db::Transaction&)>& fn) {
        const Result<> result = database_->WriteBlocking(fn);
        ASSERT_TRUE(result) << result.error().ToString();
    }

    static Blob BlobOf(std::string_view content) {
        return {BlobId(), codec::Sha256(AsBytes(content)), codec::Md5(AsBytes(content)),
                content.size(), 0};
    }

    Version Object(std::string_view key, std::string_view version_id, BlobId blob) {
        Version version;
        version.bucket = bucket_;
        version.key = std::string(key);
        version.version_id = std::string(version_id);
        version.size_bytes = 3;
        version.blob = blob;
        return version;
    }

    Version DeleteMarker(std::string_view key, std::string_view version_id) {
        Version version;
        version.bucket = bucket_;
        version.key = std::string(key);
        version.version_id = std::string(version_id);
        version.delete_marker = true;
        return version;
    }

    testing::TemporaryDirectory directory_;
    std::unique_ptr<db::Database> database_;
    BucketId bucket_;
};

TEST_F(CatalogTest, ItsSchemaIsPreparedOnce) {
    EXPECT_TRUE(Prepare(*database_));
}

TEST_F(CatalogTest, TheNewestVersionIsTheCurrentOneAndScansComeNewestFirst) {
    Write([&](db::Transaction& tx) -> Result<> {
        TRY(const BlobId blob, AddBlob(tx, BlobOf("one"), kEngineStore, "key"));
        TRY(AddReferences(tx, blob, 2));
        TRY(InsertVersion(tx, Object("a", "v1", blob)));
        TRY(InsertVersion(tx, Object("b", "v1", blob)));
        TRY(InsertVersion(tx, Object("a", "v2", blob)));
        TRY(InsertVersion(tx, DeleteMarker("a", "v3")));

        TRY(const auto current, FindCurrent(tx, bucket_, "a"));
        EXPECT_TRUE(current->delete_marker);
        TRY(const auto second, FindVersion(tx, bucket_, "a", "v2"));
        EXPECT_EQ(second->blob, blob);

        std::vector<std::string> seen;
        TRY(ScanVersions(tx, {.bucket = bucket_, .from_key = ""}, [&](const Version& version) {
            seen.push_back(version.key + ":" + version.version_id);
            return true;
        }));
        EXPECT_THAT(seen, ElementsAre("a:v3", "a:v2", "a:v1", "b:v1"));

        seen.clear();
        TRY(ScanVersions(
            tx, {.bucket = bucket_, .from_key = "a", .after = second->sequence, .end = "b"},
            [&](const Version& version) {
                seen.push_back(version.key + ":" + version.version_id);
                return true;
            }));
        EXPECT_THAT(seen, ElementsAre("a:v1"));
        return Ok();
    });
}

TEST_F(CatalogTest, EverythingOfAVersionComesBack) {
    Write([&](db::Transaction& tx) -> Result<> {
        TRY(const BlobId blob, AddBlob(tx, BlobOf("one"), kEngineStore, "key"));
        Version version = Object(std::string("k\x01\xff", 3), "", blob);
        version.etag = "abc";
        version.modified = FromMicros(42);
        version.headers.standard = {{"content-type", "text/plain"}};
        version.headers.user = {{"name", ""}, {"stra\xc3\x9f\x65", "wert"}};
        version.checksum = Checksum{codec::ChecksumAlgorithm::kSha1, ChecksumType::kComposite,
                                    std::string("\0raw", 4)};
        version.parts_count = 3;
        TRY(InsertVersion(tx, version));
        TRY(const auto found, FindCurrent(tx, bucket_, version.key));
        EXPECT_EQ(found->key, version.key);
        EXPECT_EQ(found->etag, version.etag);
        EXPECT_EQ(found->modified, version.modified);
        EXPECT_EQ(found->headers, version.headers);
        EXPECT_EQ(found->checksum, version.checksum);
        EXPECT_EQ(found->parts_count, 3);
        EXPECT_EQ(found->size_bytes, 3u);
        return Ok();
    });
}

TEST_F(CatalogTest, ABlobWithoutReferencesIsMarkedAndLivesAgainWithTheNext) {
    Write([&](db::Transaction& tx) -> Result<> {
        TRY(const BlobId blob, AddBlob(tx, BlobOf("one"), kEngineStore, "key"));
        TRY(AddBlob(tx, BlobOf("one"), kEngineStore, std::nullopt));
        TRY(DropReference(tx, blob));
        TRY(auto copy, FindCopy(tx, blob, kEngineStore));
        EXPECT_EQ(copy->state, CopyState::kLive);
        TRY(DropReference(tx, blob));
        TRY(const auto marked, ListDeletingCopies(tx, kEngineStore, BlobId(-1), 10));
        EXPECT_EQ(marked.size(), 1u);

        TRY(const BlobId again, AddBlob(tx, BlobOf("one"), kEngineStore, std::nullopt));
        EXPECT_EQ(again, blob);
        TRY(ForgetDeletingCopy(tx, blob, kEngineStore));  // too late: it does nothing
        TRY(copy, FindCopy(tx, blob, kEngineStore));
        EXPECT_EQ(copy->state, CopyState::kLive);

        TRY(DropReference(tx, blob));
        TRY(ForgetDeletingCopy(tx, blob, kEngineStore));
        TRY(const auto gone, FindBlob(tx, BlobOf("one").sha256));
        EXPECT_FALSE(gone.has_value());
        return Ok();
    });
}

TEST_F(CatalogTest, MoreDropsThanReferencesAreFoundOut) {
    Write([&](db::Transaction& tx) -> Result<> {
        TRY(const BlobId blob, AddBlob(tx, BlobOf("one"), kEngineStore, "key"));
        TRY(DropReference(tx, blob));
        const Result<> again = DropReference(tx, blob);
        EXPECT_EQ(again.error().kind(), ErrorKind::kCorrupt);
        EXPECT_EQ(DropReference(tx, BlobId(99)).error().kind(), ErrorKind::kCorrupt);
        return Ok();
    });
}

TEST_F(CatalogTest, DeletingAVersionOfPartsFreesEveryExtentOnce) {
    Write([&](db::Transaction& tx) -> Result<> {
        TRY(const BlobId blob, AddBlob(tx, BlobOf("one"), kEngineStore, "key"));
        TRY(AddReferences(tx, blob, 1));
        TRY(const Upload upload,
            InsertUpload(tx, {.upload_id = "u", .bucket = bucket_, .key = "a"}));
        TRY(PutPart(tx, upload.id, {.number = 1, .size_bytes = 4, .etag = "e"},
                    {{blob, 0, 3}, {blob, 1, 1}}));
        TRY(const ContentId copied, CopyContent(tx, upload.id));
        TRY(auto row, GetBlob(tx, blob));
        EXPECT_EQ(row.references, 4);

        Version version = Object("a", "", BlobId());
        version.blob.reset();
        version.content = upload.id;
        TRY(version.sequence, InsertVersion(tx, version));
        TRY(CompleteUpload(tx, upload.id));
        TRY(DeleteVersion(tx, version));
        TRY(row, GetBlob(tx, blob));
        EXPECT_EQ(row.references, 2);
        TRY(const auto forgotten, FindUpload(tx, bucket_, "a", "u"));
        EXPECT_FALSE(forgotten.has_value());

        TRY(const auto extents, ReadContentExtents(tx, copied, std::nullopt));
        EXPECT_EQ(extents.size(), 2u);
        TRY(DeleteContent(tx, copied));
        TRY(const auto marked, ListDeletingCopies(tx, kEngineStore, BlobId(-1), 10));
        EXPECT_EQ(marked.size(), 1u);
        return Ok();
    });
}

TEST_F(CatalogTest, UsageCountsDeleteMarkersApart) {
    Write([&](db::Transaction& tx) -> Result<> {
        TRY(const BlobId blob, AddBlob(tx, BlobOf("one"), kEngineStore, "key"));
        TRY(InsertVersion(tx, Object("a", "v1", blob)));
        TRY(InsertVersion(tx, DeleteMarker("a", "v2")));
        TRY(const auto usage, ReadUsage(tx));
        EXPECT_EQ(usage.at(0).versions, 1);
        EXPECT_EQ(usage.at(0).delete_markers, 1);
        EXPECT_EQ(usage.at(0).bytes, 3);
        return Ok();
    });
}

TEST_F(CatalogTest, BucketsAreListedByNameWithinAPrefix) {
    Write([&](db::Transaction& tx) -> Result<> {
        for (const char* name : {"b", "photos-2", "photos-1", "q"}) {
            TRY(InsertBucket(tx, name, FromMicros(1)));
        }
        TRY(const auto buckets, ListBuckets(tx, "photos", "", 10));
        EXPECT_EQ(buckets.size(), 2u);
        EXPECT_EQ(buckets.at(0).name, "photos-1");
        TRY(const auto rest, ListBuckets(tx, "", "photos-1", 10));
        EXPECT_EQ(rest.at(0).name, "photos-2");
        EXPECT_EQ(InsertBucket(tx, "q", FromMicros(1)).error().kind(), ErrorKind::kAlreadyExists);
        return Ok();
    });
}

TEST(PrefixEnd, IsTheLeastStringBeyondThePrefix) {
    EXPECT_EQ(PrefixEnd("a/"), "a0");
    EXPECT_EQ(PrefixEnd("a\xff\xff"), "b");
    EXPECT_EQ(PrefixEnd("\xff"), std::nullopt);
    EXPECT_EQ(PrefixEnd(""), std::nullopt);
}

TEST(HeadersCodec, RefusesBytesThatItDidNotWrite) {
    const ObjectHeaders headers{.standard = {{"a", "b"}}, .user = {{"c", ""}}};
    const std::string bytes = EncodeHeaders(headers);
    EXPECT_EQ(DecodeHeaders(bytes).value(), headers);
    for (size_t length = 1; length < bytes.size(); ++length) {
        const auto decoded = DecodeHeaders(std::string_view(bytes).substr(0, length));
        if (decoded) EXPECT_NE(decoded.value(), headers);
    }
    EXPECT_EQ(DecodeHeaders("x").error().kind(), ErrorKind::kCorrupt);
    EXPECT_EQ(DecodeHeaders("sname").error().kind(), ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace coffer::catalog
