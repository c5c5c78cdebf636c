// Multipart uploads over HTTP.
#include <gtest/gtest.h>

#include "coffer/api/s3/reply.h"

#include "tests/support/s3_fixture.h"

namespace coffer::api::s3 {
namespace {

class S3Multipart : public S3BucketTest {};

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
    const std::string id =
        Send("POST", "/bucket/big?uploads", "", {{"x-amz-checksum-algorithm", "SHA256"}})
            .Element("UploadId");
    const std::string target = "/bucket/big?uploadId=" + id;
    const std::string etag1 =
        Send("PUT", target + "&partNumber=1", std::string(5_MiB, 'a')).Header("ETag");
    const std::string etag2 = Send("PUT", target + "&partNumber=2", "b").Header("ETag");
    const TestReply done =
        Send("POST", target,
             fmt::format(
                 "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag></Part>"
                 "<Part><PartNumber>2</PartNumber><ETag>{}</ETag></Part></CompleteMultipartUpload>",
                 etag1, etag2));
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
