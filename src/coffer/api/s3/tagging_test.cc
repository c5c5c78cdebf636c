// Tags as clients see them: documents, headers and errors. What tags may be is tested in
// service/tags_test.cc.
#include <gtest/gtest.h>

#include "tests/support/s3_fixture.h"

namespace coffer::api::s3 {
namespace {

std::string Tagging(std::vector<std::pair<std::string, std::string>> tags) {
    std::string document = "<Tagging xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><TagSet>";
    for (const auto& [name, value] : tags)
        document += fmt::format("<Tag><Key>{}</Key><Value>{}</Value></Tag>", name, value);
    return document + "</TagSet></Tagging>";
}

class S3Tagging : public ::testing::Test, public S3Fixture {
  protected:
    S3Tagging() {
        EXPECT_EQ(Send("PUT", "/bucket").status, 200);
        EXPECT_EQ(Send("PUT", "/bucket/k", "body").status, 200);
    }

    // The tags as "name=value", in order.
    std::string Tags(std::string_view target) {
        const TestReply reply = Send("GET", std::string(target));
        EXPECT_EQ(reply.status, 200);
        std::string text;
        for (size_t at = 0; (at = reply.body.find("<Tag>", at)) != std::string::npos; ++at) {
            TestReply tag;
            tag.body = reply.body.substr(at);
            text += fmt::format("{}={} ", tag.Element("Key"), tag.Element("Value"));
        }
        return text;
    }
};

TEST_F(S3Tagging, OfAnObjectAreSetReadAndDeleted) {
    EXPECT_EQ(Send("GET", "/bucket/k?tagging").body,
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
              "<Tagging xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><TagSet/></Tagging>");
    EXPECT_EQ(Send("PUT", "/bucket/k?tagging", Tagging({{"b", "2"}, {"a", "x &amp; y"}})).status,
              400);
    EXPECT_EQ(Send("PUT", "/bucket/k?tagging", Tagging({{"b", ""}, {"a", "x y"}})).status, 200);
    EXPECT_EQ(Tags("/bucket/k?tagging"), "a=x y b= ");
    EXPECT_EQ(Send("GET", "/bucket/k").Header("x-amz-tagging-count"), "2");
    EXPECT_EQ(Send("HEAD", "/bucket/k").Header("x-amz-tagging-count"), "2");
    EXPECT_EQ(Send("PUT", "/bucket/k?tagging", Tagging({{"c", "3"}})).status, 200);
    EXPECT_EQ(Tags("/bucket/k?tagging"), "c=3 ");
    EXPECT_EQ(Send("DELETE", "/bucket/k?tagging").status, 204);
    EXPECT_EQ(Tags("/bucket/k?tagging"), "");
    EXPECT_FALSE(Send("HEAD", "/bucket/k").headers.Has("x-amz-tagging-count"));
    EXPECT_EQ(Send("GET", "/bucket/k").body, "body");
}

TEST_F(S3Tagging, OfWhatIsNotThereIsAnError) {
    for (const char* method : {"GET", "PUT", "DELETE"}) {
        const auto code = [&](std::string target) {
            return Send(method, target, method == std::string("PUT") ? Tagging({}) : "")
                .Element("Code");
        };
        EXPECT_EQ(code("/bucket/missing?tagging"), "NoSuchKey") << method;
        EXPECT_EQ(code("/missing/k?tagging"), "NoSuchBucket") << method;
        EXPECT_EQ(code("/bucket/k?tagging&versionId=nonsense"), "InvalidArgument") << method;
        EXPECT_EQ(code("/bucket/k?tagging&versionId=" + std::string(32, '0')), "NoSuchVersion");
    }
}

TEST_F(S3Tagging, RefusesWhatIsNoTagging) {
    ASSERT_EQ(Send("PUT", "/bucket/k?tagging", Tagging({{"kept", "1"}})).status, 200);
    const auto code = [&](std::string document) {
        return Send("PUT", "/bucket/k?tagging", std::move(document)).Element("Code");
    };
    for (const char* document :
         {"", "<Tagging>", "<Other/>", "<Tagging/>", "<Tagging><TagSet/><TagSet/></Tagging>",
          "<Tagging><TagSet><Tag/></TagSet></Tagging>",
          "<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>",
          "<Tagging><TagSet><Tag><Value>a</Value></Tag></TagSet></Tagging>",
          "<Tagging><TagSet><Tag><Key>a</Key><Key>b</Key><Value>v</Value></Tag></TagSet></Tagging>",
          "<Tagging><TagSet><Other/></TagSet></Tagging>"}) {
        EXPECT_EQ(code(document), "MalformedXML") << document;
    }
    EXPECT_EQ(code(Tagging({{"a", "1"}, {"a", "2"}})), "InvalidTag");
    EXPECT_EQ(code(Tagging({{"", "1"}})), "InvalidTag");
    EXPECT_EQ(code(Tagging({{"aws:a", "1"}})), "InvalidTag");
    EXPECT_EQ(code(Tagging({{std::string(129, 'k'), "1"}})), "InvalidTag");
    std::vector<std::pair<std::string, std::string>> many;
    for (char c = 'a'; c <= 'k'; ++c)
        many.emplace_back(std::string(1, c), "v");
    const TestReply eleven = Send("PUT", "/bucket/k?tagging", Tagging(many));
    EXPECT_EQ(eleven.Element("Code"), "InvalidTag");
    EXPECT_EQ(eleven.Element("Message"), "Object tags cannot be greater than 10");
    EXPECT_EQ(Tags("/bucket/k?tagging"), "kept=1 ");
}

TEST_F(S3Tagging, ComeWithWrites) {
    EXPECT_EQ(Send("PUT", "/bucket/a", "x", {{"x-amz-tagging", "b=2%203&a=+&c"}}).status, 200);
    EXPECT_EQ(Tags("/bucket/a?tagging"), "a=  b=2 3 c= ");
    for (const auto& [header, code] : std::vector<std::pair<std::string, std::string>>{
             {"a=%zz", "InvalidArgument"}, {"a=1&a=2", "InvalidTag"}, {"=1", "InvalidTag"}}) {
        const TestReply put = Send("PUT", "/bucket/b", "x", {{"x-amz-tagging", header}});
        EXPECT_EQ(put.Element("Code"), code) << header;
        EXPECT_FALSE(put.body_read);
    }
    EXPECT_EQ(Send("GET", "/bucket/b").status, 404);

    const std::string id =
        Send("POST", "/bucket/big?uploads", "", {{"x-amz-tagging", "part=whole"}})
            .Element("UploadId");
    const std::string etag =
        Send("PUT", "/bucket/big?partNumber=1&uploadId=" + id, "x").Header("ETag");
    EXPECT_EQ(
        Send("POST", "/bucket/big?uploadId=" + id,
             fmt::format("<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag>"
                         "</Part></CompleteMultipartUpload>",
                         etag))
            .status,
        200);
    EXPECT_EQ(Tags("/bucket/big?tagging"), "part=whole ");
}

TEST_F(S3Tagging, AreCopiedUnlessTheyAreReplaced) {
    Send("PUT", "/bucket/a", "x", {{"x-amz-tagging", "a=1"}});
    const auto copy = [&](std::vector<http::Header> headers) {
        headers.push_back({"x-amz-copy-source", "bucket/a"});
        return Send("PUT", "/bucket/c", "", std::move(headers));
    };
    EXPECT_EQ(copy({}).status, 200);
    EXPECT_EQ(Tags("/bucket/c?tagging"), "a=1 ");
    EXPECT_EQ(copy({{"x-amz-metadata-directive", "REPLACE"}}).status, 200);
    EXPECT_EQ(Tags("/bucket/c?tagging"), "a=1 ");
    EXPECT_EQ(copy({{"x-amz-tagging-directive", "REPLACE"}, {"x-amz-tagging", "b=2"}}).status, 200);
    EXPECT_EQ(Tags("/bucket/c?tagging"), "b=2 ");
    EXPECT_EQ(copy({{"x-amz-tagging-directive", "REPLACE"}}).status, 200);
    EXPECT_EQ(Tags("/bucket/c?tagging"), "");
    EXPECT_EQ(copy({{"x-amz-tagging-directive", "KEEP"}}).Element("Code"), "InvalidArgument");
}

TEST_F(S3Tagging, OfAVersionAreItsOwn) {
    Send("PUT", "/bucket?versioning",
         "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
    const std::string first = Send("PUT", "/bucket/k", "1").Header("x-amz-version-id");
    const std::string second = Send("PUT", "/bucket/k", "2").Header("x-amz-version-id");
    const TestReply put =
        Send("PUT", "/bucket/k?tagging&versionId=" + first, Tagging({{"a", "1"}}));
    EXPECT_EQ(put.Header("x-amz-version-id"), first);
    EXPECT_EQ(Tags("/bucket/k?tagging&versionId=" + first), "a=1 ");
    EXPECT_EQ(Tags("/bucket/k?tagging"), "");
    EXPECT_EQ(Send("GET", "/bucket/k?tagging").Header("x-amz-version-id"), second);
    const TestReply deleted = Send("DELETE", "/bucket/k?tagging&versionId=" + first);
    EXPECT_EQ(deleted.status, 204);
    EXPECT_EQ(deleted.Header("x-amz-version-id"), first);
    EXPECT_EQ(Tags("/bucket/k?tagging&versionId=" + first), "");
    EXPECT_EQ(Send("GET", "/bucket/k?versionId=" + first).body, "1");
    const std::string marker = Send("DELETE", "/bucket/k").Header("x-amz-version-id");
    EXPECT_EQ(Send("GET", "/bucket/k?tagging&versionId=" + marker).status, 405);
}

TEST_F(S3Tagging, OfABucketAreSetReadAndDeleted) {
    EXPECT_EQ(Send("GET", "/bucket?tagging").Element("Code"), "NoSuchTagSet");
    EXPECT_EQ(Send("PUT", "/bucket?tagging", Tagging({{"b", "2"}, {"a", "1"}})).status, 200);
    EXPECT_EQ(Tags("/bucket?tagging"), "a=1 b=2 ");
    std::vector<std::pair<std::string, std::string>> many;
    for (int i = 10; i < 61; ++i)
        many.emplace_back(std::to_string(i), "v");
    EXPECT_EQ(Send("PUT", "/bucket?tagging", Tagging(many)).Element("Code"), "InvalidTag");
    EXPECT_EQ(Tags("/bucket?tagging"), "a=1 b=2 ");
    many.pop_back();
    EXPECT_EQ(Send("PUT", "/bucket?tagging", Tagging(many)).status, 200);
    EXPECT_EQ(Send("DELETE", "/bucket?tagging").status, 204);
    EXPECT_EQ(Send("GET", "/bucket?tagging").Element("Code"), "NoSuchTagSet");
    EXPECT_EQ(Send("DELETE", "/bucket?tagging").status, 204);
    EXPECT_EQ(Send("PUT", "/missing?tagging", Tagging({})).Element("Code"), "NoSuchBucket");

    EXPECT_EQ(Send("PUT", "/tagged",
                   "<CreateBucketConfiguration><Tags><Tag><Key>team</Key><Value>x</Value></Tag>"
                   "</Tags></CreateBucketConfiguration>")
                  .status,
              200);
    EXPECT_EQ(Tags("/tagged?tagging"), "team=x ");
}

}  // namespace
}  // namespace coffer::api::s3
