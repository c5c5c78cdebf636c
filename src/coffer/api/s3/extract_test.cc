// Reading inside ZIP archives.
#include <gtest/gtest.h>

#include "tests/support/s3_fixture.h"
#include "tests/support/zip_archives.h"

namespace coffer::api::s3 {
namespace {

class Extract : public ::testing::Test, public S3Fixture {
  protected:
    Extract() {
        EXPECT_EQ(Send("PUT", "/bucket").status, 200);
        EXPECT_EQ(Send("PUT", "/bucket/in/a.zip", testing::ZipArchive()).status, 200);
    }

    TestReply Ask(std::string method, std::string target, bool sign = true) {
        return Send(TestRequest{.method = std::move(method),
                                .target = std::move(target),
                                .headers = {{"x-minio-extract", "true"}},
                                .sign = sign});
    }
    TestReply AskIf(std::string condition, std::string value) {
        return Send("GET", "/bucket/in/a.zip/a.txt", "",
                    {{"x-minio-extract", "true"}, {std::move(condition), std::move(value)}});
    }
    std::vector<std::string> Names(const TestReply& list, const std::string& element) {
        std::vector<std::string> names;
        const std::string open = "<" + element + ">";
        for (size_t at = list.body.find(open); at != std::string::npos;
             at = list.body.find(open, at + 1)) {
            const size_t begin = at + open.size();
            names.push_back(list.body.substr(begin, list.body.find('<', begin) - begin));
        }
        return names;
    }
};

using Strings = std::vector<std::string>;

TEST_F(Extract, GivesAFileOfAnArchive) {
    for (const std::string& archive : {testing::ZipArchive(), testing::Zip64Archive()}) {
        const std::string etag = Send("PUT", "/bucket/in/a.zip", archive).Header("ETag");
        const TestReply stored = Ask("GET", "/bucket/in/a.zip/a.txt");
        EXPECT_EQ(stored.status, 200) << stored.body;
        EXPECT_EQ(stored.body, "hello");
        EXPECT_EQ(stored.Header("Content-Type"), "text/plain");
        EXPECT_EQ(stored.Header("Last-Modified"), "Fri, 02 Jan 2026 03:04:06 GMT");
        EXPECT_EQ(stored.Header("ETag"), etag);
        EXPECT_EQ(Ask("GET", "/bucket/in/a.zip/dir/b.txt").body, std::string(100'000, 'x'));
        EXPECT_EQ(Ask("GET", "/bucket/in/a.zip/empty").body, "");
        const TestReply head = Ask("HEAD", "/bucket/in/a.zip/dir/sub/c.html");
        EXPECT_EQ(head.content_length, 8U);
        EXPECT_EQ(head.body, "");
    }
}

TEST_F(Extract, KeepsToConditions) {
    const std::string etag = Ask("GET", "/bucket/in/a.zip/a.txt").Header("ETag");
    const TestReply same = AskIf("If-None-Match", etag);
    EXPECT_EQ(same.status, 304);
    EXPECT_EQ(same.body, "");
    EXPECT_EQ(same.Header("ETag"), etag);
    EXPECT_EQ(AskIf("If-None-Match", "\"another\"").body, "hello");
    EXPECT_EQ(AskIf("If-Match", etag).body, "hello");
    EXPECT_EQ(AskIf("If-Match", "\"another\"").status, 412);
}

TEST_F(Extract, OnlyWhereItIsAskedFor) {
    EXPECT_EQ(Send("GET", "/bucket/in/a.zip/a.txt").Element("Code"), "NoSuchKey");
    EXPECT_EQ(Ask("GET", "/bucket/in/a.zip").body, testing::ZipArchive());
    EXPECT_EQ(Names(Send("GET", "/bucket?list-type=2&prefix=in/a.zip/"), "Key"), Strings{});
}

TEST_F(Extract, ListsWhatIsInAnArchive) {
    EXPECT_EQ(Names(Ask("GET", "/bucket?list-type=2&prefix=in/a.zip/"), "Key"),
              (Strings{"in/a.zip/a.txt", "in/a.zip/dir/b.txt", "in/a.zip/dir/sub/c.html",
                       "in/a.zip/empty"}));
    const TestReply rolled_up = Ask("GET", "/bucket?list-type=2&prefix=in/a.zip/dir/&delimiter=/");
    EXPECT_EQ(Names(rolled_up, "Key"), Strings{"in/a.zip/dir/b.txt"});
    EXPECT_EQ(Names(rolled_up, "Prefix"), (Strings{"in/a.zip/dir/", "in/a.zip/dir/sub/"}));

    Strings paged;
    std::string token;
    for (int page = 0; page < 4; ++page) {
        const TestReply list =
            Ask("GET", "/bucket?list-type=2&max-keys=1&prefix=in/a.zip/" +
                           (token.empty() ? "" : "&continuation-token=" + token));
        EXPECT_EQ(list.Element("IsTruncated"), page < 3 ? "true" : "false");
        token = list.Element("NextContinuationToken");
        for (std::string& name : Names(list, "Key"))
            paged.push_back(std::move(name));
    }
    EXPECT_EQ(paged.size(), 4U);
}

TEST_F(Extract, ListsWhatFollowsAMarkerAsABucketDoes) {
    for (const std::string name : {"a.txt", "dir/b.txt", "dir/sub/c.html", "empty"})
        Send("PUT", "/bucket/in/a.zip/" + name, "an object beside the archive");
    for (const std::string after :
         {"a.txt", "dir/", "dir/a", "dir/b.txt", "dir/sub/", "dir/sub/c.html", "dirs", "empty"}) {
        for (const std::string inner : {"", "dir/"}) {
            const std::string target = "/bucket?list-type=2&delimiter=/&prefix=in/a.zip/" + inner +
                                       "&start-after=in/a.zip/" + after;
            SCOPED_TRACE(target);
            const TestReply in_bucket = Send("GET", target);
            const TestReply in_archive = Ask("GET", target);
            EXPECT_EQ(Names(in_archive, "Key"), Names(in_bucket, "Key"));
            EXPECT_EQ(Names(in_archive, "Prefix"), Names(in_bucket, "Prefix"));
        }
    }
    const TestReply within = Ask(
        "GET", "/bucket?list-type=2&delimiter=/&prefix=in/a.zip/&start-after=in/a.zip/dir/b.txt");
    EXPECT_EQ(Names(within, "Prefix"), (Strings{"in/a.zip/", "in/a.zip/dir/"}));
    EXPECT_EQ(Names(within, "Key"), Strings{"in/a.zip/empty"});
}

TEST_F(Extract, RefusesWhatIsNoArchive) {
    EXPECT_EQ(Ask("GET", "/bucket/in/a.zip/missing").Element("Code"), "NoSuchKey");
    EXPECT_EQ(Ask("GET", "/bucket/in/a.zip/dir/").Element("Code"), "NoSuchKey");
    EXPECT_EQ(Ask("GET", "/bucket/in/a.zip/../a.txt").Element("Code"), "NoSuchKey")
        << "attack 32: names are compared as they are";
    EXPECT_EQ(Ask("GET", "/bucket/missing.zip/a.txt").Element("Code"), "NoSuchKey");
    Send("PUT", "/bucket/text.zip", "no archive");
    EXPECT_EQ(Ask("GET", "/bucket/text.zip/a.txt").Element("Code"), "InvalidRequest");
    EXPECT_EQ(Ask("GET", "/bucket?list-type=2&prefix=text.zip/").Element("Code"), "InvalidRequest");
    Send("PUT", "/bucket/empty.zip", "");
    EXPECT_EQ(Ask("GET", "/bucket/empty.zip/a.txt").Element("Code"), "InvalidRequest");
    std::string encrypted = testing::ZipArchive();
    encrypted[encrypted.find("PK\x01\x02") + 8] |= 1;
    Send("PUT", "/bucket/encrypted.zip", encrypted);
    EXPECT_EQ(Ask("GET", "/bucket/encrypted.zip/a.txt").status, 501);
}

TEST_F(Extract, NeverGivesADamagedFileAsAWhole) {
    const std::string good = testing::ZipArchive();
    std::string stored = good;
    stored[stored.find("hello")] ^= 1;
    Send("PUT", "/bucket/stored.zip", stored);
    EXPECT_TRUE(Ask("GET", "/bucket/stored.zip/a.txt").broken);

    // The directory says that 100,000 bytes are 5, or 200,000 (attack 50: what is inflated is
    // bounded by what was promised).
    const size_t entry =
        good.find("PK\x01\x02", good.find("PK\x01\x02", good.find("PK\x01\x02") + 1) + 1);
    for (const uint32_t size : {5U, 200'000U}) {
        std::string lies = good;
        for (size_t i = 0; i < 4; ++i)
            lies[entry + 24 + i] = static_cast<char>(size >> (8 * i));
        Send("PUT", "/bucket/lies.zip", lies);
        EXPECT_TRUE(Ask("GET", "/bucket/lies.zip/dir/b.txt").broken) << size;
    }
}

TEST_F(Extract, NeedsTheRightToReadTheArchive) {
    const auto allow = [&](std::string_view resource) {
        EXPECT_EQ(Send("PUT", "/bucket?policy",
                       fmt::format(R"({{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",
                           "Principal":"*","Action":["s3:GetObject","s3:ListBucket"],
                           "Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/{}"]}}]}})",
                                   resource))
                      .status,
                  204);
    };
    allow("in/a.zip/*");
    EXPECT_EQ(Ask("GET", "/bucket/in/a.zip/a.txt", false).status, 403);
    EXPECT_EQ(Ask("GET", "/bucket?list-type=2&prefix=in/a.zip/", false).status, 403);
    allow("in/a.zip");
    EXPECT_EQ(Ask("GET", "/bucket/in/a.zip/a.txt", false).status, 403);
    allow("in/*");
    EXPECT_EQ(Ask("GET", "/bucket/in/a.zip/a.txt", false).body, "hello");
    EXPECT_EQ(Ask("GET", "/bucket?list-type=2&prefix=in/a.zip/", false).status, 200);
}

}  // namespace
}  // namespace coffer::api::s3
