#include "coffer/service/authenticate.h"

#include <gtest/gtest.h>

#include "coffer/codec/date.h"
#include "coffer/codec/sigv2.h"
#include "coffer/codec/sigv4.h"
#include "coffer/codec/uri.h"

namespace coffer::service {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kAccessKey = "EXAMPLEACCESSKEY";
constexpr std::string_view kSecretKey = "example/secret+key";
constexpr std::string_view kNoBody =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

const Timestamp kNow = codec::ParseBasicDate("20260301T123456Z").value();

Credentials::Found CredentialOf(std::string_view access_key, std::string_view secret_key) {
    Actor actor;
    actor.access_key = access_key;
    actor.key_kind = KeyKind::kOwn;
    actor.principal.kind = codec::policy::Principal::Kind::kRoot;
    return std::make_shared<const Credential>(Credential{
        .secret = Secret(std::string(secret_key)), .actor = std::make_shared<const Actor>(actor)});
}

// The right request, of which each test changes something.
struct Draft {
    std::string method = "GET";
    std::string target = "/bucket/key?partNumber=1";
    http::Headers headers;
    std::string access_key{kAccessKey};
    std::string secret_key{kSecretKey};
    std::string region = "us-east-1";
    Timestamp date = kNow;
    std::optional<Timestamp> scope_date;
    std::string payload{kNoBody};
    std::vector<std::string> signed_headers{"host", "x-amz-content-sha256", "x-amz-date"};

    Draft() { headers.Add("Host", "localhost:9000"); }

    codec::SigV4Credential Credential() const {
        return {access_key, codec::FormatBasicDate(scope_date.value_or(date)).substr(0, 8), region};
    }

    std::string SignatureFor(const http::Request& request) const {
        const auto target_parts = codec::SplitTarget(request.target);
        const auto query = codec::Query::Parse(target_parts.query.value_or("")).value();
        std::vector<codec::HeaderField> fields;
        for (const auto& header : request.headers)
            fields.push_back({header.name, header.value});
        const auto canonical = codec::SigV4CanonicalRequest(request.method, target_parts.path,
                                                            query, fields, signed_headers, payload)
                                   .value();
        return codec::SigV4Sign(
            codec::SigV4SigningKey(secret_key, Credential()),
            codec::SigV4StringToSign(codec::FormatBasicDate(date), Credential(), canonical));
    }

    std::string SignedHeaders() const {
        std::string names;
        for (const auto& name : signed_headers)
            names += (names.empty() ? "" : ";") + name;
        return names;
    }

    http::Request Signed() const {
        http::Request request{method, target, headers, {}, nullptr};
        request.headers.Add("X-Amz-Date", codec::FormatBasicDate(date));
        request.headers.Add("X-Amz-Content-SHA256", payload);
        request.headers.Add("Authorization", "AWS4-HMAC-SHA256 Credential=" + access_key + "/" +
                                                 Credential().Scope() +
                                                 ", SignedHeaders=" + SignedHeaders() +
                                                 ", Signature=" + SignatureFor(request));
        return request;
    }

    http::Request Presigned(std::string_view expires = "60") const {
        Draft usual = *this;
        usual.signed_headers = {"host"};
        usual.payload = "UNSIGNED-PAYLOAD";
        return usual.PresignedAsIs(expires);
    }

    http::Request PresignedAsIs(std::string_view expires) const {
        http::Request request{method, target, headers, {}, nullptr};
        request.target += target.find('?') == std::string::npos ? '?' : '&';
        request.target += "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" +
                          codec::PercentEncode(access_key + "/" + Credential().Scope()) +
                          "&X-Amz-Date=" + codec::FormatBasicDate(date) +
                          "&X-Amz-Expires=" + std::string(expires) +
                          "&X-Amz-SignedHeaders=" + codec::PercentEncode(SignedHeaders());
        request.target += "&X-Amz-Signature=" + SignatureFor(request);
        return request;
    }

    std::string SignatureV2For(const http::Request& request, std::string_view expires,
                               std::string_view virtual_bucket) const {
        const auto target_parts = codec::SplitTarget(request.target);
        const auto query = codec::Query::Parse(target_parts.query.value_or("")).value();
        std::vector<codec::HeaderField> fields;
        for (const auto& header : request.headers)
            fields.push_back({header.name, header.value});
        std::string path(target_parts.path);
        if (!virtual_bucket.empty()) path = "/" + std::string(virtual_bucket) + path;
        return codec::SigV2Sign(
            secret_key, codec::SigV2StringToSign(request.method, path, query, fields, expires));
    }

    http::Request SignedV2(std::string_view virtual_bucket = "") const {
        http::Request request{method, target, headers, {}, nullptr};
        request.headers.Add("Date", codec::FormatHttpDate(date));
        request.headers.Add("Authorization", "AWS " + access_key + ":" +
                                                 SignatureV2For(request, "", virtual_bucket));
        return request;
    }

    http::Request PresignedV2(Timestamp expires_at) const {
        const std::string expires = std::to_string(ToMicros(expires_at) / 1'000'000);
        http::Request request{method, target, headers, {}, nullptr};
        const std::string signature = codec::PercentEncode(SignatureV2For(request, expires, ""));
        request.target += target.find('?') == std::string::npos ? '?' : '&';
        request.target +=
            "AWSAccessKeyId=" + access_key + "&Expires=" + expires + "&Signature=" + signature;
        return request;
    }
};

Result<Identity> Ask(const http::Request& request, const AuthenticateOptions& options = {},
                     std::string_view virtual_bucket = "",
                     const Credentials::Found& known = CredentialOf(kAccessKey, kSecretKey)) {
    TRY(const auto query,
        codec::Query::Parse(codec::SplitTarget(request.target).query.value_or("")));
    TRY(const Claim claim, Claim::Read(request, query, virtual_bucket, options));
    if (!claim.token().empty()) return Error(ErrorKind::kInvalid, "InvalidToken", "");
    return claim.Prove(claim.access_key() == known->actor->access_key ? known : nullptr, kNow);
}

// "ok", or the code and the beginning of the message.
std::string Answer(const http::Request& request, const AuthenticateOptions& options = {}) {
    const auto identity = Ask(request, options);
    if (!identity) return std::string(identity.error().code());
    return identity.value().actor->anonymous() ? "anonymous" : "ok";
}

std::string MessageOf(const http::Request& request, const AuthenticateOptions& options = {}) {
    const auto identity = Ask(request, options);
    return identity ? "ok" : identity.error().message();
}

void ReplaceInAuthorization(http::Request& request, std::string_view from, std::string_view to) {
    std::string value(request.headers.GetOr("authorization", ""));
    const size_t at = value.find(from);
    ASSERT_NE(at, std::string::npos);
    value.replace(at, from.size(), to);
    request.headers.Set("Authorization", value);
}

void ReplaceInTarget(http::Request& request, std::string_view from, std::string_view to) {
    const size_t at = request.target.find(from);
    ASSERT_NE(at, std::string::npos);
    request.target.replace(at, from.size(), to);
}

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

TEST(Authenticate, Case13RefusesAWrongExpiry) {
    EXPECT_EQ(Answer(Draft().Presigned("604800")), "ok");
    for (const char* expires : {"0", "-1", "604801", "9223372036854775808", "ten", "1e3"}) {
        EXPECT_EQ(Answer(Draft().Presigned(expires)), "AuthorizationQueryParametersError")
            << expires;
    }
}

TEST(Authenticate, Case14RefusesALinkThatHasExpired) {
    Draft draft;
    draft.date = kNow - seconds(60);
    EXPECT_EQ(Answer(draft.Presigned("60")), "ok");
    EXPECT_EQ(Answer(draft.Presigned("59")), "AccessDenied");
    EXPECT_EQ(MessageOf(draft.Presigned("59")), "Request has expired");
    EXPECT_EQ(Answer(draft.PresignedV2(kNow)), "ok");
    EXPECT_EQ(MessageOf(draft.PresignedV2(kNow - seconds(1))), "Request has expired");
    draft.date = kNow + minutes(15);
    EXPECT_EQ(Answer(draft.Presigned()), "ok");
    draft.date = kNow + minutes(15) + seconds(1);
    EXPECT_EQ(MessageOf(draft.Presigned()), "Request is not valid yet");
    // Its own expiry can't be changed, nor its date.
    http::Request later = Draft().Presigned("60");
    ReplaceInTarget(later, "X-Amz-Expires=60", "X-Amz-Expires=61");
    EXPECT_EQ(Answer(later), "SignatureDoesNotMatch");
    http::Request later_v2 = draft.PresignedV2(kNow);
    const std::string expires = std::to_string(ToMicros(kNow) / 1'000'000);
    ReplaceInTarget(later_v2, expires, std::to_string(ToMicros(kNow) / 1'000'000 + 1));
    EXPECT_EQ(Answer(later_v2), "SignatureDoesNotMatch");
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

TEST(Authenticate, Case18RefusesALinkWhoseSignerIsGone) {
    const http::Request request = Draft().Presigned();
    ASSERT_TRUE(Ask(request));
    const auto others = CredentialOf("NEWACCESSKEY", "new/secret/key");
    EXPECT_EQ(Ask(request, {}, "", others).error().code(), "InvalidAccessKeyId");
    const auto rotated = CredentialOf(kAccessKey, "new/secret/key");
    EXPECT_EQ(Ask(request, {}, "", rotated).error().code(), "SignatureDoesNotMatch");
}

Draft ChunkedDraft(std::string payload) {
    Draft draft;
    draft.method = "PUT";
    draft.target = "/bucket/key";
    draft.payload = std::move(payload);
    draft.headers.Add("Content-Encoding", "gzip,aws-chunked");
    draft.headers.Add("X-Amz-Decoded-Content-Length", "5");
    draft.headers.Add("X-Amz-Trailer", "X-Amz-Checksum-CRC32");
    draft.signed_headers.push_back("x-amz-decoded-content-length");
    draft.signed_headers.push_back("x-amz-trailer");
    return draft;
}

TEST(Authenticate, Case20GivesChunksTheRequestsOwnSignatureAsSeed) {
    for (const bool trailer : {false, true}) {
        const Draft draft = ChunkedDraft("STREAMING-AWS4-HMAC-SHA256-PAYLOAD" +
                                         std::string(trailer ? "-TRAILER" : ""));
        const http::Request request = draft.Signed();
        const auto identity = Ask(request);
        ASSERT_TRUE(identity) << identity.error().ToString();
        EXPECT_EQ(identity.value().payload.kind, Payload::Kind::kChunked);
        const auto& options = identity.value().payload.chunked.value();
        EXPECT_TRUE(options.signed_chunks);
        EXPECT_EQ(options.trailer, trailer);
        EXPECT_EQ(options.trailer_names.size(), trailer ? 1u : 0u);
        EXPECT_EQ(options.timestamp, "20260301T123456Z");
        EXPECT_EQ(options.scope, "20260301/us-east-1/s3/aws4_request");
        EXPECT_EQ(options.signing_key, codec::SigV4SigningKey(kSecretKey, draft.Credential()));
        EXPECT_TRUE(request.headers.GetOr("authorization", "").ends_with(options.seed_signature));
    }
    Draft wrong = ChunkedDraft("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
    wrong.secret_key = "other";
    EXPECT_EQ(Answer(wrong.Signed()), "SignatureDoesNotMatch");
}

TEST(Authenticate, Case20RefusesSignedChunksWithoutASeed) {
    const std::string payload = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    Draft draft = ChunkedDraft(payload);
    draft.headers.Add("X-Amz-Content-SHA256", payload);
    EXPECT_EQ(Answer(draft.SignedV2()), "InvalidRequest");
    EXPECT_EQ(Answer({"PUT", "/bucket/key", draft.headers, {}, nullptr}), "InvalidRequest");
    draft.signed_headers = {"host", "x-amz-content-sha256", "x-amz-decoded-content-length",
                            "x-amz-trailer"};
    EXPECT_EQ(Answer(draft.PresignedAsIs("60")), "InvalidRequest");
}

TEST(Authenticate, Case22ChecksTheSignatureOfUnsignedTrailersToo) {
    const std::string payload = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    const http::Request request = ChunkedDraft(payload).Signed();
    const auto identity = Ask(request);
    ASSERT_TRUE(identity) << identity.error().ToString();
    const auto& options = identity.value().payload.chunked.value();
    EXPECT_FALSE(options.signed_chunks);
    EXPECT_TRUE(options.trailer);
    EXPECT_EQ(options.trailer_names, std::vector<std::string>{"x-amz-checksum-crc32"});

    Draft forged = ChunkedDraft(payload);
    forged.secret_key = "other";
    EXPECT_EQ(Answer(forged.Signed()), "SignatureDoesNotMatch");
    http::Request absent = request;
    absent.headers.Remove("authorization");
    EXPECT_EQ(Answer(absent), "anonymous");
    Draft by_query = ChunkedDraft(payload);
    by_query.headers.Add("X-Amz-Content-SHA256", payload);
    by_query.signed_headers = {"host", "x-amz-content-sha256", "x-amz-decoded-content-length",
                               "x-amz-trailer"};
    EXPECT_EQ(Answer(by_query.PresignedAsIs("60")), "ok");
    http::Request forged_query = by_query.PresignedAsIs("60");
    ReplaceInTarget(forged_query, "Signature=", "Signature=0");
    EXPECT_EQ(Answer(forged_query), "SignatureDoesNotMatch");
}

TEST(Authenticate, Case23NeedsTheDecodedLengthOfChunks) {
    for (const char* payload :
         {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}) {
        Draft draft = ChunkedDraft(payload);
        draft.headers.Remove("x-amz-decoded-content-length");
        EXPECT_EQ(Answer(draft.Signed()), "MissingContentLength");
    }
}

// botocore sends chunks with SigV2 as well, and says so in these headers alone.
TEST(Authenticate, KnowsChunksOfClientsThatDoNotSendADigestHeader) {
    Draft draft = ChunkedDraft("");
    const auto chunked = Ask(draft.SignedV2());
    ASSERT_TRUE(chunked) << chunked.error().ToString();
    EXPECT_EQ(chunked.value().payload.kind, Payload::Kind::kChunked);
    EXPECT_FALSE(chunked.value().payload.chunked->signed_chunks);
    draft.headers.Set("Content-Encoding", "gzip");
    EXPECT_EQ(Ask(draft.SignedV2()).value().payload.kind, Payload::Kind::kPlain);
}

TEST(Authenticate, TakesThePayloadOfAPresignedRequestAsUnsignedUnlessItIsSigned) {
    EXPECT_EQ(Ask(Draft().Presigned()).value().payload.kind, Payload::Kind::kPlain);
    Draft draft;
    draft.signed_headers = {"host"};
    draft.target += "&X-Amz-Content-Sha256=" + std::string(kNoBody);
    const auto identity = Ask(draft.PresignedAsIs("60"));
    ASSERT_TRUE(identity) << identity.error().ToString();
    EXPECT_EQ(identity.value().payload.sha256, codec::Sha256({}));
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
