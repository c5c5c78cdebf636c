// Multipart uploads over HTTP.
#include <gtest/gtest.h>

#include "coffer/api/s3/reply.h"

#include "tests/support/s3_fixture.h"

namespace coffer::api::s3 {
namespace {

class S3Multipart : public S3BucketTest {
  protected:
    // Makes an object of these parts; the answer to its completion.
    TestReply PutInParts(const std::string& target, const std::vector<std::string>& parts,
                         std::vector<http::Header> headers = {}) {
        const std::string upload =
            target + "?uploadId=" +
            Send("POST", target + "?uploads", "", std::move(headers)).Element("UploadId");
        std::string document;
        for (size_t i = 1; i <= parts.size(); ++i) {
            const TestReply part =
                Send("PUT", fmt::format("{}&partNumber={}", upload, i), parts[i - 1]);
            document += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", i,
                                    UnquoteEtag(part.Header("ETag")));
        }
        return Send("POST", upload,
                    "<CompleteMultipartUpload>" + document + "</CompleteMultipartUpload>");
    }
};

TEST_F(S3Multipart, UploadsInParts) {
    const TestReply create = Send("POST", "/bucket/big?uploads", "", {{"x-amz-meta-color", "red"}});
    const std::string id = create.Element("UploadId");
    ASSERT_NE(id, "");
    const std::string first(5_MiB, 'a');
    const std::string target = "/bucket/big?uploadId=" + id;
    const std::string etag1 = Send("PUT", target + "&partNumber=1", first).Header("ETag");
    Send("PUT", "/bucket/source", "0123456789");
    const TestReply part2 =
        Send("PUT", target + "&partNumber=2", "",
             {{"x-amz-copy-source", "bucket/source"}, {"x-amz-copy-source-range", "bytes=2-4"}});
    EXPECT_EQ(part2.status, 200);
    const std::string etag2 = part2.Element("ETag");

    const TestReply parts = Send("GET", target);
    EXPECT_EQ(parts.Element("Size"), std::to_string(first.size()));
    EXPECT_EQ(parts.Element("NextPartNumberMarker"), "2");
    EXPECT_EQ(Send("GET", target + "&part-number-marker=1").Element("Size"), "3");
    EXPECT_EQ(Send("GET", "/bucket?uploads").Element("UploadId"), id);

    const std::string document = fmt::format(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag></Part>"
        "<Part><PartNumber>2</PartNumber><ETag>{}</ETag></Part></CompleteMultipartUpload>",
        UnquoteEtag(etag1), etag2);
    EXPECT_EQ(Send("POST", target, "<CompleteMultipartUpload/>").Element("Code"), "MalformedXML");
    EXPECT_EQ(Send("POST", target).Element("Code"), "MalformedXML");
    const TestReply done = Send("POST", target, document);
    EXPECT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(done.Element("Location"), "http://localhost:9000/bucket/big");

    const TestReply get = Send("GET", "/bucket/big");
    EXPECT_EQ(get.body, first + "234");
    EXPECT_EQ(get.Header("x-amz-meta-color"), "red");
    const TestReply part = Send("GET", "/bucket/big?partNumber=2");
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, "234");
    EXPECT_EQ(part.Header("x-amz-mp-parts-count"), "2");
    EXPECT_EQ(Send("GET", "/bucket/big?partNumber=3").status, 416);
    for (const char* number : {"0", "10001", "-1", "one", ""}) {
        EXPECT_EQ(Send("PUT", target + "&partNumber=" + number, "x").Element("Code"),
                  "InvalidArgument")
            << number;
    }
    const TestReply attributes = Send(
        "GET", "/bucket/big?attributes", "",
        {{"x-amz-object-attributes", "ObjectParts,ObjectSize, ETag"}, {"x-amz-max-parts", "1"}});
    EXPECT_EQ(attributes.Element("PartsCount"), "2");
    EXPECT_EQ(attributes.Element("IsTruncated"), "true");
    EXPECT_EQ(attributes.Element("NextPartNumberMarker"), "1");
    EXPECT_EQ(attributes.Element("ObjectSize"), std::to_string(first.size() + 3));
}

TEST_F(S3Multipart, TellsACompositeChecksumOfACopyWithTheNumberOfItsParts) {
    const TestReply done = PutInParts("/bucket/big", {std::string(5_MiB, 'a'), "b"},
                                      {{"x-amz-checksum-algorithm", "SHA256"}});
    const std::string checksum = done.Element("ChecksumSHA256");
    EXPECT_TRUE(checksum.ends_with("-2")) << done.body;
    const TestReply copy = Send("PUT", "/bucket/copy", "", {{"x-amz-copy-source", "bucket/big"}});
    EXPECT_EQ(copy.Element("ChecksumSHA256"), checksum);
    EXPECT_EQ(copy.Element("ChecksumType"), "COMPOSITE");
    EXPECT_EQ(Send("HEAD", "/bucket/copy", "", {{"x-amz-checksum-mode", "ENABLED"}})
                  .Header("x-amz-checksum-sha256"),
              checksum);
    const TestReply whole =
        Send("PUT", "/bucket/whole", "",
             {{"x-amz-copy-source", "bucket/big"}, {"x-amz-checksum-algorithm", "CRC32"}});
    EXPECT_EQ(whole.Element("ChecksumType"), "FULL_OBJECT");
    EXPECT_EQ(whole.Element("ChecksumCRC32").find('-'), std::string::npos) << whole.body;
}

TEST_F(S3Multipart, TellsNoPartsOfAnObjectThatCameInPlaceOfTheOneItTellsOf) {
    ASSERT_EQ(PutInParts("/bucket/one", {"a"}).status, 200);
    ASSERT_EQ(PutInParts("/bucket/two", {std::string(5_MiB, 'a'), "b"}).status, 200);
    const auto copy = [](std::string source) {
        return TestRequest{.method = "PUT",
                           .target = "/bucket/k",
                           .headers = {{"x-amz-copy-source", std::move(source)}}};
    };
    bool happened = true;
    for (int n = 1; happened; ++n) {
        ASSERT_EQ(Send(copy("/bucket/two")).status, 200);
        happened = false;
        services.database->BeforeRead(n, [&]() -> Task<void> {
            happened = true;
            EXPECT_EQ((co_await Exchange(copy("/bucket/one"))).status, 200);
        });
        const TestReply reply = Send("GET", "/bucket/k?attributes", "",
                                     {{"x-amz-object-attributes", "ETag,ObjectSize,ObjectParts"}});
        services.database->GoOn();
        EXPECT_EQ(reply.status, 200) << reply.body;
        const bool is_of_two = reply.Element("ETag").ends_with("-2");
        EXPECT_EQ(reply.Element("ObjectSize"), std::to_string(is_of_two ? 5_MiB + 1 : 1)) << n;
        EXPECT_EQ(reply.Element("PartsCount"), is_of_two ? "2" : "1") << n;
        EXPECT_EQ(reply.Element("NextPartNumberMarker"), is_of_two ? "2" : "1") << n;
        EXPECT_TRUE(is_of_two || happened) << n;
    }
}

TEST_F(S3Multipart, RefusesPartsOfNoUpload) {
    EXPECT_EQ(Send("PUT", "/bucket/k?uploadId=none&partNumber=1", "x").Element("Code"),
              "NoSuchUpload");
    EXPECT_EQ(Send("DELETE", "/bucket/k?uploadId=none").Element("Code"), "NoSuchUpload");
    const std::string id = Send("POST", "/bucket/k?uploads").Element("UploadId");
    for (const char* range :
         {"0-2", "bytes=0", "bytes=a-b", "bytes=0-2,3-5", "bytes=-5", "bytes=4-2", "bytes=0-x"}) {
        Send("PUT", "/bucket/source", "0123456789");
        EXPECT_EQ(Send("PUT", "/bucket/k?partNumber=1&uploadId=" + id, "",
                       {{"x-amz-copy-source", "bucket/source"}, {"x-amz-copy-source-range", range}})
                      .Element("Code"),
                  "InvalidArgument")
            << range;
    }
    EXPECT_EQ(Send("DELETE", "/bucket/k?uploadId=" + id).status, 204);
    EXPECT_EQ(Send("POST", "/bucket/k?uploads", "", {{"x-amz-checksum-type", "COMPOSITE"}})
                  .Element("Code"),
              "InvalidRequest");
}

}  // namespace
}  // namespace coffer::api::s3
