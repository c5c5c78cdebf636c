// Upload forms, as browsers send them.
#include <gtest/gtest.h>

#include "coffer/codec/base64.h"
#include "coffer/codec/form_signature.h"
#include "coffer/codec/sigv2.h"

#include "tests/support/s3_fixture.h"
#include "tests/support/usurper.h"

namespace coffer::api::s3 {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view kCredential = "root-key/20260101/us-east-1/s3/aws4_request";
constexpr std::string_view kDate = "20260101T000000Z";

std::string BodyOf(const Fields& fields, std::string_view content, std::string_view file_name) {
    std::string body;
    for (const auto& [name, value] : fields)
        body += fmt::format("--B\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n",
                            name, value);
    return body + fmt::format(
                      "--B\r\nContent-Disposition: form-data; name=\"file\"; "
                      "filename=\"{}\"\r\nContent-Type: image/png\r\n\r\n{}\r\n--B--\r\n",
                      file_name, content);
}

class PostObject : public ::testing::Test, public S3Fixture {
  protected:
    PostObject() { EXPECT_EQ(Send("PUT", "/bucket").status, 200); }

    TestReply SendBody(std::string body,
                       std::string content_type = "multipart/form-data; boundary=B") {
        return Send(TestRequest{.method = "POST",
                                .target = "/bucket",
                                .headers = {{"Content-Type", std::move(content_type)}},
                                .body = std::move(body),
                                .sign = false});
    }
    TestReply SendForm(const Fields& fields, std::string_view content = "hello",
                       std::string_view file_name = "cat.png") {
        return SendBody(BodyOf(fields, content, file_name));
    }

    // The fields with a policy of these conditions and one for each field, signed by root.
    static Fields Signed(Fields fields, const std::string& conditions = "",
                         std::string_view expiration = "2026-01-01T01:00:00Z") {
        fields.insert(fields.end(), {{"x-amz-algorithm", "AWS4-HMAC-SHA256"},
                                     {"x-amz-credential", std::string(kCredential)},
                                     {"x-amz-date", std::string(kDate)}});
        std::string policy =
            fmt::format(R"({{"expiration":"{}","conditions":[{{"bucket":"bucket"}})", expiration);
        for (const auto& [name, value] : fields)
            if (value.find('"') == value.npos && value.find("${") == value.npos)
                policy += fmt::format(R"(,{{"{}":"{}"}})", name, value);
            else
                policy += fmt::format(R"(,["starts-with","${}",""])", name);
        return WithSignature(std::move(fields),
                             policy + (conditions.empty() ? "" : "," + conditions) + "]}");
    }
    static Fields WithSignature(Fields fields, std::string_view policy) {
        const std::string encoded = codec::Base64Encode(AsBytes(policy));
        const codec::SigV4Credential credential{"root-key", "20260101", "us-east-1"};
        fields.emplace_back("policy", encoded);
        fields.emplace_back(
            "x-amz-signature",
            codec::SigV4Sign(codec::SigV4SigningKey("root-secret", credential), encoded));
        return fields;
    }

    std::string CodeOf(const Fields& fields, std::string_view content = "hello") {
        return SendForm(fields, content).Element("Code");
    }
    bool BucketIsEmpty() { return Send("GET", "/bucket?versions").Element("Key").empty(); }
};

TEST_F(PostObject, StoresTheFileWithWhatTheFieldsSay) {
    const TestReply reply = SendForm(Signed({{"key", "user/${filename}"},
                                             {"Content-Type", "image/gif"},
                                             {"x-amz-meta-color", "blue"},
                                             {"acl", "private"},
                                             {"x-ignore-token", "17"}}));
    EXPECT_EQ(reply.status, 204) << reply.body;
    EXPECT_EQ(reply.body, "");
    EXPECT_EQ(reply.Header("Location"), "http://localhost:9000/bucket/user/cat.png");
    const TestReply get = Send("GET", "/bucket/user/cat.png");
    EXPECT_EQ(get.body, "hello");
    EXPECT_EQ(get.Header("ETag"), reply.Header("ETag"));
    EXPECT_EQ(get.Header("Content-Type"), "image/gif");
    EXPECT_EQ(get.Header("x-amz-meta-color"), "blue");
    EXPECT_EQ(get.headers.Get("x-amz-meta-token"), std::nullopt);
}

TEST_F(PostObject, MakesNoObjectInABucketThatWasNotJudged) {
    RefusesWhenBucketBecomesAnothers(
        *this,
        {.method = "POST",
         .target = "/bucket",
         .headers = {{"Content-Type", "multipart/form-data; boundary=B"}},
         .body = BodyOf(Signed({{"key", "k"}}), "hello", "cat.png"),
         .sign = false},
        204, "/bucket/k");
}

TEST_F(PostObject, TakesSignaturesOfVersion2) {
    const std::string policy = codec::Base64Encode(AsBytes(std::string_view(
        R"({"expiration":"2026-01-02T00:00:00Z","conditions":[{"bucket":"bucket"},{"key":"k"}]})")));
    Fields fields = {{"key", "k"},
                     {"AWSAccessKeyId", "root-key"},
                     {"policy", policy},
                     {"signature", codec::SigV2Sign("root-secret", policy)}};
    EXPECT_EQ(SendForm(fields).status, 204);
    EXPECT_EQ(Send("GET", "/bucket/k").Header("Content-Type"), "binary/octet-stream");
    fields[3].second = codec::SigV2Sign("another", policy);
    EXPECT_EQ(CodeOf(fields), "SignatureDoesNotMatch");
    fields[1].second = "nobody";
    EXPECT_EQ(CodeOf(fields), "InvalidAccessKeyId");
}

TEST_F(PostObject, AnswersAsTheFormAsksFor) {
    const TestReply created =
        SendForm(Signed({{"key", "a b&c"}, {"success_action_status", "201"}}));
    EXPECT_EQ(created.status, 201);
    EXPECT_EQ(created.Element("Bucket"), "bucket");
    EXPECT_EQ(created.Element("Key"), "a b&amp;c");
    EXPECT_EQ(created.Element("Location"), "http://localhost:9000/bucket/a%20b%26c");
    EXPECT_EQ(created.Element("ETag"), "&quot;5d41402abc4b2a76b9719d911017c592&quot;");
    EXPECT_EQ(SendForm(Signed({{"key", "k"}, {"success_action_status", "200"}})).status, 200);
    EXPECT_EQ(SendForm(Signed({{"key", "k"}, {"success_action_status", "404"}})).status, 204);

    const TestReply redirected = SendForm(
        Signed({{"key", "k/l"}, {"success_action_redirect", "https://a.test/done?x=1#top"}}));
    EXPECT_EQ(redirected.status, 303);
    EXPECT_EQ(redirected.Header("Location"),
              "https://a.test/done?x=1&bucket=bucket&key=k%2Fl&etag="
              "%225d41402abc4b2a76b9719d911017c592%22#top");
    for (const std::string_view no_url : {"javascript:alert(1)", "//a.test/", "http://a b/", ""}) {
        const TestReply ignored =
            SendForm(Signed({{"key", "k"}, {"success_action_redirect", std::string(no_url)}}));
        EXPECT_EQ(ignored.status, 204) << no_url;
    }
}

TEST_F(PostObject, KeepsTagsAndChecksChecksums) {
    Fields fields = Signed(
        {{"key", "k"},
         {"tagging",
          "<Tagging><TagSet><Tag><Key>a b</Key><Value>1=2</Value></Tag></TagSet></Tagging>"}});
    // SHA-256 of "hello"; a checksum needs no condition.
    fields.emplace_back("x-amz-checksum-sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=");
    const TestReply reply = SendForm(fields);
    EXPECT_EQ(reply.status, 204) << reply.body;
    EXPECT_EQ(reply.Header("x-amz-checksum-sha256"), fields.back().second);
    const TestReply tags = Send("GET", "/bucket/k?tagging");
    EXPECT_EQ(tags.Element("Key"), "a b");
    EXPECT_EQ(tags.Element("Value"), "1=2");

    Send("DELETE", "/bucket/k");
    EXPECT_EQ(CodeOf(fields, "other"), "BadDigest");
    EXPECT_EQ(CodeOf(Signed({{"key", "k"}, {"tagging", "<Tagging/>"}})), "MalformedXML");
    EXPECT_TRUE(BucketIsEmpty());
}

TEST_F(PostObject, Case19HoldsTheFormToItsPolicy) {
    const Fields good = Signed({{"key", "k"}, {"acl", "private"}});
    EXPECT_EQ(SendForm(good).status, 204);
    Send("DELETE", "/bucket/k");

    Fields other = good;
    other[0].second = "l";
    EXPECT_EQ(CodeOf(other), "AccessDenied") << "a condition that does not hold";
    other = good;
    other.emplace_back("x-amz-meta-a", "1");
    EXPECT_EQ(CodeOf(other), "AccessDenied") << "a field without a condition";
    EXPECT_EQ(CodeOf(Signed({{"key", "k"}}, R"({"x-amz-meta-a":"1"})")), "AccessDenied")
        << "a condition without its field";
    EXPECT_EQ(CodeOf(Signed({{"key", "k"}}, "", "2025-12-31T23:59:59Z")), "AccessDenied")
        << "expired";
    EXPECT_EQ(CodeOf(WithSignature(Signed({{"key", "k"}}), "{}")), "InvalidArgument")
        << "two policies";
    const Fields unsigned_policy = {{"key", "k"}, {"policy", "e30="}};
    EXPECT_EQ(CodeOf(unsigned_policy), "InvalidArgument");
    const Fields bare = {{"key", "k"},
                         {"x-amz-algorithm", "AWS4-HMAC-SHA256"},
                         {"x-amz-credential", std::string(kCredential)},
                         {"x-amz-date", std::string(kDate)}};
    EXPECT_EQ(CodeOf(WithSignature(bare, "{}")), "InvalidPolicyDocument");
    other = good;
    other.back().second[0] ^= 1;
    EXPECT_EQ(CodeOf(other), "SignatureDoesNotMatch");
    other = good;
    other.emplace_back("x-amz-security-token", "t");
    EXPECT_EQ(CodeOf(other), "InvalidToken");
    EXPECT_TRUE(BucketIsEmpty());
}

TEST_F(PostObject, Case19HoldsTheFileToItsSize) {
    const Fields fields = Signed({{"key", "k"}}, R"(["content-length-range",3,5])");
    EXPECT_EQ(CodeOf(fields, "12"), "EntityTooSmall");
    EXPECT_EQ(CodeOf(fields, "123456"), "EntityTooLarge");
    EXPECT_EQ(CodeOf(fields, std::string(1'000'000, 'x')), "EntityTooLarge");
    EXPECT_TRUE(BucketIsEmpty());
    EXPECT_EQ(SendForm(fields, "123").status, 204);
    EXPECT_EQ(SendForm(fields, "12345").status, 204);
    EXPECT_EQ(SendForm(Signed({{"key", "empty"}}), "").status, 204);
    EXPECT_EQ(Send("GET", "/bucket/empty").content_length, 0U);
}

TEST_F(PostObject, StreamsALargeFile) {
    const Fields fields = Signed({{"key", "large"}});
    std::string content(3'000'000, 'x');
    for (size_t i = 0; i < content.size(); i += 997)
        content.replace(i, 4, "\r\n--");
    EXPECT_EQ(SendForm(fields, content).status, 204);
    EXPECT_EQ(Send("GET", "/bucket/large").body, content);
}

TEST_F(PostObject, AFormThatEndsEarlyLeavesNothing) {
    const std::string body = BodyOf(Signed({{"key", "k"}}), "hello", "f");
    for (size_t size = 0; size + 2 < body.size(); size += 1 + size / 40) {
        const TestReply reply = SendBody(body.substr(0, size));
        EXPECT_EQ(reply.Element("Code"), "MalformedPOSTRequest") << size;
    }
    EXPECT_EQ(SendBody(body.substr(0, body.size() - 4)).Element("Code"), "MalformedPOSTRequest");
    EXPECT_TRUE(BucketIsEmpty());
    EXPECT_EQ(SendBody(body).status, 204);
}

// Attacks 32 to 34: a key is what the field says, byte for byte, or it is refused.
TEST_F(PostObject, TakesKeysAsTheyAre) {
    for (const std::string_view key : {"..", "a/../b", "%2e%2e/x", "a\\b", "/a//b/", "A", "a"}) {
        const Fields fields =
            WithSignature({{"key", std::string(key)},
                           {"x-amz-algorithm", "AWS4-HMAC-SHA256"},
                           {"x-amz-credential", std::string(kCredential)},
                           {"x-amz-date", std::string(kDate)}},
                          R"({"expiration":"2026-01-02T00:00:00Z","conditions":[{"bucket":"bucket"},
                ["starts-with","$key",""],["starts-with","$x-amz-algorithm",""],
                ["starts-with","$x-amz-credential",""],["starts-with","$x-amz-date",""]]})");
        EXPECT_EQ(SendForm(fields, key).status, 204) << key;
        EXPECT_EQ(Send("GET", "/bucket/" + codec::PercentEncode(key)).body, key);
    }
    for (const std::string_view file : {"../../etc/passwd", "..\\..\\passwd", "/passwd"}) {
        EXPECT_EQ(SendForm(Signed({{"key", "in/${filename}"}}), file, file).status, 204) << file;
        EXPECT_EQ(Send("GET", "/bucket/in/passwd").body, file);
    }
    for (const std::string& key :
         {std::string("a\0b", 3), std::string("\xC0\xAE"), std::string("\xED\xA0\x80")}) {
        const TestReply reply = SendForm(Signed({{"key", "in/${filename}"}}), "x", key);
        EXPECT_EQ(reply.status, 400);
    }
    EXPECT_EQ(Send("GET", "/bucket?list-type=2").Element("KeyCount"), "8");
}

TEST_F(PostObject, PassesOverWhatFollowsTheFile) {
    std::string body = BodyOf(Signed({{"key", "k"}}), "the file", "f");
    const std::string end = "--B--\r\n";
    ASSERT_TRUE(body.ends_with(end)) << body;
    body.insert(body.size() - end.size(),
                "--B\r\nContent-Disposition: form-data; name=\"more\"\r\n\r\n" +
                    std::string(50'000, 'x') + "\r\n");
    EXPECT_EQ(SendBody(body).status, 204);
    EXPECT_EQ(Send("GET", "/bucket/k").body, "the file");
}

TEST_F(PostObject, RefusesWhatIsNoForm) {
    EXPECT_EQ(SendBody("key=k", "application/x-www-form-urlencoded").status, 412);
    EXPECT_EQ(SendBody("key=k", "multipart/form-data").Element("Code"), "PreconditionFailed");
    EXPECT_EQ(SendBody("key=k").Element("Code"), "MalformedPOSTRequest");
    EXPECT_EQ(SendBody("--B\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n--B--")
                  .Element("Code"),
              "InvalidArgument")
        << "no file";
    std::string two = BodyOf(Signed({{"key", "k"}}), "1", "f");
    two.resize(two.size() - 7);
    EXPECT_EQ(SendBody(two + BodyOf({}, "2", "g")).Element("Code"), "InvalidArgument")
        << "two files";
    EXPECT_EQ(CodeOf(Signed({{"acl", "private"}})), "InvalidArgument") << "no key";
    EXPECT_EQ(SendForm(Signed({{"key", "${filename}"}}), "x", "").Element("Code"),
              "InvalidArgument")
        << "an empty key";
    EXPECT_EQ(CodeOf(Signed({{"key", "k"}, {"x-amz-meta-a", std::string(20'000, 'x')}})),
              "MaxPostPreDataLengthExceededError");
    EXPECT_EQ(CodeOf(Signed({{"key", "k"}, {"Content-Type", "a\r\nSet-Cookie: b"}})),
              "InvalidPolicyDocument")
        << "a line break is no JSON";
    EXPECT_EQ(CodeOf(Signed({{"key", std::string(1025, 'k')}})), "KeyTooLongError");
    EXPECT_TRUE(BucketIsEmpty());
}

TEST_F(PostObject, KeepsLineBreaksOutOfHeaders) {
    // Attack 69: what a field says becomes a header of every answer.
    const Fields fields =
        WithSignature({{"key", "k"},
                       {"Content-Type", "a\r\nSet-Cookie: b"},
                       {"x-amz-algorithm", "AWS4-HMAC-SHA256"},
                       {"x-amz-credential", std::string(kCredential)},
                       {"x-amz-date", std::string(kDate)}},
                      R"({"expiration":"2026-01-02T00:00:00Z","conditions":[{"bucket":"bucket"},
            ["starts-with","$key",""],["starts-with","$Content-Type",""],
            ["starts-with","$x-amz-algorithm",""],["starts-with","$x-amz-credential",""],
            ["starts-with","$x-amz-date",""]]})");
    EXPECT_EQ(CodeOf(fields), "InvalidArgument");
    EXPECT_TRUE(BucketIsEmpty());
}

TEST_F(PostObject, AnonymousFormsMayWhatThePolicyOfTheBucketAllows) {
    EXPECT_EQ(CodeOf({{"key", "open/k"}}), "AccessDenied");
    EXPECT_EQ(Send("PUT", "/bucket?policy",
                   R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
                       "Action":"s3:PutObject","Resource":"arn:aws:s3:::bucket/open/*"},
                      {"Effect":"Deny","Principal":"*","Action":"s3:PutObject",
                       "Resource":"arn:aws:s3:::bucket/open/signed/*",
                       "Condition":{"StringEquals":{"s3:authType":"POST"}}}]})")
                  .status,
              204);
    EXPECT_EQ(SendForm({{"key", "open/k"}}).status, 204);
    EXPECT_EQ(CodeOf({{"key", "closed/k"}}), "AccessDenied");
    EXPECT_EQ(CodeOf({{"key", "open/k"},
                      {"tagging",
                       "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet>"
                       "</Tagging>"}}),
              "AccessDenied")
        << "tags are another action";
    EXPECT_EQ(CodeOf(Signed({{"key", "open/signed/k"}})), "AccessDenied");
    const TestReply elsewhere =
        Send(TestRequest{.method = "POST",
                         .target = "/missing",
                         .headers = {{"Content-Type", "multipart/form-data; boundary=B"}},
                         .body = BodyOf({{"key", "k"}}, "x", "f"),
                         .sign = false});
    EXPECT_EQ(elsewhere.Element("Code"), "NoSuchBucket");
}

TEST_F(PostObject, AsksForNothingThatIsNotOffered) {
    EXPECT_EQ(SendForm(Signed({{"key", "k"}, {"acl", "public-read"}})).Element("Code"),
              "AccessControlListNotSupported");
    EXPECT_EQ(SendForm(Signed({{"key", "k"}, {"acl", "everybody"}})).Element("Code"),
              "InvalidArgument");
    EXPECT_EQ(SendForm(Signed({{"key", "k"}, {"x-amz-website-redirect-location", "/x"}})).status,
              501);
    EXPECT_TRUE(BucketIsEmpty());
}

}  // namespace
}  // namespace coffer::api::s3
