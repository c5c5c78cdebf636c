// What nobody reads for years is found by the check of all of it.
#include "coffer/catalog/verify.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "coffer/base/log.h"
#include "coffer/catalog/blobs.h"
#include "coffer/catalog/bucket_settings.h"
#include "coffer/catalog/buckets.h"
#include "coffer/catalog/schema.h"
#include "coffer/catalog/settings.h"
#include "coffer/catalog/uploads.h"
#include "coffer/catalog/versions.h"
#include "coffer/codec/hex.h"
#include "coffer/db/sqlite/sqlite.h"

#include "tests/support/run_task.h"
#include "tests/support/seed.h"
#include "tests/support/temporary_directory.h"

namespace coffer::catalog {
namespace {

constexpr int kObjects = 2000;

Result<> AddObject(db::Transaction& tx, BucketId bucket, int number) {
    Version version;
    version.bucket = bucket;
    version.key = codec::ToHex(codec::Md5(AsBytes(std::to_string(number)))) + "/object";
    version.size_bytes = 4096;
    version.etag = codec::ToHex(codec::Md5(AsBytes(version.key)));
    version.headers.standard = {{"content-type", "text/plain"}};
    Blob blob;
    blob.sha256 = codec::Sha256(AsBytes(version.key));
    blob.size_bytes = 4096;
    TRY(const AddedBlob added, AddBlob(tx, blob, kEngineStore, "copy of " + version.key));
    version.blob = added.id;
    TRY(InsertVersion(tx, version));
    return Ok();
}

class VerifyTest : public ::testing::Test {
  protected:
    VerifyTest() {
        ConfigureLog(LogFormat::kText, LogLevel::kError);
        Open();
        Must(catalog::Prepare(*database_));
        Must(database_->WriteBlocking([](db::Transaction& tx) -> Result<> {
            TRY(SetSetting(tx, "name", "value"));
            TRY(Bucket bucket, InsertBucket(tx, "bucket", Timestamp(), kMainAccount));
            TRY(PutBucketSetting(tx, bucket, SettingKind::kCors, {"<Cors/>", Timestamp()}));
            for (int i = 0; i < kObjects; ++i) {
                TRY(AddObject(tx, bucket.id, i));
            }
            TRY(const Upload upload,
                InsertUpload(tx, {.upload_id = "u", .bucket = bucket.id, .key = "k"}));
            return PutPart(tx, upload.id, {.number = 1, .etag = std::string(32, 'a')}, {});
        }));
    }

    static void Must(const Result<>& result) { ASSERT_TRUE(result) << result.error().ToString(); }

    void Open() { database_ = db::OpenSqlite(path_, {}).value(); }

    Verified Check() { return testing::RunTask(Verify(*database_)).value(); }

    void Execute(std::string_view sql) {
        Must(database_->WriteBlocking([&](db::Transaction& tx) -> Result<> {
            TRY(tx.Execute(sql, {}));
            return Ok();
        }));
    }

    testing::TemporaryDirectory directory_;
    const std::string path_ = directory_.path() + "/catalogue.db";
    std::unique_ptr<db::Database> database_;
};

TEST_F(VerifyTest, FindsNothingWhereNothingIs) {
    const Verified verified = Check();
    EXPECT_TRUE(verified.IsWhole());
    EXPECT_EQ(verified.rows, 3 * kObjects + 6);
}

TEST_F(VerifyTest, FindsARowOfAnyTable) {
    for (const char* change :
         {"settings SET value = 'other'", "buckets SET created_us = 1",
          "bucket_settings SET document = x'00'",
          "blobs SET reference_count = 2 WHERE id % 100 = 0", "copies SET state = 1",
          "versions SET size_bytes = 4097", "uploads SET completed = 1", "parts SET number = 2",
          "usage SET total_bytes = 0"}) {
        Execute("UPDATE " + std::string(change));
        EXPECT_GT(Check().damaged_rows, 0) << change;
    }
}

TEST_F(VerifyTest, CountsEveryDamagedRow) {
    Execute("UPDATE versions SET size_bytes = 4097");
    const Verified verified = Check();
    EXPECT_EQ(verified.damaged_rows, kObjects);
    EXPECT_EQ(verified.rows, 3 * kObjects + 6);
}

TEST_F(VerifyTest, FindsAFlippedBitAnywhereInTheFileOrItIsHarmless) {
    database_.reset();
    std::mt19937_64 random(testing::TestSeed());
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    const uint64_t size = std::filesystem::file_size(path_);
    int found = 0;
    for (int i = 0; i < 100; ++i) {
        const auto position = static_cast<std::streamoff>(random() % size);
        file.seekg(position);
        const char before = static_cast<char>(file.get());
        file.seekp(position);
        file.put(static_cast<char>(before ^ (1 << random() % 8))).flush();
        auto opened = db::OpenSqlite(path_, {});
        if (!opened) {
            ++found;
        } else {
            database_ = std::move(opened).value();
            const auto verified = testing::RunTask(Verify(*database_));
            int versions = 0;
            const Result<> read = database_->ReadBlocking([&](db::Transaction& tx) -> Result<> {
                TRY(const Bucket bucket, FindBucket(tx, "bucket"));
                return ScanVersions(
                    tx, {.bucket = bucket.id, .from_key = "", .limit = 10 * kObjects},
                    [&](const Version& version) {
                        EXPECT_EQ(version.etag, codec::ToHex(codec::Md5(AsBytes(version.key))));
                        return ++versions, true;
                    });
            });
            if (!verified || !verified.value().IsWhole())
                ++found;
            else
                EXPECT_TRUE(read && versions == kObjects) << "position " << position;
            database_.reset();
        }
        file.seekp(position);
        file.put(before).flush();
    }
    EXPECT_GT(found, 10);
}

}  // namespace
}  // namespace coffer::catalog
