#include "coffer/api/s3/handler.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "coffer/codec/base64.h"

#include "tests/support/s3_fixture.h"
#include "tests/support/usurper.h"

namespace coffer::api::s3 {
namespace {

constexpr std::string_view kMd5OfHello = "5d41402abc4b2a76b9719d911017c592";

class S3 : public S3BucketTest {};

TEST_F(S3, StoresAnObjectAndGivesItBack) {
    const TestReply put = Send("PUT", "/bucket/a/b.txt", "hello", {{"Content-Type", "text/plain"}});
    EXPECT_EQ(put.status, 200);
    EXPECT_EQ(put.Header("ETag"), fmt::format("\"{}\"", kMd5OfHello));

    const TestReply get = Send("GET", "/bucket/a/b.txt");
    EXPECT_EQ(get.status, 200);
    EXPECT_EQ(get.body, "hello");
    EXPECT_EQ(get.content_length, 5U);
    EXPECT_EQ(get.Header("Content-Type"), "text/plain");
    EXPECT_EQ(get.Header("ETag"), put.Header("ETag"));
    EXPECT_EQ(get.Header("Accept-Ranges"), "bytes");
    EXPECT_EQ(get.Header("Last-Modified"), "Thu, 01 Jan 2026 00:00:00 GMT");
    EXPECT_FALSE(get.headers.Has("x-amz-version-id"));

    const TestReply head = Send("HEAD", "/bucket/a/b.txt");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(head.content_length, 5U);

    EXPECT_EQ(Send("DELETE", "/bucket/a/b.txt").status, 204);
    EXPECT_EQ(Send("GET", "/bucket/a/b.txt").Element("Code"), "NoSuchKey");
    EXPECT_EQ(Send("DELETE", "/bucket/a/b.txt").status, 204);
}

TEST_F(S3, NamesEveryAnswer) {
    const TestReply error = Send("GET", "/bucket/missing");
    EXPECT_EQ(error.status, 404);
    EXPECT_EQ(error.Element("RequestId"), error.Header("x-amz-request-id"));
    EXPECT_EQ(error.Element("HostId"), error.Header("x-amz-id-2"));
    EXPECT_EQ(error.Element("BucketName"), "bucket");
    EXPECT_EQ(error.Element("Key"), "missing");
    EXPECT_EQ(error.Element("Resource"), "/bucket/missing");
    EXPECT_NE(Send("GET", "/bucket/missing").Header("x-amz-request-id"),
              error.Header("x-amz-request-id"));
    EXPECT_EQ(Send("HEAD", "/bucket/missing").body, "");
}

TEST_F(S3, RefusesStrangersBeforeTheyLearnAnythingOrSendABody) {
    Send("PUT", "/bucket/there", "x");
    for (const auto& [method, target] :
         std::vector<std::pair<std::string, std::string>>{{"GET", "/bucket/there"},
                                                          {"GET", "/bucket/missing"},
                                                          {"GET", "/"},
                                                          {"PUT", "/bucket/there"},
                                                          {"POST", "/bucket?delete"},
                                                          {"PATCH", "/bucket/x"},
                                                          {"GET", "/bucket?frobnicate"},
                                                          {"PUT", "/bucket/there?tagging"},
                                                          {"DELETE", "/bucket/there"}}) {
        const TestReply reply =
            Send({.method = method, .target = target, .body = "body", .sign = false});
        EXPECT_EQ(reply.status, 403) << method << target;
        EXPECT_EQ(reply.Element("Code"), "AccessDenied") << method << target;
        EXPECT_FALSE(reply.body_read) << method << target;
    }
    EXPECT_EQ(Send("GET", "/bucket/there").body, "x");

    // As in S3, whoever asks.
    const TestReply missing =
        Send({.method = "PUT", .target = "/nobucket/x", .body = "body", .sign = false});
    EXPECT_EQ(missing.Element("Code"), "NoSuchBucket");
    EXPECT_FALSE(missing.body_read);
}

TEST_F(S3, ReadsNoBodyOfARequestThatItRefuses) {
    EXPECT_FALSE(
        Send("PUT", "/bucket/k", "x", {{"x-amz-server-side-encryption", "AES128"}}).body_read);
    EXPECT_FALSE(Send("PUT", "/bucket?website", "<WebsiteConfiguration/>").body_read);
    EXPECT_FALSE(Send("PUT", "/bucket/k", "x", {{"Content-MD5", "bad"}}).body_read);
}

TEST_F(S3, AnswersNotImplementedWhereItDoesNotOfferSomething) {
    for (const std::string header :
         {"x-amz-website-redirect-location", "x-amz-write-offset-bytes"}) {
        const TestReply reply = Send("PUT", "/bucket/k", "x", {{header, "a=b"}});
        EXPECT_EQ(reply.status, 501) << header;
        EXPECT_EQ(reply.Element("Code"), "NotImplemented") << header;
    }
    EXPECT_EQ(Send("PUT", "/bucket/k", "x", {{"x-amz-storage-class", "GLACIER"}}).Element("Code"),
              "InvalidStorageClass");
    EXPECT_EQ(Send("PUT", "/bucket/k", "x", {{"X-Amz-Meta-Snowball-Auto-Extract", "true"}}).status,
              501);
    EXPECT_EQ(Send("GET", "/bucket/k").status, 404);
    EXPECT_EQ(Send("PUT", "/bucket/k", "x",
                   {{"x-amz-acl", "private"}, {"x-amz-storage-class", "STANDARD"}})
                  .status,
              200);
}

TEST_F(S3, ServesRangesOfWhatTheClientKnows) {
    const std::string etag = Send("PUT", "/bucket/k", "0123456789").Header("ETag");
    const std::string modified = Send("HEAD", "/bucket/k").Header("Last-Modified");
    const auto range = [&](std::string condition) {
        return Send("GET", "/bucket/k", "",
                    {{"Range", "bytes=2-4"}, {"If-Range", std::move(condition)}});
    };
    EXPECT_EQ(range(etag).body, "234");
    EXPECT_EQ(range(modified).body, "234");
    for (const std::string& other : {std::string("\"another\""), "W/" + etag, std::string("*"),
                                     std::string("Thu, 01 Jan 2015 00:00:00 GMT")}) {
        EXPECT_EQ(range(other).status, 200) << other;
        EXPECT_EQ(range(other).body, "0123456789") << other;
    }
    EXPECT_EQ(Send("GET", "/bucket/k", "", {{"Range", "bytes=99-"}, {"If-Range", "\"x\""}}).status,
              200);
}

TEST_F(S3, ServesRanges) {
    Send("PUT", "/bucket/k", "0123456789");
    const auto range = [&](std::string value) {
        return Send("GET", "/bucket/k", "", {{"Range", value}});
    };
    EXPECT_EQ(range("bytes=2-4").status, 206);
    EXPECT_EQ(range("bytes=2-4").body, "234");
    EXPECT_EQ(range("bytes=2-4").Header("Content-Range"), "bytes 2-4/10");
    EXPECT_EQ(range("bytes=-3").body, "789");
    EXPECT_EQ(range("bytes=8-99").Header("Content-Range"), "bytes 8-9/10");
    EXPECT_EQ(range("bytes=10-").status, 416);
    EXPECT_EQ(range("bytes=10-").Element("Code"), "InvalidRange");
    EXPECT_EQ(range("bytes=18446744073709551616-").status, 416);
    EXPECT_EQ(range("bytes=5-2").status, 200);
    EXPECT_EQ(range("bytes=0-1,3-4").status, 200);
    EXPECT_EQ(Send("HEAD", "/bucket/k", "", {{"Range", "bytes=2-4"}}).content_length, 3U);
}

TEST_F(S3, HonoursConditionsOnReads) {
    const std::string etag = Send("PUT", "/bucket/k", "hello").Header("ETag");
    const auto get = [&](std::string name, std::string value) {
        return Send("GET", "/bucket/k", "", {{name, value}});
    };
    EXPECT_EQ(get("If-None-Match", etag).status, 304);
    EXPECT_EQ(get("If-None-Match", etag).Header("ETag"), etag);
    EXPECT_EQ(get("If-None-Match", etag).body, "");
    EXPECT_EQ(get("If-None-Match", "\"other\"").status, 200);
    EXPECT_EQ(get("If-Match", etag).status, 200);
    EXPECT_EQ(get("If-Match", "\"other\"").Element("Code"), "PreconditionFailed");
    EXPECT_EQ(get("If-Modified-Since", "Fri, 01 Jan 2027 00:00:00 GMT").status, 304);
    EXPECT_EQ(get("If-Unmodified-Since", "Wed, 01 Jan 2025 00:00:00 GMT").status, 412);
    EXPECT_EQ(get("If-Modified-Since", "no date").status, 200);
}

TEST_F(S3, HonoursConditionsOnWrites) {
    const auto put = [&](std::string name, std::string value) {
        return Send("PUT", "/bucket/k", "hello", {{name, value}});
    };
    EXPECT_EQ(put("If-Match", "*").Element("Code"), "NoSuchKey");
    EXPECT_EQ(put("If-None-Match", "*").status, 200);
    EXPECT_EQ(put("If-None-Match", "*").status, 412);
    EXPECT_EQ(put("If-Match", "\"other\"").status, 412);
    EXPECT_EQ(put("If-Match", fmt::format("\"{}\"", kMd5OfHello)).status, 200);
}

TEST_F(S3, LetsOneOfTwoSimultaneousConditionalWritesWin) {
    const TestRequest second{.method = "PUT",
                             .target = "/bucket/k",
                             .headers = {{"If-None-Match", "*"}},
                             .body = "second"};
    int second_status = 0;
    TestRequest first = second;
    first.body = "first";
    first.meanwhile = [&]() -> Task<void> { second_status = (co_await Exchange(second)).status; };
    EXPECT_EQ(Send(first).Element("Code"), "PreconditionFailed");
    EXPECT_EQ(second_status, 200);
    EXPECT_EQ(Send("GET", "/bucket/k").body, "second");
}

TEST_F(S3, ReportsABucketThatWentDuringTheUpload) {
    TestRequest put{.method = "PUT", .target = "/bucket/k", .body = "late"};
    put.meanwhile = [&]() -> Task<void> {
        (void)co_await Exchange({.method = "DELETE", .target = "/bucket"});
    };
    EXPECT_EQ(Send(put).Element("Code"), "NoSuchBucket");
}

TEST_F(S3, MakesNoObjectInABucketThatWasNotJudged) {
    RefusesWhenBucketBecomesAnothers(*this, {.method = "PUT", .target = "/bucket/k", .body = "x"},
                                     200, "/bucket/k");
}

TEST_F(S3, MakesNoCopyInABucketThatWasNotJudged) {
    EXPECT_EQ(Send("PUT", "/sources").status, 200);
    EXPECT_EQ(Send("PUT", "/sources/k", "x").status, 200);
    RefusesWhenBucketBecomesAnothers(
        *this,
        {.method = "PUT", .target = "/bucket/k", .headers = {{"x-amz-copy-source", "/sources/k"}}},
        200, "/bucket/k");
}

TEST_F(S3, OverridesHeadersOfSignedReadsOnly) {
    Send("PUT", "/bucket/k", "x");
    const TestReply reply =
        Send("GET",
             "/bucket/k?response-content-type=text%2Fcss&response-content-disposition=attachment");
    EXPECT_EQ(reply.Header("Content-Type"), "text/css");
    EXPECT_EQ(reply.Header("Content-Disposition"), "attachment");
    const TestReply split = Send("GET", "/bucket/k?response-content-type=a%0d%0aX-Evil:1");
    EXPECT_EQ(split.Element("Code"), "InvalidArgument");
}

TEST_F(S3, KeepsMetadata) {
    Send("PUT", "/bucket/k", "x",
         {{"X-Amz-Meta-Color", "red"},
          {"x-amz-meta-empty", ""},
          {"Cache-Control", "no-store"},
          {"Content-Encoding", "gzip, aws-chunked"}});
    const TestReply get = Send("GET", "/bucket/k");
    EXPECT_EQ(get.Header("x-amz-meta-color"), "red");
    EXPECT_TRUE(get.headers.Has("x-amz-meta-empty"));
    EXPECT_EQ(get.Header("Cache-Control"), "no-store");
    EXPECT_EQ(get.Header("Content-Encoding"), "gzip");
    EXPECT_EQ(get.Header("Content-Type"), "binary/octet-stream");
}

TEST_F(S3, GivesTextThatIsNotAsciiBackAsEncodedWords) {
    for (const std::string sent :
         {"caf\xc3\xa9", "=?UTF-8?Q?caf=C3=A9?=", "=?UTF-8?B?Y2Fmw6k=?="}) {
        Send("PUT", "/bucket/k?x-amz-meta-t=" + codec::PercentEncode(sent), "x");
        EXPECT_EQ(Send("GET", "/bucket/k").Header("x-amz-meta-t"), "=?UTF-8?B?Y2Fmw6k=?=") << sent;
    }
    // What is plain text stays so, even where it looks encoded.
    Send("PUT", "/bucket/k?x-amz-meta-t=%3D%3FUTF-8%3FB%3FYQ%3D%3D%3F%3D", "x");
    EXPECT_EQ(Send("GET", "/bucket/k").Header("x-amz-meta-t"), "=?UTF-8?B?YQ==?=");
}

TEST_F(S3, RefusesMetadataThatNoHeaderCanHold) {
    EXPECT_EQ(Send("PUT", "/bucket/k?x-amz-meta-t=a%0d%0aX-Evil:1", "x").Element("Code"),
              "InvalidArgument");
    EXPECT_EQ(Send("PUT", "/bucket/k?x-amz-meta-t%0d%0aX-Evil=1", "x").Element("Code"),
              "InvalidArgument");
    EXPECT_EQ(
        Send("PUT", "/bucket/k", "x", {{"x-amz-meta-a", std::string(2048, 'x')}}).Element("Code"),
        "MetadataTooLarge");
    EXPECT_EQ(Send("PUT", "/bucket/k", "x", {{"x-amz-meta-a", std::string(2047, 'x')}}).status,
              200);
}

// The catalogue sets what it keeps of an object apart by NULs: one inside a value would begin a
// legal hold, a tag or an ACL that nobody was asked for.
TEST_F(S3, MetadataCanNotPassForSomethingElse) {
    const auto by_q = [](std::string kept) {
        std::string word = "=?UTF-8?Q?=C3=A9";
        for (const char c : kept)
            word += fmt::format("={:02X}", static_cast<uint8_t>(c));
        return word + "?=";
    };
    using namespace std::string_literals;
    for (const std::string& kept :
         {"\0hON\0"s, "\0rCOMPLIANCE\0"s + "253402300799000000"s, "\0tname\0value"s,
          "\0sset-cookie\0a=b"s, "\0zz"s, "\r\nx-evil: 1"s, "\x7f"s}) {
        for (const std::string& value :
             {by_q(kept), "=?UTF-8?B?" + codec::Base64Encode(AsBytes("\xc3\xa9" + kept)) + "?="}) {
            SCOPED_TRACE(value);
            ASSERT_EQ(Send("PUT", "/bucket/k", "x", {{"x-amz-meta-a", value}}).status, 200);
            const TestReply reply = Send("GET", "/bucket/k");
            EXPECT_EQ(reply.headers.Get("x-amz-meta-a"), value) << "it is no text: as it was sent";
            EXPECT_FALSE(reply.headers.Has("x-amz-object-lock-legal-hold"));
            EXPECT_FALSE(reply.headers.Has("x-amz-tagging-count"));
            EXPECT_FALSE(reply.headers.Has("set-cookie"));
            EXPECT_FALSE(reply.headers.Has("x-evil"));
            EXPECT_EQ(Send("DELETE", "/bucket/k").status, 204);
            EXPECT_EQ(Send("GET", "/bucket/k").status, 404);
        }
    }
}

TEST_F(S3, LooksForNoEncodedWordsInMetadataThatIsTooLongAnyhow) {
    std::string words;
    while (words.size() < 30'000)
        words += "=?a?Q?x";
    EXPECT_EQ(Send("PUT", "/bucket/k", "x", {{"x-amz-meta-a", words}}).Element("Code"),
              "MetadataTooLarge");
}

TEST_F(S3, ChecksWhatTheClientPromisedOfABody) {
    const auto put = [&](std::vector<http::Header> headers) {
        return Send("PUT", "/bucket/k", "hello", std::move(headers));
    };
    EXPECT_EQ(put({{"Content-MD5", "YWJyYWNhZGFicmE="}}).Element("Code"), "InvalidDigest");
    EXPECT_EQ(put({{"Content-MD5", ""}}).Element("Code"), "InvalidDigest");
    EXPECT_EQ(put({{"Content-MD5", ContentMd5("other")}}).Element("Code"), "BadDigest");
    EXPECT_EQ(put({{"x-amz-content-sha256", std::string(64, '0')}}).Element("Code"),
              "XAmzContentSHA256Mismatch");
    EXPECT_EQ(put({{"x-amz-checksum-crc32", "AAAAAA=="}}).Element("Code"), "BadDigest");
    EXPECT_EQ(put({{"x-amz-checksum-crc32", "NhCmhg=="}, {"x-amz-checksum-crc32c", "mnG7TA=="}})
                  .Element("Code"),
              "InvalidRequest");
    EXPECT_EQ(put({{"x-amz-sdk-checksum-algorithm", "SHA1"}, {"x-amz-checksum-crc32", "NhCmhg=="}})
                  .Element("Code"),
              "InvalidRequest");
    EXPECT_EQ(put({{"x-amz-sdk-checksum-algorithm", "CRC32"}}).Element("Code"), "InvalidRequest");
    EXPECT_EQ(put({{"x-amz-sdk-checksum-algorithm", "MD4"}}).Element("Code"), "InvalidRequest");
    EXPECT_EQ(put({{"x-amz-trailer", "x-amz-checksum-crc32"}}).Element("Code"), "InvalidRequest");
    EXPECT_EQ(put({{"Content-Length", "5368709121"}}).status, 200)
        << "the transport's length counts";
    EXPECT_EQ(Send("DELETE", "/bucket/k").status, 204);

    const TestReply good =
        put({{"Content-MD5", ContentMd5("hello")}, {"x-amz-checksum-crc32", "NhCmhg=="}});
    EXPECT_EQ(good.status, 200);
    EXPECT_EQ(good.Header("x-amz-checksum-crc32"), "NhCmhg==");
    EXPECT_EQ(good.Header("x-amz-checksum-type"), "FULL_OBJECT");
    EXPECT_FALSE(Send("HEAD", "/bucket/k").headers.Has("x-amz-checksum-crc32"));
    EXPECT_EQ(Send("HEAD", "/bucket/k", "", {{"x-amz-checksum-mode", "ENABLED"}})
                  .Header("x-amz-checksum-crc32"),
              "NhCmhg==");
}

TEST_F(S3, NeedsALengthForAnUpload) {
    EXPECT_EQ(Send("PUT", "/bucket/k", "hello",
                   {{"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}})
                  .Element("Code"),
              "MissingContentLength");
    const TestReply unknown =
        Send({.method = "PUT", .target = "/bucket/k", .body = "hello", .send_length = false});
    EXPECT_EQ(unknown.status, 200) << "HTTP's chunked coding";
    EXPECT_EQ(Send("GET", "/bucket/k").body, "hello");
}

TEST_F(S3, DecodesChunkedUploadsWithTheirTrailer) {
    const auto put = [&](std::string trailer) {
        return Send("PUT", "/bucket/k", "5\r\nhello\r\n0\r\n" + trailer + "\r\n",
                    {{"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
                     {"x-amz-decoded-content-length", "5"},
                     {"x-amz-trailer", "x-amz-checksum-crc32"},
                     {"Content-Encoding", "aws-chunked"}});
    };
    EXPECT_EQ(put("x-amz-checksum-crc32:AAAAAA==\r\n").Element("Code"), "BadDigest");
    EXPECT_EQ(Send("GET", "/bucket/k").status, 404);
    EXPECT_EQ(put("x-amz-checksum-crc32:NhCmhg==\r\n").Header("x-amz-checksum-crc32"), "NhCmhg==");
    const TestReply get = Send("GET", "/bucket/k");
    EXPECT_EQ(get.body, "hello");
    EXPECT_FALSE(get.headers.Has("Content-Encoding"));
}

TEST_F(S3, MakesListsAndDeletesBuckets) {
    EXPECT_EQ(Send("PUT", "/bucket").Element("Code"), "BucketAlreadyOwnedByYou");
    EXPECT_EQ(Send("PUT", "/second",
                   "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                   "<LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>")
                  .Header("Location"),
              "/second");
    EXPECT_EQ(Send("PUT", "/third", "<Nonsense/>").Element("Code"), "MalformedXML");
    EXPECT_EQ(Send("PUT", "/third", "<CreateBucketConfiguration>").Element("Code"), "MalformedXML");
    EXPECT_EQ(Send("PUT", "/thi_rd").Element("Code"), "InvalidBucketName");
    EXPECT_EQ(Send("HEAD", "/second").Header("x-amz-bucket-region"), "us-east-1");
    EXPECT_EQ(Send("GET", "/second?location").Element("LocationConstraint"), "");

    const TestReply first = Send("GET", "/?max-buckets=1");
    EXPECT_EQ(first.Element("Name"), "bucket");
    const std::string token = first.Element("ContinuationToken");
    const TestReply second = Send("GET", "/?max-buckets=1&continuation-token=" + token);
    EXPECT_EQ(second.Element("Name"), "second");
    EXPECT_EQ(second.Element("ContinuationToken"), "");
    EXPECT_EQ(Send("GET", "/?max-buckets=0").Element("Code"), "InvalidArgument");
    EXPECT_EQ(Send("GET", "/?continuation-token=*").Element("Code"), "InvalidArgument");

    Send("PUT", "/second/k", "x");
    EXPECT_EQ(Send("DELETE", "/second").Element("Code"), "BucketNotEmpty");
    Send("DELETE", "/second/k");
    EXPECT_EQ(Send("DELETE", "/second").status, 204);
    EXPECT_EQ(Send("HEAD", "/second").status, 404);
    EXPECT_EQ(Send("DELETE", "/second").Element("Code"), "NoSuchBucket");
}

TEST_F(S3, CopiesObjects) {
    Send("PUT", "/bucket/a%20%2B%3Fb", "hello",
         {{"x-amz-meta-color", "red"}, {"Content-Type", "text/plain"}});
    const TestReply copy =
        Send("PUT", "/bucket/copy", "", {{"x-amz-copy-source", "bucket/a%20%2B%3Fb"}});
    EXPECT_EQ(copy.status, 200);
    EXPECT_EQ(copy.Element("ETag"), fmt::format("&quot;{}&quot;", kMd5OfHello));
    EXPECT_EQ(Send("GET", "/bucket/copy").Header("x-amz-meta-color"), "red");
    EXPECT_EQ(Send("GET", "/bucket/copy").body, "hello");

    Send("PUT", "/bucket/copy", "",
         {{"x-amz-copy-source", "/bucket/copy?versionId=null"},
          {"x-amz-metadata-directive", "REPLACE"},
          {"x-amz-meta-color", "blue"}});
    EXPECT_EQ(Send("GET", "/bucket/copy").Header("x-amz-meta-color"), "blue");

    const auto code = [&](std::vector<http::Header> headers) {
        return Send("PUT", "/bucket/copy", "", std::move(headers)).Element("Code");
    };
    EXPECT_EQ(code({{"x-amz-copy-source", "bucket/copy"}}), "InvalidRequest");
    EXPECT_EQ(code({{"x-amz-copy-source", "bucket/copy"}, {"x-amz-storage-class", "GLACIER"}}),
              "InvalidStorageClass");
    EXPECT_EQ(Send("PUT", "/bucket/copy", "",
                   {{"x-amz-copy-source", "bucket/copy"}, {"x-amz-storage-class", "STANDARD"}})
                  .status,
              200);
    EXPECT_EQ(Send("GET", "/bucket/copy").Header("x-amz-meta-color"), "blue");
    EXPECT_EQ(code({{"x-amz-copy-source", "bucket/missing"}}), "NoSuchKey");
    EXPECT_EQ(code({{"x-amz-copy-source", "missing/key"}}), "NoSuchBucket");
    for (const char* source : {"", "bucket", "bucket/", "/", "%zz/key", "bucket/a?versionId="}) {
        EXPECT_EQ(code({{"x-amz-copy-source", source}}), "InvalidArgument") << source;
    }
    EXPECT_EQ(code({{"x-amz-copy-source", "bucket/copy"}, {"x-amz-metadata-directive", "KEEP"}}),
              "InvalidArgument");
    EXPECT_EQ(code({{"x-amz-copy-source", "bucket/a%20%2B%3Fb"},
                    {"x-amz-copy-source-if-match", "\"no\""}}),
              "PreconditionFailed");
}

TEST_F(S3, AnswersForConfigurationThatNobodyHasSet) {
    Send("PUT", "/bucket/k", "x");
    const auto code = [&](std::string target) { return Send("GET", target).Element("Code"); };
    EXPECT_EQ(code("/bucket?policy"), "NoSuchBucketPolicy");
    EXPECT_EQ(code("/bucket?cors"), "NoSuchCORSConfiguration");
    EXPECT_EQ(code("/bucket?tagging"), "NoSuchTagSet");
    EXPECT_EQ(code("/bucket?lifecycle"), "NoSuchLifecycleConfiguration");
    EXPECT_EQ(code("/bucket?encryption"), "ServerSideEncryptionConfigurationNotFoundError");
    EXPECT_EQ(code("/bucket?object-lock"), "ObjectLockConfigurationNotFoundError");
    EXPECT_EQ(code("/bucket?publicAccessBlock"), "NoSuchPublicAccessBlockConfiguration");
    EXPECT_EQ(code("/missing?policy"), "NoSuchBucket");
    EXPECT_EQ(Send("GET", "/bucket?versioning").body,
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
              "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>");
    EXPECT_EQ(Send("GET", "/bucket?acl").Element("Permission"), "FULL_CONTROL");
    EXPECT_EQ(Send("GET", "/bucket/k?acl").Element("Permission"), "FULL_CONTROL");
    EXPECT_EQ(Send("GET", "/bucket/k?tagging").status, 200);
    EXPECT_EQ(code("/bucket/missing?tagging"), "NoSuchKey");
    EXPECT_EQ(code("/bucket/k?retention"), "InvalidRequest");
    // Every row that reads absent configuration has its answer.
    for (const char* target : {"accelerate", "analytics", "analytics&id=1", "intelligent-tiering",
                               "intelligent-tiering&id=1", "inventory", "inventory&id=1", "logging",
                               "metrics", "metrics&id=1", "notification", "ownershipControls",
                               "policyStatus", "replication", "requestPayment", "website"}) {
        const TestReply reply = Send("GET", fmt::format("/bucket?{}", target));
        EXPECT_TRUE(reply.status == 200 || reply.status == 404) << target;
    }
}

TEST_F(S3, ABucketAsItIsMadeTakesTheAclThatEverythingHasAndNoOther) {
    Send("PUT", "/bucket/k", "x");
    for (const std::string target : {"/bucket?acl", "/bucket/k?acl"}) {
        EXPECT_EQ(Send("PUT", target, "", {{"x-amz-acl", "private"}}).status, 200) << target;
        EXPECT_EQ(Send("PUT", target, "", {{"x-amz-acl", "public-read"}}).Element("Code"),
                  "AccessControlListNotSupported")
            << target;
        EXPECT_EQ(Send("PUT", target, "", {{"x-amz-acl", "nonsense"}}).Element("Code"),
                  "InvalidArgument");
        EXPECT_EQ(Send("PUT", target, "<AccessControlPolicy/>").Element("Code"),
                  "MalformedACLError")
            << target;
        EXPECT_EQ(Send("PUT", target).Element("Code"), "MissingSecurityHeader") << target;
    }
    EXPECT_EQ(Send("PUT", "/missing?acl", "", {{"x-amz-acl", "private"}}).Element("Code"),
              "NoSuchBucket");
    EXPECT_EQ(Send("PUT", "/bucket/no?acl", "", {{"x-amz-acl", "private"}}).Element("Code"),
              "NoSuchKey");
}

TEST_F(S3, ComparesTheExpectedOwner) {
    EXPECT_EQ(
        Send("GET", "/bucket", "", {{"x-amz-expected-bucket-owner", "someone"}}).Element("Code"),
        "AccessDenied");
    EXPECT_EQ(Send("GET", "/bucket", "", {{"x-amz-expected-bucket-owner", "000000000000"}}).status,
              200);
}

TEST_F(S3, TellsTheObserverOfEveryRequestOnce) {
    observer.begun.clear();
    observer.ended.clear();
    Send("PUT", "/bucket/k", "hello");
    Send("GET", "/bucket/k");
    Send("GET", "/bucket/missing");
    Send({.method = "GET", .target = "/bucket/k", .sign = false});
    Send("GET", "/Bad_Bucket");
    ASSERT_EQ(observer.ended.size(), 5U);
    EXPECT_EQ(observer.begun, (std::vector<std::string>{"PutObject", "GetObject", "GetObject",
                                                        "GetObject", "Unknown"}));
    EXPECT_EQ(observer.ended[0].bytes_received, 5U);
    EXPECT_EQ(observer.ended[1].bytes_sent, 5U);
    EXPECT_EQ(observer.ended[1].status, 200);
    EXPECT_FALSE(observer.ended[1].canceled);
    EXPECT_EQ(observer.ended[2].code, "NoSuchKey");
    EXPECT_EQ(observer.ended[3].rejection, service::Rejection::kAuth);
    EXPECT_EQ(observer.ended[4].rejection, service::Rejection::kInvalid);
}

TEST(S3Region, DecidesWhichBucketsCanBeMade) {
    S3Fixture fixture(S3Options{.region = "eu-west-1"});
    const auto create = [&](std::string_view region) {
        return fixture.Send(
            "PUT", "/bucket",
            fmt::format("<CreateBucketConfiguration><LocationConstraint>{}</LocationConstraint>"
                        "</CreateBucketConfiguration>",
                        region));
    };
    EXPECT_EQ(create("us-west-2").Element("Code"), "IllegalLocationConstraintException");
    EXPECT_EQ(create("eu-west-1").status, 200);
    EXPECT_NE(fixture.Send("GET", "/bucket?location").body.find(">eu-west-1</LocationConstraint>"),
              std::string::npos);
}

}  // namespace
}  // namespace coffer::api::s3
