#include "coffer/service/tags.h"

#include <gtest/gtest.h>

#include "tests/support/service_fixture.h"

namespace coffer::service {
namespace {

using testing::RunTask;
using testing::ServiceFixture;

// "ok", or what is wrong.
std::string Check(Tags tags, size_t most = kMaxObjectTags) {
    const auto checked = CheckTags(std::move(tags), most);
    return checked ? "ok" : std::string(checked.error().code());
}

std::string Repeat(std::string_view text, size_t times) {
    std::string all;
    for (size_t i = 0; i < times; ++i)
        all += text;
    return all;
}

Tags Numbered(size_t count) {
    Tags tags;
    for (size_t i = 0; i < count; ++i)
        tags.emplace_back("k" + std::to_string(i), "v");
    return tags;
}

TEST(Tags, AreOrderedByTheirNames) {
    EXPECT_EQ(CheckTags({{"b", "1"}, {"a", "2"}}, 10).value(), (Tags{{"a", "2"}, {"b", "1"}}));
}

TEST(Tags, AreLimitedInNumberLengthAndCharacters) {
    EXPECT_EQ(Check({}), "ok");
    EXPECT_EQ(Check(Numbered(10)), "ok");
    EXPECT_EQ(Check(Numbered(11)), "InvalidTag");
    EXPECT_EQ(Check(Numbered(50), kMaxBucketTags), "ok");
    EXPECT_EQ(Check(Numbered(51), kMaxBucketTags), "InvalidTag");

    EXPECT_EQ(Check({{"", "v"}}), "InvalidTag");
    EXPECT_EQ(Check({{"k", ""}}), "ok");
    EXPECT_EQ(Check({{Repeat("k", 128), Repeat("v", 256)}}), "ok");
    EXPECT_EQ(Check({{Repeat("k", 129), "v"}}), "InvalidTag");
    EXPECT_EQ(Check({{"k", Repeat("v", 257)}}), "InvalidTag");
    EXPECT_EQ(Check({{Repeat("ü", 128), Repeat("\U0001F600", 256)}}), "ok") << "not bytes";

    EXPECT_EQ(Check({{"aZ0 +-=._:/@", "aZ0 +-=._:/@"}}), "ok");
    for (const char* text : {"a&b", "a?b", "a\nb", "a*b", "a\"b", "\xff", "a,b", "a\x7f"}) {
        EXPECT_EQ(Check({{text, "v"}}), "InvalidTag") << text;
        EXPECT_EQ(Check({{"k", text}}), "InvalidTag") << text;
    }
    EXPECT_EQ(Check({{"a", "1"}, {"b", "1"}, {"a", "2"}}), "InvalidTag");
    EXPECT_EQ(Check({{"a", "1"}, {"A", "2"}}), "ok");
    EXPECT_EQ(Check({{"aws:x", "1"}}), "InvalidTag");
    EXPECT_EQ(Check({{"AWS:x", "1"}}), "InvalidTag");
    EXPECT_EQ(Check({{"x", "aws:"}}), "ok");
}

class ObjectTagsTest : public ::testing::Test {
  protected:
    ObjectTagsTest() { fixture_.MakeBucket("photos"); }

    Result<std::string> Set(std::optional<std::string> version_id, Tags tags) {
        return RunTask(fixture_.objects().SetTags(
            {kBucket, ServiceFixture::Key("a"), std::move(version_id)}, std::move(tags)));
    }
    ObjectHeaders Headers(std::string_view key, std::optional<std::string> version_id = {}) {
        return RunTask(fixture_.objects().Get({.bucket = kBucket,
                                               .key = ServiceFixture::Key(key),
                                               .version_id = std::move(version_id),
                                               .with_body = false}))
            .value()
            .info.headers;
    }
    CopyRequest ToB() {
        return {.source = {.bucket = kBucket, .key = ServiceFixture::Key("a")},
                .bucket = kBucket,
                .key = ServiceFixture::Key("b")};
    }

    const BucketName kBucket = ServiceFixture::Bucket("photos");
    ServiceFixture fixture_;
};

TEST_F(ObjectTagsTest, ComeWithTheObjectAndChangeWithoutIt) {
    PutRequest put{kBucket, ServiceFixture::Key("a"), {}, {}, {}};
    put.headers.user = {{"k", "v"}};
    put.headers.tags = {{"t", "1"}};
    ASSERT_TRUE(fixture_.Put(put, "body"));
    EXPECT_EQ(Headers("a"), put.headers);
    ASSERT_TRUE(Set({}, {{"t", "2"}, {"u", ""}}));
    put.headers.tags = {{"t", "2"}, {"u", ""}};
    EXPECT_EQ(Headers("a"), put.headers) << "nothing else has changed";
    EXPECT_EQ(fixture_.Get("photos", "a").value(), "body");
    ASSERT_TRUE(Set({}, {}));
    EXPECT_EQ(Headers("a").tags, Tags());
}

TEST_F(ObjectTagsTest, AreThoseOfOneVersion) {
    ASSERT_TRUE(RunTask(Buckets(*fixture_.core).SetVersioning(kBucket, Versioning::kEnabled)));
    const std::string first = fixture_.Put("photos", "a", "1").value().version_id;
    const std::string second = fixture_.Put("photos", "a", "2").value().version_id;
    EXPECT_EQ(Set(first, {{"old", "1"}}).value(), first);
    EXPECT_EQ(Set({}, {{"new", "2"}}).value(), second);
    EXPECT_EQ(Headers("a", first).tags, (Tags{{"old", "1"}}));
    EXPECT_EQ(Headers("a").tags, (Tags{{"new", "2"}}));
    const std::string marker = fixture_.Delete("photos", "a").value().version_id;
    EXPECT_EQ(Set({}, {{"x", "y"}}).error().code(), "NoSuchKey");
    EXPECT_EQ(Set(marker, {{"x", "y"}}).error().code(), "MethodNotAllowed");
    EXPECT_EQ(Set(std::string(32, '0'), {{"x", "y"}}).error().code(), "NoSuchVersion");
}

TEST_F(ObjectTagsTest, AreCopiedOrReplacedWhateverBecomesOfTheHeaders) {
    PutRequest put{kBucket, ServiceFixture::Key("a"), {}, {}, {}};
    put.headers = {.standard = {}, .user = {{"k", "v"}}, .tags = {{"t", "1"}}};
    ASSERT_TRUE(fixture_.Put(put, "body"));

    CopyRequest copy = ToB();
    copy.replace_headers = ObjectHeaders{.standard = {}, .user = {{"other", "w"}}, .tags = {}};
    ASSERT_TRUE(RunTask(fixture_.objects().Copy(copy)));
    EXPECT_EQ(Headers("b").tags, put.headers.tags);
    EXPECT_EQ(Headers("b").user, copy.replace_headers->user);

    copy = ToB();
    copy.replace_tags = Tags();
    ASSERT_TRUE(RunTask(fixture_.objects().Copy(copy)));
    EXPECT_EQ(Headers("b").tags, Tags());
    EXPECT_EQ(Headers("b").user, put.headers.user);
}

}  // namespace
}  // namespace coffer::service
