#include "coffer/service/authenticate.h"

#include <gtest/gtest.h>

#include "coffer/service/authenticate_fixture.h"

namespace coffer::service {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Authenticate, KnowsWhoSignedByEachMechanism) {
    Draft draft;
    for (const auto& request : {draft.Signed(), draft.SignedV2(),
                                draft.PresignedV2(kNow + hours(1)), Draft().Presigned()}) {
        const auto identity = Ask(request);
        ASSERT_TRUE(identity) << identity.error().ToString();
        EXPECT_EQ(identity.value().actor->access_key, kAccessKey);
        const AuthType type = identity.value().auth_type;
        EXPECT_EQ(type == AuthType::kSigV4Header || type == AuthType::kSigV2Header,
                  request.headers.Has("authorization"));
    }
}

TEST(Authenticate, TakesARequestWithoutCredentialsAsAnonymous) {
    http::Request request{"GET", "/bucket/key", Draft().headers, {}, nullptr};
    EXPECT_EQ(Answer(request), "anonymous");
}

// Case 1 of the attack catalogue, and so on.
TEST(Authenticate, Case01RefusesAOneBitChangeOfTheSignature) {
    const http::Request request = Draft().Signed();
    const std::string value(request.headers.GetOr("authorization", ""));
    for (size_t i = value.size() - 64; i < value.size(); ++i) {
        for (int bit = 0; bit < 7; ++bit) {
            std::string changed = value;
            changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
            http::Request other = request;
            other.headers.Set("Authorization", changed);
            EXPECT_NE(Answer(other), "ok") << changed;
        }
    }
    http::Request shorter = request;
    shorter.headers.Set("Authorization", value.substr(0, value.size() - 1));
    EXPECT_EQ(Answer(shorter), "SignatureDoesNotMatch");
    shorter.headers.Set("Authorization", value.substr(0, value.size() - 64));
    EXPECT_EQ(Answer(shorter), "SignatureDoesNotMatch");
}

TEST(Authenticate, Case02RefusesAWrongSecretAndAnUnknownKey) {
    Draft wrong_secret;
    wrong_secret.secret_key = "example/secret+kez";
    EXPECT_EQ(Answer(wrong_secret.Signed()), "SignatureDoesNotMatch");
    EXPECT_EQ(Answer(wrong_secret.SignedV2()), "SignatureDoesNotMatch");
    EXPECT_EQ(Answer(wrong_secret.PresignedV2(kNow + hours(1))), "SignatureDoesNotMatch");
    EXPECT_EQ(Answer(wrong_secret.Presigned()), "SignatureDoesNotMatch");
    Draft unknown_key;
    unknown_key.access_key = "SOMEBODYELSE";
    EXPECT_EQ(Answer(unknown_key.Signed()), "InvalidAccessKeyId");
    EXPECT_EQ(Answer(unknown_key.SignedV2()), "InvalidAccessKeyId");
    EXPECT_EQ(Answer(unknown_key.PresignedV2(kNow + hours(1))), "InvalidAccessKeyId");
    EXPECT_EQ(Answer(unknown_key.Presigned()), "InvalidAccessKeyId");
}

TEST(Authenticate, Case03NeedsTheDigestHeaderAndGivesItOn) {
    http::Request request = Draft().Signed();
    EXPECT_EQ(Ask(request).value().payload.kind, Payload::Kind::kDigest);
    EXPECT_EQ(Ask(request).value().payload.sha256, codec::Sha256({}));
    request.headers.Remove("x-amz-content-sha256");
    EXPECT_EQ(Answer(request), "InvalidRequest");
    EXPECT_EQ(MessageOf(request), "Missing required header for this request: x-amz-content-sha256");
    for (const std::string_view value :
         {"", "abc", "unsigned-payload", "STREAMING-AWS4-HMAC-SHA256-EVENTS"}) {
        Draft draft;
        draft.payload = value;
        EXPECT_EQ(Answer(draft.Signed()), "InvalidArgument") << value;
    }
    http::Request other = Draft().Signed();
    other.headers.Set("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD");
    EXPECT_EQ(Answer(other), "SignatureDoesNotMatch");
}

TEST(Authenticate, Case04RefusesAClockThatIsOffByMoreThanAQuarterHour) {
    for (const int sign : {-1, 1}) {
        Draft draft;
        draft.date = kNow + sign * minutes(15);
        EXPECT_EQ(Answer(draft.Signed()), "ok");
        EXPECT_EQ(Answer(draft.SignedV2()), "ok");
        draft.date += sign * seconds(1);
        EXPECT_EQ(Answer(draft.Signed()), "RequestTimeTooSkewed");
        EXPECT_EQ(Answer(draft.SignedV2()), "RequestTimeTooSkewed");
        draft.date += sign * hours(24);
        EXPECT_EQ(Answer(draft.Signed()), "RequestTimeTooSkewed");
    }
}

TEST(Authenticate, Case05RefusesAScopeOfAnotherDay) {
    Draft draft;
    draft.scope_date = kNow + hours(24);
    EXPECT_EQ(Answer(draft.Signed()), "AuthorizationHeaderMalformed");
    EXPECT_EQ(Answer(draft.Presigned()), "AuthorizationQueryParametersError");
}

TEST(Authenticate, Case06RefusesAnotherRegionWhereOneIsSet) {
    const AuthenticateOptions options{.region = "eu-central-1"};
    EXPECT_EQ(Answer(Draft().Signed(), options), "AuthorizationHeaderMalformed");
    EXPECT_EQ(MessageOf(Draft().Signed(), options),
              "The authorization header is malformed; the region 'us-east-1' is wrong; expecting "
              "'eu-central-1'");
    EXPECT_EQ(Answer(Draft().Presigned(), options), "AuthorizationQueryParametersError");
    Draft right;
    right.region = "eu-central-1";
    EXPECT_EQ(Answer(right.Signed(), options), "ok");
    Draft location;
    location.target = "/bucket?location";
    EXPECT_EQ(Answer(location.Signed(), options), "ok");
    location.target = "/";
    EXPECT_EQ(Answer(location.Signed(), options), "ok");
    location.method = "PUT";
    location.target = "/bucket?location";
    EXPECT_EQ(Answer(location.Signed(), options), "AuthorizationHeaderMalformed");
}

TEST(Authenticate, Case06RefusesAnotherServiceOrTerminator) {
    for (const auto& [from, to] : std::vector<std::pair<std::string_view, std::string_view>>{
             {"/s3/", "/sts/"}, {"/s3/", "/ec2/"}, {"aws4_request", "aws4_reques"}}) {
        http::Request header = Draft().Signed();
        ReplaceInAuthorization(header, from, to);
        EXPECT_EQ(Answer(header), "AuthorizationHeaderMalformed") << to;
    }
    http::Request query = Draft().Presigned();
    ReplaceInTarget(query, "%2Fs3%2F", "%2Fsts%2F");
    EXPECT_EQ(Answer(query), "AuthorizationQueryParametersError");
}

TEST(Authenticate, Case07NeedsTheHostSigned) {
    Draft draft;
    draft.signed_headers = {"x-amz-content-sha256", "x-amz-date"};
    EXPECT_EQ(Answer(draft.Signed()), "AccessDenied");
    draft.signed_headers = {};
    draft.payload = "UNSIGNED-PAYLOAD";
    EXPECT_EQ(Answer(draft.PresignedAsIs("60")), "AccessDenied");
    http::Request other_host = Draft().Signed();
    other_host.headers.Set("Host", "elsewhere");
    EXPECT_EQ(Answer(other_host), "SignatureDoesNotMatch");
}

TEST(Authenticate, Case08RefusesAmzHeadersThatAreNotSigned) {
    for (const char* name : {"x-amz-copy-source", "X-Amz-Acl", "x-amz-meta-a", "x-amz-tagging",
                             "x-amz-server-side-encryption", "x-amz-decoded-content-length"}) {
        for (http::Request request : {Draft().Signed(), Draft().Presigned()}) {
            request.headers.Add(name, "1");
            EXPECT_EQ(Answer(request), "AccessDenied") << name;
            EXPECT_TRUE(MessageOf(request).starts_with(
                "There were headers present in the request which were not signed"));
        }
        for (http::Request request : {Draft().SignedV2(), Draft().PresignedV2(kNow + hours(1))}) {
            request.headers.Add(name, "1");
            EXPECT_EQ(Answer(request), "SignatureDoesNotMatch") << name;
        }
        // The same by query, where some readers take it for the header.
        http::Request by_query = Draft().SignedV2();
        by_query.target += "&" + std::string(name) + "=1";
        EXPECT_EQ(Answer(by_query), "SignatureDoesNotMatch") << name;
    }
}

// Who may delete an empty bucket would delete a full one.
TEST(Authenticate, Case08RefusesMinioHeadersThatAreNotSigned) {
    for (const char* name : {"x-minio-force-delete", "X-Minio-Extract"}) {
        for (http::Request request : {Draft().Signed(), Draft().Presigned(), Draft().SignedV2(),
                                      Draft().PresignedV2(kNow + hours(1))}) {
            request.headers.Add(name, "true");
            EXPECT_EQ(Answer(request), "AccessDenied") << name;
        }
        http::Request by_query = Draft().PresignedV2(kNow + hours(1));
        by_query.target += "&" + std::string(name) + "=true";
        EXPECT_EQ(Answer(by_query), "AccessDenied") << name;
    }
}

TEST(Authenticate, Case09RefusesHeadersThatComeTwice) {
    for (const char* name :
         {"Host", "Authorization", "Date", "x-amz-date", "x-amz-content-sha256"}) {
        http::Request request = Draft().Signed();
        if (!request.headers.Has(name)) request.headers.Add(name, codec::FormatHttpDate(kNow));
        request.headers.Add(name, request.headers.GetOr(name, ""));
        EXPECT_EQ(Answer(request), "InvalidArgument") << name;
    }
    http::Request joined = Draft().Signed();
    const std::string value(joined.headers.GetOr("authorization", ""));
    joined.headers.Set("Authorization", value + ", " + value);
    EXPECT_EQ(Answer(joined), "AuthorizationHeaderMalformed");
    http::Request dates = Draft().Signed();
    const std::string date(dates.headers.GetOr("x-amz-date", ""));
    dates.headers.Set("x-amz-date", date + ", " + date);
    EXPECT_EQ(Answer(dates), "AccessDenied");
}

TEST(Authenticate, Case10RefusesCredentialsInTwoPlaces) {
    http::Request both = Draft().Presigned();
    both.headers.Add("Authorization", Draft().Signed().headers.GetOr("authorization", ""));
    EXPECT_EQ(Answer(both), "InvalidArgument");
    for (const char* parameter : {"X-Amz-Signature=0", "X-Amz-Credential=a", "X-Amz-Algorithm=b",
                                  "AWSAccessKeyId=k", "Signature=s"}) {
        Draft draft;
        draft.target += "&" + std::string(parameter);
        EXPECT_EQ(Answer(draft.Signed()), "InvalidArgument") << parameter;
        EXPECT_EQ(Answer(draft.SignedV2()), "InvalidArgument") << parameter;
    }
    http::Request versions = Draft().Presigned();
    versions.target += "&AWSAccessKeyId=k&Signature=s&Expires=9";
    EXPECT_EQ(Answer(versions), "InvalidArgument");
}

TEST(Authenticate, Case11RefusesOtherAlgorithms) {
    http::Request v4a = Draft().Signed();
    ReplaceInAuthorization(v4a, "AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256");
    EXPECT_EQ(MessageOf(v4a),
              "The authorization mechanism you have provided is not supported. Please use "
              "AWS4-HMAC-SHA256.");
    EXPECT_EQ(Answer(v4a), "InvalidRequest");
    for (const char* value : {"", "AWS4-HMAC-SHA256", "Bearer abc", "Basic dXNlcjpwYXNz", "aws k:s",
                              "AWS3 k:s", "AWS4-HMAC-SHA256\tCredential=a"}) {
        http::Request request = Draft().Signed();
        request.headers.Set("Authorization", value);
        EXPECT_EQ(Answer(request), "InvalidArgument") << value;
    }
    http::Request query = Draft().Presigned();
    ReplaceInTarget(query, "AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256");
    EXPECT_EQ(Answer(query), "AuthorizationQueryParametersError");
    Draft ecdsa;
    ecdsa.payload = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER";
    EXPECT_EQ(Answer(ecdsa.Signed()), "NotImplemented");
}

TEST(Authenticate, Case11RefusesSigV2WhereItIsSwitchedOff) {
    const AuthenticateOptions options{.region = "", .allow_sigv2 = false};
    EXPECT_EQ(Answer(Draft().SignedV2(), options), "InvalidRequest");
    EXPECT_EQ(Answer(Draft().PresignedV2(kNow + hours(1)), options), "InvalidRequest");
    EXPECT_EQ(Answer(Draft().Signed(), options), "ok");
}

TEST(Authenticate, Case12RefusesATokenOnALongTermKey) {
    Draft draft;
    draft.headers.Add("X-Amz-Security-Token", "token");
    EXPECT_EQ(Answer(draft.SignedV2()), "InvalidToken");
    draft.signed_headers.push_back("x-amz-security-token");
    EXPECT_EQ(Answer(draft.Signed()), "InvalidToken");
    Draft query;
    query.target += "&X-Amz-Security-Token=token";
    EXPECT_EQ(Answer(query.Presigned()), "InvalidToken");
    EXPECT_EQ(Answer(query.PresignedV2(kNow + hours(1))), "InvalidToken");
}

TEST(Authenticate, Case15To17RefusesAnotherMethodKeyOrQuery) {
    for (const http::Request& request : {Draft().Signed(), Draft().Presigned(), Draft().SignedV2(),
                                         Draft().PresignedV2(kNow + hours(1))}) {
        for (const char* method : {"PUT", "HEAD", "get"}) {
            http::Request other = request;
            other.method = method;
            EXPECT_EQ(Answer(other), "SignatureDoesNotMatch") << method;
        }
        for (const auto& [from, to] : std::vector<std::pair<std::string_view, std::string_view>>{
                 {"/key", "/kez"},
                 {"/bucket", "/bucke"},
                 {"Number=1", "Number=2"},
                 {"Number=1", "Number=1&versionId=2"},
                 {"Number=1", "Number=1&partNumber=2"},
                 {"Number=1", "Number=1&acl"}}) {
            http::Request other = request;
            ReplaceInTarget(other, from, to);
            EXPECT_EQ(Answer(other), "SignatureDoesNotMatch") << to;
        }
    }
    for (http::Request request : {Draft().Signed(), Draft().Presigned()}) {
        request.target += "&x=y";
        EXPECT_EQ(Answer(request), "SignatureDoesNotMatch");
    }
    for (const char* parameter : {"&X-Amz-Date=20260301T123456Z", "&X-Amz-Expires=604800",
                                  "&x-amz-expires=604800", "&X-Amz-Signature=00"}) {
        http::Request request = Draft().Presigned();
        request.target += parameter;
        EXPECT_EQ(Answer(request), "AuthorizationQueryParametersError") << parameter;
    }
    http::Request twice = Draft().PresignedV2(kNow + hours(1));
    twice.target += "&Expires=99999999999";
    EXPECT_EQ(Answer(twice), "AccessDenied");
}

TEST(Authenticate, NeedsADate) {
    http::Request request = Draft().Signed();
    request.headers.Remove("x-amz-date");
    EXPECT_EQ(Answer(request), "AccessDenied");
    EXPECT_EQ(MessageOf(request), "AWS authentication requires a valid Date or x-amz-date header");
    request.headers.Set("Date", "yesterday");
    EXPECT_EQ(Answer(request), "AccessDenied");
    http::Request v2 = Draft().SignedV2();
    v2.headers.Remove("date");
    EXPECT_EQ(Answer(v2), "AccessDenied");
}

TEST(Authenticate, TakesTheDateHeaderWhereThereIsNoOther) {
    Draft draft;
    draft.headers.Add("Date", codec::FormatHttpDate(kNow));
    draft.signed_headers = {"date", "host", "x-amz-content-sha256"};
    http::Request request{draft.method, draft.target, draft.headers, {}, nullptr};
    request.headers.Add("X-Amz-Content-SHA256", draft.payload);
    request.headers.Add("Authorization", "AWS4-HMAC-SHA256 Credential=" + draft.access_key + "/" +
                                             draft.Credential().Scope() +
                                             ",SignedHeaders=" + draft.SignedHeaders() +
                                             ",Signature=" + draft.SignatureFor(request));
    EXPECT_EQ(Answer(request), "ok") << MessageOf(request);
}

TEST(Authenticate, SignsTheBucketOfAVirtualHostWithSigV2) {
    Draft draft;
    draft.target = "/key";
    const http::Request request = draft.SignedV2("bucket");
    EXPECT_TRUE(Ask(request, {}, "bucket"));
    EXPECT_EQ(Ask(request, {}, "").error().code(), "SignatureDoesNotMatch");
    EXPECT_EQ(Ask(request, {}, "other").error().code(), "SignatureDoesNotMatch");
}

// Case 36: what means the same key is signed the same.
TEST(Authenticate, Case36VerifiesAlikeWhatIsEncodedDifferently) {
    Draft draft;
    draft.target = "/bucket/a%2Fb%20c+d?prefix=x%20y";
    for (const char* target : {"/bucket/a%2fb%20c+d?prefix=x%20y", "/bucket/a/b%20c%2Bd?prefix=x+y",
                               "/bucke%74/a/b%20c+d?prefix=x%20%79"}) {
        http::Request request = draft.Signed();
        request.target = target;
        EXPECT_EQ(Answer(request), "ok") << target;
    }
    http::Request twice = draft.Signed();
    twice.target = "/bucket/a%252Fb%20c+d?prefix=x%20y";
    EXPECT_EQ(Answer(twice), "SignatureDoesNotMatch");
    for (const char* target : {"/bucket/%zz", "/bucket/k?prefix=%"}) {
        http::Request broken = draft.Signed();
        broken.target = target;
        EXPECT_EQ(Answer(broken), "InvalidURI") << target;
    }
}

}  // namespace
}  // namespace coffer::service
