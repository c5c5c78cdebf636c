// What moves bytes through the store, and what only rows: counted at the store.
#include <gtest/gtest.h>

#include "coffer/codec/hex.h"

#include "tests/support/memory_store.h"
#include "tests/support/random_bytes.h"
#include "tests/support/service_fixture.h"

namespace coffer::service {
namespace {

using testing::RunTask;
using testing::ServiceFixture;

constexpr size_t kPart = 5_MiB;

struct Moved {
    uint64_t staged;
    uint64_t read;
    bool operator==(const Moved&) const = default;
};

class NoByteCopied : public ::testing::Test {
  protected:
    NoByteCopied() { fixture_.MakeBucket("films"); }

    // What `action` moved.
    template <class Action>
    Moved During(Action action) {
        const Moved before = {store_->staged_bytes(), store_->read_bytes()};
        action();
        return {store_->staged_bytes() - before.staged, store_->read_bytes() - before.read};
    }

    UploadId Create(std::string_view key, std::optional<codec::ChecksumAlgorithm> checksum) {
        const UploadInfo info =
            RunTask(fixture_.uploads().Create(
                        {.bucket = Films(), .key = ServiceFixture::Key(key), .checksum = checksum}))
                .value();
        return {Films(), ServiceFixture::Key(key), info.upload_id};
    }

    // An object of `count` parts, and all but the last step of it.
    struct Uploaded {
        UploadId upload;
        std::vector<CompletePart> parts;
        std::string content;
    };
    Uploaded Upload(std::string_view key, int count) {
        Uploaded uploaded{Create(key, codec::ChecksumAlgorithm::kCrc64Nvme), {}, {}};
        for (int number = 1; number <= count; ++number) {
            const std::string body = testing::RandomText(number == count ? 7 : kPart, number);
            runtime::StringSource source(body);
            const PartInfo part =
                RunTask(
                    fixture_.uploads().PutPart(
                        {.upload = uploaded.upload, .part_number = number, .content = {}}, source))
                    .value();
            uploaded.parts.push_back({number, part.etag, std::nullopt});
            uploaded.content += body;
        }
        return uploaded;
    }

    PutResult Complete(const UploadId& upload, std::vector<CompletePart> parts) {
        return RunTask(fixture_.uploads().Complete(
                           {.upload = upload, .parts = std::move(parts), .conditions = {}}))
            .value();
    }

    PartInfo CopyPart(const UploadId& upload, std::string_view source,
                      std::optional<store::ByteRange> range) {
        return RunTask(fixture_.uploads().CopyPart(
                           {.upload = upload,
                            .part_number = 1,
                            .source = {.bucket = Films(), .key = ServiceFixture::Key(source)},
                            .range = range,
                            .source_conditions = {}}))
            .value()
            .part;
    }

    CopyResult Copy(std::string_view source, std::optional<codec::ChecksumAlgorithm> checksum) {
        return RunTask(fixture_.objects().Copy(
                           {.source = {.bucket = Films(), .key = ServiceFixture::Key(source)},
                            .bucket = Films(),
                            .key = ServiceFixture::Key("copy"),
                            .checksum = checksum}))
            .value();
    }

    static BucketName Films() { return ServiceFixture::Bucket("films"); }

    testing::MemoryStore* store_ = new testing::MemoryStore;  // the fixture's
    ServiceFixture fixture_{std::unique_ptr<store::Store>(store_)};
};

TEST_F(NoByteCopied, ByACompletionWhoseChecksumIsThatOfTheWhole) {
    const Uploaded uploaded = Upload("a", 6);
    PutResult done;
    EXPECT_EQ(During([&] { done = Complete(uploaded.upload, uploaded.parts); }), (Moved{0, 0}));
    const auto whole = codec::NewHasher(codec::ChecksumAlgorithm::kCrc64Nvme);
    whole->Update(AsBytes(uploaded.content));
    ASSERT_TRUE(done.checksum);
    EXPECT_EQ(done.checksum->type, ChecksumType::kFullObject);
    EXPECT_EQ(codec::ToHex(AsBytes(done.checksum->raw)), codec::ToHex(AsBytes(whole->Finish())));
    EXPECT_TRUE(fixture_.Get("films", "a").value() == uploaded.content);
}

TEST_F(NoByteCopied, ByACopyOfAnObject) {
    ASSERT_TRUE(fixture_.Put("films", "a", "content"));
    EXPECT_EQ(During([&] { Copy("a", std::nullopt); }), (Moved{0, 0}));
    EXPECT_EQ(fixture_.Get("films", "copy").value(), "content");
}

TEST_F(NoByteCopied, ByACopyOfAnObjectOfParts) {
    const Uploaded uploaded = Upload("a", 3);
    Complete(uploaded.upload, uploaded.parts);
    EXPECT_EQ(During([&] { Copy("a", std::nullopt); }), (Moved{0, 0}));
    EXPECT_TRUE(fixture_.Get("films", "copy").value() == uploaded.content);
}

TEST_F(NoByteCopied, ByAPartThatIsAWholeObject) {
    ASSERT_TRUE(fixture_.Put("films", "a", "content"));
    const UploadId upload = Create("copy", std::nullopt);
    PartInfo part;
    EXPECT_EQ(During([&] { part = CopyPart(upload, "a", std::nullopt); }), (Moved{0, 0}));
    EXPECT_EQ(During([&] { Complete(upload, {{1, part.etag, std::nullopt}}); }), (Moved{0, 0}));
    EXPECT_EQ(fixture_.Get("films", "copy").value(), "content");
}

// A digest that is not stored takes one reading, and still no writing.
TEST_F(NoByteCopied, ButReadOnceForADigestThatIsNotStored) {
    ASSERT_TRUE(fixture_.Put("films", "a", "content"));
    EXPECT_EQ(During([&] { Copy("a", codec::ChecksumAlgorithm::kCrc32); }), (Moved{0, 7}));
    const UploadId upload = Create("parts", std::nullopt);
    EXPECT_EQ(During([&] {
                  const PartInfo part = CopyPart(upload, "a", store::ByteRange{2, 4});
                  EXPECT_EQ(part.etag, codec::ToHex(codec::Md5(AsBytes("nten"))));
              }),
              (Moved{0, 4}));
}

TEST_F(NoByteCopied, ButCountedWhereTheyAre) {
    EXPECT_EQ(During([&] { ASSERT_TRUE(fixture_.Put("films", "a", "content")); }), (Moved{7, 0}));
    EXPECT_EQ(During([&] { (void)fixture_.Get("films", "a"); }), (Moved{0, 7}));
}

}  // namespace
}  // namespace coffer::service
