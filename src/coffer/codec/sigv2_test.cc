#include "coffer/codec/sigv2.h"

#include <gtest/gtest.h>

namespace coffer::codec {
namespace {

constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

std::string TextOf(std::string_view method, std::string_view bucket, std::string_view target,
                   const std::vector<HeaderField>& headers, std::string_view expires = "") {
    const Target parts = SplitTarget(target);
    const auto query = Query::Parse(parts.query.value_or("")).value();
    return SigV2StringToSign(method, std::string(bucket) + std::string(parts.path), query, headers,
                             expires);
}

// Amazon S3 User Guide, "Signing and authenticating REST requests (AWS signature version 2)", the
// examples.
TEST(SigV2, SignsTheExamplesThatAwsPublishes) {
    const auto sign = [](std::string_view text) { return SigV2Sign(kSecret, text); };
    EXPECT_EQ(sign(TextOf("GET", "/johnsmith", "/photos/puppy.jpg",
                          {{"Date", "Tue, 27 Mar 2007 19:36:42 +0000"}})),
              "bWq2s1WEIj+Ydj0vQ697zp+IXMU=");
    EXPECT_EQ(sign(TextOf("PUT", "/johnsmith", "/photos/puppy.jpg",
                          {{"Content-Type", "image/jpeg"},
                           {"Content-Length", "94328"},
                           {"Date", "Tue, 27 Mar 2007 21:15:45 +0000"}})),
              "MyyxeRY7whkBe+bq8fHCL/2kKUg=");
    EXPECT_EQ(sign(TextOf("GET", "/johnsmith", "/?prefix=photos&max-keys=50&marker=puppy",
                          {{"Date", "Tue, 27 Mar 2007 19:42:41 +0000"}})),
              "htDYFYduRNen8P9ZfE/s9SuKy0U=");
    EXPECT_EQ(
        sign(TextOf("GET", "/johnsmith", "/?acl", {{"Date", "Tue, 27 Mar 2007 19:44:46 +0000"}})),
        "c2WLPFtWHVgbEmeEG93a4cG37dM=");
    EXPECT_EQ(sign(TextOf("PUT", "/static.johnsmith.net", "/db-backup.dat.gz",
                          {{"Date", "Tue, 27 Mar 2007 21:06:08 +0000"},
                           {"x-amz-acl", "public-read"},
                           {"content-type", "application/x-download"},
                           {"Content-MD5", "4gJE4saaMU4BqNR0kLY+lw=="},
                           {"X-Amz-Meta-ReviewedBy", "joe@johnsmith.net"},
                           {"X-Amz-Meta-ReviewedBy", "jane@johnsmith.net"},
                           {"X-Amz-Meta-FileChecksum", "0x02661779"},
                           {"X-Amz-Meta-ChecksumAlgorithm", "crc32"}})),
              "ilyl83RwaSoYIEdixDQcA4OnAnc=");
    EXPECT_EQ(sign(TextOf("GET", "/johnsmith", "/photos/puppy.jpg", {}, "1175139620")),
              "NpgCjnDzrM+WFzoENXmpNDUsSn8=");
}

TEST(SigV2, SignsXAmzDateInPlaceOfDate) {
    EXPECT_EQ(TextOf("DELETE", "", "/b/k",
                     {{"Date", "Tue, 27 Mar 2007 21:20:27 +0000"},
                      {"X-Amz-Date", "Tue, 27 Mar 2007 21:20:26 +0000"}}),
              "DELETE\n\n\n\nx-amz-date:Tue, 27 Mar 2007 21:20:26 +0000\n/b/k");
}

TEST(SigV2, SignsSubResourcesAndOverridesButNoOtherParameters) {
    EXPECT_EQ(TextOf("GET", "", "/b/k?versionId=3&response-content-type=a%2Fb&list-type=2&acl", {}),
              "GET\n\n\n\n/b/k?acl&response-content-type=a/b&versionId=3");
    EXPECT_EQ(TextOf("POST", "", "/b/a%2fb?uploads=", {}), "POST\n\n\n\n/b/a%2fb?uploads");
}

TEST(SigV2, SignsABucketWithASlashBehindIt) {
    EXPECT_EQ(TextOf("GET", "", "/", {}), "GET\n\n\n\n/");
    EXPECT_EQ(TextOf("GET", "", "/b?location", {}), "GET\n\n\n\n/b/?location");
    EXPECT_EQ(TextOf("GET", "", "/b/?location", {}), "GET\n\n\n\n/b/?location");
    EXPECT_EQ(TextOf("GET", "/b", "/?location", {}), "GET\n\n\n\n/b/?location");
    EXPECT_EQ(TextOf("GET", "", "/b/k", {}), "GET\n\n\n\n/b/k");
}

// What takes x-amz-… parameters for headers must find them signed.
TEST(SigV2, SignsAmzParametersOfTheQueryAsHeaders) {
    EXPECT_EQ(TextOf("PUT", "", "/b/k?x-amz-copy-source=%2Fb%2Fother", {}),
              "PUT\n\n\n\nx-amz-copy-source:/b/other\n/b/k");
    EXPECT_EQ(TextOf("PUT", "", "/b/k?X-Amz-Acl=b", {{"x-amz-acl", "a"}}, "1"),
              "PUT\n\n\n1\nx-amz-acl:a,b\n/b/k");
    EXPECT_EQ(TextOf("PUT", "", "/b/k?content-type=text%2Fplain", {}, "1"),
              "PUT\n\ntext/plain\n1\n/b/k");
    EXPECT_EQ(TextOf("PUT", "", "/b/k?content-type=text%2Fplain", {}), "PUT\n\n\n\n/b/k");
}

TEST(SigV2, ReadsItsAuthorizationHeader) {
    const auto parsed = ParseSigV2Authorization("AWS key:with:colons:c2lnbmF0dXJl").value();
    EXPECT_EQ(parsed.access_key, "key:with:colons");
    EXPECT_EQ(parsed.signature, "c2lnbmF0dXJl");
    for (const std::string_view header : {"AWS", "AWS ", "AWS key", "AWS key:", "AWS :sig",
                                          "AWS key: sig", "AWS key:sig AWS k:s"}) {
        ASSERT_FALSE(ParseSigV2Authorization(header)) << header;
        EXPECT_EQ(ParseSigV2Authorization(header).error().code(), "InvalidArgument");
    }
}

TEST(SigV2, ReadsItsQuery) {
    const auto parse = [](std::string_view text) {
        return ParseSigV2Query(Query::Parse(text).value());
    };
    const auto parsed = parse("AWSAccessKeyId=k&Expires=1175139620&Signature=a%2Bb%3D").value();
    EXPECT_EQ(parsed.signature.access_key, "k");
    EXPECT_EQ(parsed.signature.signature, "a+b=");
    EXPECT_EQ(parsed.expires_at, Timestamp(std::chrono::seconds(1175139620)));
    for (const std::string_view text :
         {"AWSAccessKeyId=k&Expires=1", "AWSAccessKeyId=k&Signature=s", "Expires=1&Signature=s",
          "AWSAccessKeyId=k&Expires=&Signature=s", "AWSAccessKeyId=k&Expires=1x&Signature=s",
          "AWSAccessKeyId=k&Expires=-1&Signature=s",
          "AWSAccessKeyId=k&Expires=9223372036854775807&Signature=s",
          "AWSAccessKeyId=k&Expires=1&Signature=s&Signature=t",
          "AWSAccessKeyId=k&Expires=1&Expires=99999999999&Signature=s",
          "AWSAccessKeyId=k&AWSAccessKeyId=l&Expires=1&Signature=s"}) {
        ASSERT_FALSE(parse(text)) << text;
        EXPECT_EQ(parse(text).error().code(), "AccessDenied");
    }
}

}  // namespace
}  // namespace coffer::codec
