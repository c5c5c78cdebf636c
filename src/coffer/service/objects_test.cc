#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "coffer/catalog/usage.h"

#include "tests/support/service_fixture.h"

namespace coffer::service {
namespace {

using ::testing::IsEmpty;
using testing::RunTask;
using testing::ServiceFixture;

class ObjectsTest : public ::testing::Test {
  protected:
    ObjectsTest() { fixture.MakeBucket("photos"); }

    PutRequest To(std::string_view key) {
        return {ServiceFixture::Bucket("photos"), ServiceFixture::Key(key), {}, {}, {}};
    }
    GetRequest From(std::string_view key) {
        return {.bucket = ServiceFixture::Bucket("photos"), .key = ServiceFixture::Key(key)};
    }
    std::vector<std::string> Keys() {
        const auto page = RunTask(
            fixture.objects().List({.bucket = ServiceFixture::Bucket("photos"), .limit = 1000}));
        std::vector<std::string> keys;
        for (const ListedVersion& object : page.value().objects)
            keys.emplace_back(object.key);
        return keys;
    }

    ServiceFixture fixture;
};

TEST_F(ObjectsTest, PutIsReadBackWithWhatWasSaidOfIt) {
    PutRequest request = To("cat.jpg");
    request.headers.standard = {{"content-type", "image/jpeg"}};
    request.headers.user = {{"owner", "Grüße"}};
    request.content.checksum = codec::ChecksumAlgorithm::kCrc32c;
    const PutResult put = fixture.Put(request, "meow").value();
    EXPECT_EQ(put.etag, "4a4be40c96ac6314e91d93f38043a634");

    GetResult got = RunTask(fixture.objects().Get(From("cat.jpg"))).value();
    EXPECT_EQ(got.info.headers, request.headers);
    EXPECT_EQ(got.info.etag, put.etag);
    EXPECT_EQ(got.info.size_bytes, 4u);
    EXPECT_EQ(got.info.checksum, put.checksum);
    EXPECT_EQ(fixture.Get("photos", "cat.jpg").value(), "meow");
}

TEST_F(ObjectsTest, EmptyObjectsAreObjects) {
    EXPECT_EQ(fixture.Put("photos", "empty", "").value().etag, "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_EQ(fixture.Get("photos", "empty").value(), "");
}

TEST_F(ObjectsTest, KeysThatLookLikePathsAreDistinct) {
    const std::vector<std::string> keys = {"a", "a/", "a//b", "a/../a", "a/./b", "a/b", "b%2F"};
    for (const std::string& key : keys)
        EXPECT_TRUE(fixture.Put("photos", key, key));
    for (const std::string& key : keys)
        EXPECT_EQ(fixture.Get("photos", key).value(), key);
    EXPECT_THAT(Keys(), ::testing::UnorderedElementsAreArray(keys));
}

TEST_F(ObjectsTest, WhatWasPromisedIsCheckedAndNothingIsKept) {
    const auto refused = [&](ExpectedContent content) {
        PutRequest request = To("x");
        request.content = std::move(content);
        const auto result = fixture.Put(request, "hello");
        EXPECT_FALSE(result.has_value());
        EXPECT_EQ(fixture.Get("photos", "x").error().code(), "NoSuchKey");
        EXPECT_EQ(fixture.StoredCopies(), 0u);
        return std::string(result.error().code());
    };
    EXPECT_EQ(refused({.size_bytes = 6}), "IncompleteBody");
    EXPECT_EQ(refused({.md5 = codec::Md5(AsBytes("other"))}), "BadDigest");
    EXPECT_EQ(refused({.sha256 = codec::Sha256(AsBytes("other"))}), "XAmzContentSHA256Mismatch");
    EXPECT_EQ(refused({.checksum = codec::ChecksumAlgorithm::kCrc32,
                       .checksum_value = [] { return Result<std::string>("nope"); }}),
              "BadDigest");
    EXPECT_EQ(refused({.size_bytes = 6ull << 30}), "EntityTooLarge");
}

TEST_F(ObjectsTest, AMissingBucketOrKeyIsSaid) {
    EXPECT_EQ(fixture.Put("nothing", "x", "1").error().code(), "NoSuchBucket");
    EXPECT_EQ(fixture.Get("nothing", "x").error().code(), "NoSuchBucket");
    EXPECT_EQ(fixture.Get("photos", "x").error().code(), "NoSuchKey");
    GetRequest versioned = From("x");
    versioned.version_id = "abc";
    EXPECT_EQ(fixture.Get(versioned).error().code(), "NoSuchVersion");
}

TEST_F(ObjectsTest, RangesAreThoseOfTheObject) {
    ASSERT_TRUE(fixture.Put("photos", "x", "0123456789"));
    const auto read = [&](codec::RangeSpec range) {
        GetRequest request = From("x");
        request.range = range;
        return fixture.Get(request);
    };
    EXPECT_EQ(read({.first = 2, .last = 4}).value(), "234");
    EXPECT_EQ(read({.first = 8, .last = {}}).value(), "89");
    EXPECT_EQ(read({.first = {}, .last = 3}).value(), "789");
    EXPECT_EQ(read({.first = 10, .last = {}}).error().code(), "InvalidRange");
}

TEST_F(ObjectsTest, ConditionsOfReadsFollowTheStandardsOrder) {
    const std::string etag = fixture.Put("photos", "x", "1").value().etag;
    GetRequest request = From("x");
    request.conditions.if_match = "\"other\"";
    EXPECT_EQ(fixture.Get(request).error().code(), "PreconditionFailed");
    request.conditions = {.if_none_match = "\"" + etag + "\""};
    EXPECT_TRUE(RunTask(fixture.objects().Get(request)).value().not_modified);
    // If-Match holds, so If-Unmodified-Since is not looked at (RFC 9110, 13.2.2).
    request.conditions = {.if_match = etag,
                          .if_unmodified_since = fixture.clock.Now() - std::chrono::hours(1)};
    EXPECT_EQ(fixture.Get(request).value(), "1");
    request.conditions = {.if_modified_since = fixture.clock.Now()};
    EXPECT_TRUE(RunTask(fixture.objects().Get(request)).value().not_modified);
}

TEST_F(ObjectsTest, ConditionsOfWritesHoldInTheTransaction) {
    PutRequest create = To("x");
    create.conditions.if_none_match = "*";
    const std::string etag = fixture.Put(create, "1").value().etag;
    EXPECT_EQ(fixture.Put(create, "2").error().code(), "PreconditionFailed");

    PutRequest replace = To("x");
    replace.conditions.if_match = "\"other\"";
    EXPECT_EQ(fixture.Put(replace, "2").error().code(), "PreconditionFailed");
    replace.conditions.if_match = "\"" + etag + "\"";
    EXPECT_TRUE(fixture.Put(replace, "2"));
    replace = To("missing");
    replace.conditions.if_match = "*";
    EXPECT_EQ(fixture.Put(replace, "2").error().code(), "NoSuchKey");
    EXPECT_EQ(fixture.Get("photos", "x").value(), "2");
}

TEST_F(ObjectsTest, OfTwoConditionalCreatesOneWins) {
    // Both pass the check before their bodies; the second finds the first's object in the
    // transaction.
    class Racing final : public ByteSource {
      public:
        Racing(ServiceFixture& fixture, PutRequest request)
            : fixture_(fixture), request_(std::move(request)) {}
        Task<Result<size_t>> Read(ByteSpan out) override {
            if (done_) co_return size_t{0};
            done_ = true;
            Objects objects(*fixture_.core);
            runtime::StringSource first("first");
            EXPECT_TRUE((co_await objects.Put(request_, first)).has_value());
            out[0] = std::byte{'2'};
            co_return size_t{1};
        }

      private:
        ServiceFixture& fixture_;
        PutRequest request_;
        bool done_ = false;
    };
    PutRequest create = To("x");
    create.conditions.if_none_match = "*";
    Racing second(fixture, create);
    const auto result = RunTask(fixture.objects().Put(create, second));
    EXPECT_EQ(result.error().code(), "PreconditionFailed");
    EXPECT_EQ(fixture.Get("photos", "x").value(), "first");
    EXPECT_EQ(fixture.StoredCopies(), 1u);
}

TEST_F(ObjectsTest, EqualContentIsStoredOnceAndStaysWhileAnythingRefersToIt) {
    ASSERT_TRUE(fixture.Put("photos", "a", "same"));
    ASSERT_TRUE(fixture.Put("photos", "b", "same"));
    EXPECT_EQ(fixture.StoredCopies(), 1u);
    ASSERT_TRUE(fixture.Delete("photos", "a"));
    EXPECT_EQ(fixture.StoredCopies(), 1u);
    EXPECT_EQ(fixture.Get("photos", "b").value(), "same");
    ASSERT_TRUE(fixture.Delete("photos", "b"));
    EXPECT_EQ(fixture.StoredCopies(), 0u);
}

TEST_F(ObjectsTest, OverwritingFreesTheSpaceOfWhatWasThere) {
    ASSERT_TRUE(fixture.Put("photos", "a", "one"));
    ASSERT_TRUE(fixture.Put("photos", "a", "two"));
    EXPECT_EQ(fixture.Get("photos", "a").value(), "two");
    EXPECT_EQ(fixture.StoredCopies(), 1u);
    // The same content in place of itself.
    ASSERT_TRUE(fixture.Put("photos", "a", "two"));
    EXPECT_EQ(fixture.StoredCopies(), 1u);
    EXPECT_EQ(fixture.Get("photos", "a").value(), "two");
}

TEST_F(ObjectsTest, ContentThatIsPutAgainBeforeItsRemovalStays) {
    ASSERT_TRUE(fixture.Put("photos", "a", "phoenix"));
    ASSERT_TRUE(fixture.Delete("photos", "a"));
    ASSERT_TRUE(fixture.Put("photos", "b", "phoenix"));
    EXPECT_EQ(fixture.StoredCopies(), 1u);
    EXPECT_EQ(fixture.Get("photos", "b").value(), "phoenix");
}

TEST_F(ObjectsTest, AReaderKeepsWhatItReadsThroughAnOverwrite) {
    ASSERT_TRUE(fixture.Put("photos", "a", std::string(600'000, 'o')));
    GetResult got = RunTask(fixture.objects().Get(From("a"))).value();
    ASSERT_TRUE(fixture.Put("photos", "a", "new"));
    EXPECT_EQ(fixture.StoredCopies(), 2u);  // the old one is held
    EXPECT_EQ(RunTask(runtime::ReadAll(*got.body, 1_MiB)).value(), std::string(600'000, 'o'));
    got.body.reset();
    EXPECT_EQ(fixture.StoredCopies(), 1u);
}

TEST_F(ObjectsTest, DeletingWhatIsNotThereSucceeds) {
    EXPECT_TRUE(fixture.Delete("photos", "nothing"));
    EXPECT_EQ(fixture.Delete("nothing", "x").error().code(), "NoSuchBucket");
}

TEST_F(ObjectsTest, DeletesCanBeConditional) {
    const std::string etag = fixture.Put("photos", "a", "1").value().etag;
    const auto remove = [&](auto set) {
        DeleteRequest request{.bucket = ServiceFixture::Bucket("photos"),
                              .key = ServiceFixture::Key("a")};
        set(request);
        return RunTask(fixture.objects().Delete(request));
    };
    EXPECT_EQ(remove([](auto& r) { r.if_match = "\"x\""; }).error().code(), "PreconditionFailed");
    EXPECT_EQ(remove([](auto& r) { r.if_match_size = 2; }).error().code(), "PreconditionFailed");
    EXPECT_EQ(
        remove([&](auto& r) { r.if_match_modified = fixture.clock.Now() - std::chrono::hours(1); })
            .error()
            .code(),
        "PreconditionFailed");
    EXPECT_TRUE(remove([&](auto& r) { r.if_match = etag; }));
    EXPECT_EQ(fixture.Get("photos", "a").error().code(), "NoSuchKey");
}

TEST_F(ObjectsTest, DeleteManyTellsOfEachAndDeletesOnlyWhatIsNamed) {
    ASSERT_TRUE(fixture.Put("photos", "a", "1"));
    ASSERT_TRUE(fixture.Put("photos", "b", "2"));
    const auto request = [](std::string_view key, std::optional<std::string> version) {
        return DeleteRequest{.bucket = ServiceFixture::Bucket("photos"),
                             .key = ServiceFixture::Key(key),
                             .version_id = std::move(version)};
    };
    const auto results =
        RunTask(fixture.objects().DeleteMany(ServiceFixture::Bucket("photos"),
                                             {request("a", {}), request("b", "no-such"),
                                              request("c", {}), request("b", "null")}))
            .value();
    ASSERT_EQ(results.size(), 4u);
    EXPECT_TRUE(results[0]);
    EXPECT_EQ(results[1].value().version_id, "no-such");
    EXPECT_TRUE(results[2]);
    EXPECT_EQ(results[3].value().version_id, "null");
    EXPECT_THAT(Keys(), IsEmpty());
}

TEST_F(ObjectsTest, CopiesReferToTheSameBytes) {
    PutRequest put = To("a");
    put.headers.user = {{"k", "v"}};
    const PutResult original = fixture.Put(put, "hello").value();
    const CopyRequest copy{
        .source = {.bucket = ServiceFixture::Bucket("photos"), .key = ServiceFixture::Key("a")},
        .bucket = ServiceFixture::Bucket("photos"),
        .key = ServiceFixture::Key("b")};
    EXPECT_EQ(RunTask(fixture.objects().Copy(copy)).value().etag, original.etag);
    EXPECT_EQ(fixture.StoredCopies(), 1u);
    ASSERT_TRUE(fixture.Delete("photos", "a"));
    EXPECT_EQ(fixture.StoredCopies(), 1u);
    EXPECT_EQ(fixture.Get("photos", "b").value(), "hello");
    EXPECT_EQ(RunTask(fixture.objects().Get(From("b"))).value().info.headers, put.headers);
}

TEST_F(ObjectsTest, ACopyOntoItselfNeedsAChange) {
    ASSERT_TRUE(fixture.Put("photos", "a", "hello"));
    CopyRequest copy{
        .source = {.bucket = ServiceFixture::Bucket("photos"), .key = ServiceFixture::Key("a")},
        .bucket = ServiceFixture::Bucket("photos"),
        .key = ServiceFixture::Key("a")};
    EXPECT_EQ(RunTask(fixture.objects().Copy(copy)).error().code(), "InvalidRequest");
    copy.replace_headers = ObjectHeaders{.standard = {}, .user = {{"new", "1"}}};
    EXPECT_TRUE(RunTask(fixture.objects().Copy(copy)));
    copy.replace_headers.reset();
    copy.names_class = true;
    EXPECT_TRUE(RunTask(fixture.objects().Copy(copy)));
    EXPECT_EQ(fixture.StoredCopies(), 1u);
    EXPECT_EQ(fixture.Get("photos", "a").value(), "hello");
}

TEST_F(ObjectsTest, ACopyComputesAChecksumThatItsSourceLacks) {
    ASSERT_TRUE(fixture.Put("photos", "a", "123456789"));
    const CopyRequest copy{
        .source = {.bucket = ServiceFixture::Bucket("photos"), .key = ServiceFixture::Key("a")},
        .bucket = ServiceFixture::Bucket("photos"),
        .key = ServiceFixture::Key("b"),
        .checksum = codec::ChecksumAlgorithm::kCrc32c};
    const auto checksum = RunTask(fixture.objects().Copy(copy)).value().checksum;
    ASSERT_TRUE(checksum);
    EXPECT_EQ(checksum->raw, "\xe3\x06\x92\x83");
}

TEST_F(ObjectsTest, UsageCountsWhatIsThere) {
    ASSERT_TRUE(fixture.Put("photos", "a", "12345"));
    ASSERT_TRUE(fixture.Put("photos", "a", "123"));
    ASSERT_TRUE(fixture.Put("photos", "b", std::string(2000, 'x')));
    ASSERT_TRUE(fixture.Delete("photos", "none"));
    std::vector<catalog::BucketUsage> usage;
    ASSERT_TRUE(fixture.database->ReadBlocking([&](db::Transaction& tx) -> Result<> {
        TRY(usage, catalog::ReadUsage(tx));
        return Ok();
    }));
    ASSERT_EQ(usage.size(), 1u);
    EXPECT_EQ(usage[0].versions, 2);
    EXPECT_EQ(usage[0].bytes, 2003);
    EXPECT_EQ(usage[0].versions_by_size[0], 1);
    EXPECT_EQ(usage[0].versions_by_size[1], 1);
}

// A listing by definition: everything, filtered and rolled up, then cut into pages.
std::vector<std::string> ExpectedListing(const std::vector<std::string>& keys,
                                         const std::string& prefix, const std::string& delimiter) {
    std::vector<std::string> entries;
    for (const std::string& key : keys) {
        if (!key.starts_with(prefix)) continue;
        const size_t at =
            delimiter.empty() ? std::string::npos : key.find(delimiter, prefix.size());
        const std::string entry =
            at == std::string::npos ? key : key.substr(0, at + delimiter.size());
        if (entries.empty() || entries.back() != entry) entries.push_back(entry);
    }
    return entries;
}

TEST_F(ObjectsTest, ListingsOfRandomKeysMatchTheirDefinitionWhateverThePageSize) {
    const uint32_t seed = std::random_device{}();
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    std::vector<std::string> keys;
    for (int i = 0; i < 60; ++i) {
        std::string key;
        for (size_t n = 1 + random() % 6; key.size() < n;)
            key += "abc/"[random() % 4];
        keys.push_back(key);
    }
    std::ranges::sort(keys);
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    for (const std::string& key : keys)
        ASSERT_TRUE(fixture.Put("photos", key, "x"));

    for (const std::string prefix : {"", "a", "a/", "b/c", "/"}) {
        for (const std::string delimiter : {"", "/", "b", "a/"}) {
            const auto expected = ExpectedListing(keys, prefix, delimiter);
            for (const size_t limit : {1u, 2u, 7u, 1000u}) {
                std::vector<std::string> entries;
                std::string after;
                for (;;) {
                    const ListResult page =
                        RunTask(fixture.objects().List({.bucket = ServiceFixture::Bucket("photos"),
                                                        .prefix = prefix,
                                                        .delimiter = delimiter,
                                                        .after = after,
                                                        .limit = limit}))
                            .value();
                    std::vector<std::string> merged(page.common_prefixes.begin(),
                                                    page.common_prefixes.end());
                    for (const ListedVersion& object : page.objects)
                        merged.emplace_back(object.key);
                    std::ranges::sort(merged);
                    ASSERT_LE(merged.size(), limit);
                    entries.insert(entries.end(), merged.begin(), merged.end());
                    if (!page.truncated) break;
                    ASSERT_EQ(page.last, merged.back());
                    after = page.last;
                }
                ASSERT_EQ(entries, expected)
                    << "prefix '" << prefix << "' delimiter '" << delimiter << "' limit " << limit;
            }
        }
    }
}

TEST_F(ObjectsTest, EveryObjectIsOneNullVersion) {
    ASSERT_TRUE(fixture.Put("photos", "a", "1"));
    ASSERT_TRUE(fixture.Put("photos", "a", "2"));
    ASSERT_TRUE(fixture.Put("photos", "b", "3"));
    const ListVersionsResult page =
        RunTask(fixture.objects().ListVersions({.bucket = ServiceFixture::Bucket("photos"),
                                                .key_marker = "a",
                                                .version_id_marker = "null"}))
            .value();
    ASSERT_EQ(page.versions.size(), 1u);
    EXPECT_EQ(page.versions[0].key, "b");
    EXPECT_EQ(page.versions[0].version_id, "null");
    EXPECT_TRUE(page.versions[0].is_latest);
    EXPECT_FALSE(page.truncated);
}

}  // namespace
}  // namespace coffer::service
