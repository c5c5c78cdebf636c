// Object lock as clients set it and meet it. That locks hold is tested in
// service/object_lock_test.cc.
#include <gtest/gtest.h>

#include "coffer/codec/base64.h"

#include "tests/support/s3_fixture.h"

namespace coffer::api::s3 {
namespace {

using Headers = std::vector<http::Header>;

class S3ObjectLock : public ::testing::Test, public S3Fixture {
  protected:
    S3ObjectLock() {
        EXPECT_EQ(Send("PUT", "/bucket", "", {{"x-amz-bucket-object-lock-enabled", "true"}}).status,
                  200);
        EXPECT_EQ(Send("PUT", "/plain").status, 200);
    }

    std::string In(std::chrono::days time) {
        return codec::FormatIso8601(services.clock.Now() + time);
    }
    std::string Retention(std::string_view mode, std::string_view until) {
        return fmt::format(
            "<Retention><Mode>{}</Mode><RetainUntilDate>{}</RetainUntilDate></Retention>", mode,
            until);
    }
    Headers Locked(std::string_view mode, std::string_view until) {
        return {{"x-amz-object-lock-mode", std::string(mode)},
                {"x-amz-object-lock-retain-until-date", std::string(until)}};
    }
    static std::string LegalHold(std::string_view status) {
        return fmt::format("<LegalHold><Status>{}</Status></LegalHold>", status);
    }
    std::string Put(std::string target, Headers headers = {}) {
        return Send("PUT", std::move(target), "body", std::move(headers))
            .Header("x-amz-version-id");
    }
    TestReply Anonymously(std::string method, std::string target, std::string body = {},
                          Headers headers = {}) {
        return Send(TestRequest{std::move(method), std::move(target), std::move(headers),
                                std::move(body), false});
    }
    void Allow(std::string_view actions, std::string_view condition = "{}") {
        const TestReply put =
            Send("PUT", "/bucket?policy",
                 fmt::format(R"({{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",
                            "Principal":"*","Action":[{}],"Resource":"arn:aws:s3:::bucket/*",
                            "Condition":{}}}]}})",
                             actions, condition));
        ASSERT_EQ(put.status, 204) << put.body;
    }

    const Headers kBypass{{"x-amz-bypass-governance-retention", "true"}};
};

TEST_F(S3ObjectLock, ABucketIsMadeWithIt) {
    EXPECT_EQ(Send("GET", "/bucket?versioning").Element("Status"), "Enabled");
    EXPECT_EQ(Send("GET", "/bucket?object-lock").body,
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
              "<ObjectLockConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
              "<ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>");
    const TestReply suspend =
        Send("PUT", "/bucket?versioning",
             "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>");
    EXPECT_EQ(suspend.status, 409);
    EXPECT_EQ(suspend.Element("Code"), "InvalidBucketState");
}

TEST_F(S3ObjectLock, ConfigurationIsSetAndRead) {
    const std::string document =
        "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>"
        "<DefaultRetention><Mode>COMPLIANCE</Mode><Years>1</Years></DefaultRetention></Rule>"
        "</ObjectLockConfiguration>";
    EXPECT_EQ(Send("PUT", "/bucket?object-lock", document).status, 200);
    EXPECT_EQ(Send("GET", "/bucket?object-lock").Element("Years"), "1");
    EXPECT_EQ(Send("PUT", "/bucket?object-lock", "<Other/>").Element("Code"), "MalformedXML");
    EXPECT_EQ(Send("GET", "/bucket?object-lock").Element("Years"), "1");

    EXPECT_EQ(Send("GET", "/plain?object-lock").Element("Code"),
              "ObjectLockConfigurationNotFoundError");
    const TestReply refused = Send("PUT", "/plain?object-lock", document);
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.Element("Code"), "InvalidBucketState");
    EXPECT_EQ(Send("GET", "/missing?object-lock").Element("Code"), "NoSuchBucket");
}

TEST_F(S3ObjectLock, HeadersOfAWriteComeBack) {
    const std::string until = In(std::chrono::days(3));
    Headers headers = Locked("GOVERNANCE", until);
    headers.push_back({"x-amz-object-lock-legal-hold", "ON"});
    Put("/bucket/a", headers);
    for (const char* method : {"GET", "HEAD"}) {
        const TestReply reply = Send(method, "/bucket/a");
        EXPECT_EQ(reply.Header("x-amz-object-lock-mode"), "GOVERNANCE");
        EXPECT_EQ(reply.Header("x-amz-object-lock-retain-until-date"), until);
        EXPECT_EQ(reply.Header("x-amz-object-lock-legal-hold"), "ON");
    }
    Put("/bucket/b");
    EXPECT_FALSE(Send("HEAD", "/bucket/b").headers.Has("x-amz-object-lock-mode"));
    EXPECT_FALSE(Send("HEAD", "/bucket/b").headers.Has("x-amz-object-lock-legal-hold"));
}

TEST_F(S3ObjectLock, HeadersOfCopiesAndUploadsCountToo) {
    const Headers locked = Locked("COMPLIANCE", In(std::chrono::days(3)));
    Put("/bucket/a");
    Headers copy = locked;
    copy.push_back({"x-amz-copy-source", "bucket/a"});
    EXPECT_EQ(Send("PUT", "/bucket/copy", "", copy).status, 200);
    EXPECT_EQ(Send("HEAD", "/bucket/copy").Header("x-amz-object-lock-mode"), "COMPLIANCE");

    const std::string id = Send("POST", "/bucket/up?uploads", "", locked).Element("UploadId");
    const std::string part = "/bucket/up?partNumber=1&uploadId=" + id;
    EXPECT_EQ(Send("PUT", part, "x", locked).Element("Code"), "InvalidArgument");
    const std::string etag = Send("PUT", part, "x").Header("ETag");
    const TestReply done =
        Send("POST", "/bucket/up?uploadId=" + id,
             fmt::format("<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag>"
                         "</Part></CompleteMultipartUpload>",
                         etag));
    ASSERT_EQ(done.status, 200) << done.body;
    const TestReply head = Send("HEAD", "/bucket/up");
    EXPECT_EQ(head.Header("x-amz-object-lock-mode"), "COMPLIANCE");
    EXPECT_EQ(Send("DELETE", "/bucket/up?versionId=" + head.Header("x-amz-version-id"), "", kBypass)
                  .status,
              403);
}

TEST_F(S3ObjectLock, HeadersThatMakeNoSenseAreRefusedBeforeTheBodyIsRead) {
    const std::string until = In(std::chrono::days(1));
    const std::pair<Headers, std::string_view> cases[] = {
        {{{"x-amz-object-lock-mode", "GOVERNANCE"}}, "InvalidArgument"},
        {{{"x-amz-object-lock-retain-until-date", until}}, "InvalidArgument"},
        {Locked("governance", until), "InvalidArgument"},
        {Locked("GOVERNANCE", "tomorrow"), "InvalidArgument"},
        {Locked("GOVERNANCE", In(std::chrono::days(-1))), "InvalidArgument"},
        {{{"x-amz-object-lock-legal-hold", "on"}}, "InvalidArgument"},
    };
    for (const auto& [headers, code] : cases) {
        const TestReply put = Send("PUT", "/bucket/a", "body", headers);
        EXPECT_EQ(put.status, 400);
        EXPECT_EQ(put.Element("Code"), code) << put.body;
        EXPECT_FALSE(put.body_read);
    }
    const TestReply plain = Send("PUT", "/plain/a", "body", Locked("GOVERNANCE", until));
    EXPECT_EQ(plain.Element("Code"), "InvalidRequest");
    EXPECT_EQ(plain.Element("Message"), "Bucket is missing Object Lock Configuration");
    EXPECT_FALSE(plain.body_read);
}

TEST_F(S3ObjectLock, RetentionIsSetReadAndTakenAway) {
    const std::string id = Put("/bucket/a");
    EXPECT_EQ(Send("GET", "/bucket/a?retention").status, 404);
    EXPECT_EQ(Send("GET", "/bucket/a?retention").Element("Code"), "NoSuchObjectLockConfiguration");
    const std::string late = Retention("GOVERNANCE", In(std::chrono::days(9)));
    const std::string soon = Retention("GOVERNANCE", In(std::chrono::days(1)));
    EXPECT_EQ(Send("PUT", "/bucket/a?retention", late).status, 200);
    EXPECT_EQ(Send("GET", "/bucket/a?retention&versionId=" + id).Element("RetainUntilDate"),
              In(std::chrono::days(9)));
    const TestReply shorter = Send("PUT", "/bucket/a?retention", soon);
    EXPECT_EQ(shorter.status, 403);
    EXPECT_EQ(shorter.Element("Code"), "AccessDenied");
    const TestReply refused = Send("DELETE", "/bucket/a?versionId=" + id);
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.Element("Message"), "Access Denied because object protected by object lock.");
    EXPECT_EQ(Send("PUT", "/bucket/a?retention", soon, kBypass).status, 200);
    EXPECT_EQ(Send("PUT", "/bucket/a?retention", "<Retention/>", kBypass).status, 200);
    EXPECT_EQ(Send("GET", "/bucket/a?retention").status, 404);
    EXPECT_EQ(Send("DELETE", "/bucket/a?versionId=" + id).status, 204);
}

TEST_F(S3ObjectLock, LegalHoldIsSetAndRead) {
    const std::string id = Put("/bucket/a");
    EXPECT_EQ(Send("GET", "/bucket/a?legal-hold").Element("Code"), "NoSuchObjectLockConfiguration");
    EXPECT_EQ(Send("PUT", "/bucket/a?legal-hold", LegalHold("ON")).status, 200);
    EXPECT_EQ(Send("GET", "/bucket/a?legal-hold").Element("Status"), "ON");
    EXPECT_EQ(Send("DELETE", "/bucket/a?versionId=" + id, "", kBypass).status, 403);
    EXPECT_EQ(Send("PUT", "/bucket/a?legal-hold", LegalHold("maybe")).Element("Code"),
              "MalformedXML");
    EXPECT_EQ(Send("PUT", "/bucket/a?legal-hold&versionId=" + id, LegalHold("OFF")).status, 200);
    EXPECT_EQ(Send("GET", "/bucket/a?legal-hold").Element("Status"), "OFF");
    EXPECT_EQ(Send("DELETE", "/bucket/a?versionId=" + id).status, 204);
}

TEST_F(S3ObjectLock, OfWhatIsNotThereIsAnError) {
    Put("/plain/a");
    for (const char* what : {"retention", "legal-hold"}) {
        const std::string body = what == std::string("retention")
                                     ? Retention("GOVERNANCE", In(std::chrono::days(1)))
                                     : LegalHold("ON");
        for (const char* method : {"GET", "PUT"}) {
            const auto code = [&](std::string target) {
                return Send(method, fmt::format("{}?{}", target, what),
                            method == std::string("PUT") ? body : "")
                    .Element("Code");
            };
            EXPECT_EQ(code("/plain/a"), "InvalidRequest");
            EXPECT_EQ(code("/bucket/missing"), "NoSuchKey");
            EXPECT_EQ(code("/missing/a"), "NoSuchBucket");
        }
    }
    Put("/bucket/gone");
    const std::string marker = Send("DELETE", "/bucket/gone").Header("x-amz-version-id");
    EXPECT_EQ(Send("PUT", "/bucket/gone?legal-hold&versionId=" + marker, LegalHold("ON")).status,
              405);
}

TEST_F(S3ObjectLock, DeletionsOfManyKeepWhatIsLocked) {
    const std::string locked = Put("/bucket/a", Locked("GOVERNANCE", In(std::chrono::days(1))));
    const std::string free = Put("/bucket/b");
    const std::string document = fmt::format(
        "<Delete><Object><Key>a</Key><VersionId>{}</VersionId></Object>"
        "<Object><Key>b</Key><VersionId>{}</VersionId></Object></Delete>",
        locked, free);
    Headers headers = {{"Content-MD5", codec::Base64Encode(codec::Md5(AsBytes(document)))}};
    const TestReply reply = Send("POST", "/bucket?delete", document, headers);
    EXPECT_NE(reply.body.find("<Deleted><Key>b</Key>"), std::string::npos) << reply.body;
    EXPECT_NE(reply.body.find("<Code>AccessDenied</Code>"), std::string::npos) << reply.body;
    EXPECT_EQ(Send("GET", "/bucket/a").status, 200);
    headers.push_back(kBypass[0]);
    EXPECT_EQ(Send("POST", "/bucket?delete", document, headers).Element("Code"), "");
    EXPECT_EQ(Send("GET", "/bucket/a").status, 404);
}

TEST_F(S3ObjectLock, BypassTakesAPermission) {
    const std::string id = Put("/bucket/a", Locked("GOVERNANCE", In(std::chrono::days(1))));
    const std::string other = Put("/bucket/b");
    Allow(R"("s3:DeleteObjectVersion","s3:PutObjectRetention")");
    const std::string target = "/bucket/a?versionId=" + id;
    EXPECT_EQ(Anonymously("DELETE", target, "", kBypass).status, 403);
    EXPECT_EQ(Anonymously("PUT", "/bucket/a?retention", "<Retention/>", kBypass).status, 403);
    // What is not locked needs no bypass.
    EXPECT_EQ(Anonymously("DELETE", "/bucket/b?versionId=" + other, "", kBypass).status, 204);
    Allow(R"("s3:DeleteObjectVersion","s3:BypassGovernanceRetention")");
    EXPECT_EQ(Anonymously("DELETE", target).status, 403);
    EXPECT_EQ(Anonymously("DELETE", target, "", kBypass).status, 204);
}

TEST_F(S3ObjectLock, BypassIsJudgedByWhatTheRequestDoes) {
    const std::string id = Put("/bucket/a", Locked("GOVERNANCE", In(std::chrono::days(9))));
    const TestReply policy = Send("PUT", "/bucket?policy",
                                  R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",
            "Principal":"*","Action":["s3:PutObjectRetention","s3:DeleteObjectVersion"],
            "Resource":"arn:aws:s3:::bucket/*"},{"Effect":"Allow","Principal":"*",
            "Action":"s3:BypassGovernanceRetention","Resource":"arn:aws:s3:::bucket/*","Condition":
            {"NumericGreaterThanEquals":{"s3:object-lock-remaining-retention-days":"5"}}}]})");
    ASSERT_EQ(policy.status, 204) << policy.body;
    // Headers say nothing of what a document asks for, nor of a deletion.
    Headers forged = Locked("GOVERNANCE", In(std::chrono::days(30)));
    forged.push_back(kBypass[0]);
    const auto shorten = [&](const Headers& headers, int days) {
        return Anonymously("PUT", "/bucket/a?retention",
                           Retention("GOVERNANCE", In(std::chrono::days(days))), headers)
            .status;
    };
    EXPECT_EQ(shorten(forged, 2), 403);
    EXPECT_EQ(shorten(kBypass, 2), 403);
    EXPECT_EQ(shorten(kBypass, 6), 200);
    EXPECT_EQ(Anonymously("DELETE", "/bucket/a?versionId=" + id, "", forged).status, 403);
}

TEST_F(S3ObjectLock, LockingTakesAPermission) {
    const Headers locked = Locked("GOVERNANCE", In(std::chrono::days(1)));
    Allow(R"("s3:PutObject","s3:GetObject")");
    EXPECT_EQ(Anonymously("PUT", "/bucket/a", "body").status, 200);
    EXPECT_EQ(Anonymously("PUT", "/bucket/a", "body", locked).status, 403);
    EXPECT_EQ(
        Anonymously("PUT", "/bucket/a", "body", {{"x-amz-object-lock-legal-hold", "ON"}}).status,
        403);
    Put("/bucket/b", locked);
    EXPECT_FALSE(Anonymously("HEAD", "/bucket/b").headers.Has("x-amz-object-lock-mode"));
    Allow(R"("s3:GetObject","s3:GetObjectRetention")");
    EXPECT_TRUE(Anonymously("HEAD", "/bucket/b").headers.Has("x-amz-object-lock-mode"));
}

TEST_F(S3ObjectLock, PoliciesSeeWhatIsAskedFor) {
    Put("/bucket/a");
    const auto retain = [&](std::string_view mode, int days, Headers headers = {}) {
        return Anonymously("PUT", "/bucket/a?retention",
                           Retention(mode, In(std::chrono::days(days))), std::move(headers))
            .status;
    };
    Allow(R"("s3:PutObjectRetention","s3:PutObject")",
          R"({"NumericLessThanEquals":{"s3:object-lock-remaining-retention-days":"7"},
              "StringEquals":{"s3:object-lock-mode":"GOVERNANCE"}})");
    EXPECT_EQ(retain("GOVERNANCE", 8), 403);
    EXPECT_EQ(retain("COMPLIANCE", 7), 403);
    // Headers say nothing of what a document asks for.
    EXPECT_EQ(retain("COMPLIANCE", 7, {{"x-amz-object-lock-mode", "GOVERNANCE"}}), 403);
    EXPECT_EQ(retain("GOVERNANCE", 7), 200);
    const auto put = [&](int days) {
        return Anonymously("PUT", "/bucket/b", "x",
                           Locked("GOVERNANCE", In(std::chrono::days(days))))
            .status;
    };
    EXPECT_EQ(put(8), 403);
    EXPECT_EQ(put(7), 200);

    Allow(R"("s3:PutObjectLegalHold")", R"({"StringEquals":{"s3:object-lock-legal-hold":"ON"}})");
    EXPECT_EQ(Anonymously("PUT", "/bucket/a?legal-hold", LegalHold("OFF")).status, 403);
    EXPECT_EQ(Anonymously("PUT", "/bucket/a?legal-hold", LegalHold("ON")).status, 200);
    Allow(R"("s3:PutObjectRetention")",
          R"({"DateLessThan":{"s3:object-lock-retain-until-date":"2027-01-01T00:00:00Z"}})");
    EXPECT_EQ(retain("GOVERNANCE", 9), 200);
    EXPECT_EQ(retain("GOVERNANCE", 400), 403);
}

}  // namespace
}  // namespace coffer::api::s3
