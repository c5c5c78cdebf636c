#include "coffer/codec/sigv4.h"

#include <gtest/gtest.h>

#include "coffer/codec/date.h"
#include "coffer/codec/sigv4_query.h"

namespace coffer::codec {
namespace {

constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
constexpr std::string_view kNoBody =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const SigV4Credential kCredential{"AKIAIOSFODNN7EXAMPLE", "20130524", "us-east-1"};

std::string SignatureOf(std::string_view method, std::string_view target,
                        const std::vector<HeaderField>& headers,
                        const std::vector<std::string>& signed_headers, std::string_view payload) {
    const Target parts = SplitTarget(target);
    const auto query = Query::Parse(parts.query.value_or("")).value();
    const auto canonical =
        SigV4CanonicalRequest(method, parts.path, query, headers, signed_headers, payload).value();
    return SigV4Sign(SigV4SigningKey(kSecret, kCredential),
                     SigV4StringToSign("20130524T000000Z", kCredential, canonical));
}

std::string CanonicalOf(std::string_view target, const std::vector<HeaderField>& headers = {},
                        const std::vector<std::string>& signed_headers = {}) {
    const Target parts = SplitTarget(target);
    const auto query = Query::Parse(parts.query.value_or("")).value();
    return SigV4CanonicalRequest("GET", parts.path, query, headers, signed_headers, "P").value();
}

// Amazon S3 API Reference, "Signature Calculations for the Authorization Header: Transferring
// Payload in a Single Chunk", the four examples.
TEST(SigV4, SignsTheExamplesThatAwsPublishes) {
    const HeaderField host{"Host", "examplebucket.s3.amazonaws.com"};
    const HeaderField date{"x-amz-date", "20130524T000000Z"};
    const HeaderField no_body{"x-amz-content-sha256", kNoBody};
    EXPECT_EQ(SignatureOf("GET", "/test.txt", {host, {"Range", "bytes=0-9"}, no_body, date},
                          {"host", "range", "x-amz-content-sha256", "x-amz-date"}, kNoBody),
              "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    constexpr std::string_view kBody =
        "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
    EXPECT_EQ(
        SignatureOf("PUT", "/test%24file.text",
                    {host,
                     {"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                     {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
                     {"x-amz-content-sha256", kBody},
                     date},
                    {"date", "host", "x-amz-content-sha256", "x-amz-date", "x-amz-storage-class"},
                    kBody),
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    const std::vector<std::string> usual{"host", "x-amz-content-sha256", "x-amz-date"};
    EXPECT_EQ(SignatureOf("GET", "/?lifecycle", {host, no_body, date}, usual, kNoBody),
              "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    EXPECT_EQ(SignatureOf("GET", "/?max-keys=2&prefix=J", {host, no_body, date}, usual, kNoBody),
              "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

// The seed signatures of "… Transferring Payload in Multiple Chunks" and its form with trailing
// headers.
TEST(SigV4, SignsTheSeedsOfTheChunkedExamplesThatAwsPublishes) {
    std::vector<HeaderField> headers{{"Host", "s3.amazonaws.com"},
                                     {"x-amz-date", "20130524T000000Z"},
                                     {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
                                     {"x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"},
                                     {"Content-Encoding", "aws-chunked"},
                                     {"x-amz-decoded-content-length", "66560"},
                                     {"Content-Length", "66824"}};
    EXPECT_EQ(SignatureOf("PUT", "/examplebucket/chunkObject.txt", headers,
                          {"content-encoding", "content-length", "host", "x-amz-content-sha256",
                           "x-amz-date", "x-amz-decoded-content-length", "x-amz-storage-class"},
                          "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
              "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
    headers[3].value = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
    headers.push_back({"x-amz-trailer", "x-amz-checksum-crc32c"});
    EXPECT_EQ(SignatureOf("PUT", "/examplebucket/chunkObject.txt", headers,
                          {"content-encoding", "host", "x-amz-content-sha256", "x-amz-date",
                           "x-amz-decoded-content-length", "x-amz-storage-class", "x-amz-trailer"},
                          "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
              "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");
}

// "Authenticating Requests: Using Query Parameters", the example.
TEST(SigV4, SignsThePresignedExampleThatAwsPublishes) {
    const std::string_view target =
        "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%"
        "2F20130524"
        "%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400"
        "&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    const auto query = Query::Parse(*SplitTarget(target).query).value();
    const auto presigned = ParseSigV4Query(query).value();
    EXPECT_EQ(presigned.signature.credential.access_key, "AKIAIOSFODNN7EXAMPLE");
    EXPECT_EQ(presigned.signature.credential.Scope(), "20130524/us-east-1/s3/aws4_request");
    EXPECT_EQ(presigned.expires, std::chrono::seconds(86400));
    EXPECT_EQ(FormatBasicDate(presigned.date), "20130524T000000Z");
    EXPECT_EQ(SignatureOf("GET", target, {{"Host", "examplebucket.s3.amazonaws.com"}},
                          presigned.signature.signed_headers, "UNSIGNED-PAYLOAD"),
              presigned.signature.signature);
}

TEST(SigV4CanonicalRequest, EncodesAPathOnceAndDoesNotNormaliseIt) {
    const auto path = [](std::string_view target) {
        const std::string canonical = CanonicalOf(target);
        return canonical.substr(4, canonical.find('\n', 4) - 4);
    };
    EXPECT_EQ(path("/b/a%2fb"), "/b/a/b");
    EXPECT_EQ(path("/b/a%2Fb"), "/b/a/b");
    EXPECT_EQ(path("/b/a+b"), "/b/a%2Bb");
    EXPECT_EQ(path("/b/a%2bb"), "/b/a%2Bb");
    EXPECT_EQ(path("/b/a b"), "/b/a%20b");
    EXPECT_EQ(path("/b//../%2e%2e/./"), "/b//../.././");
    EXPECT_EQ(path("/b/%252e"), "/b/%252e");
    EXPECT_EQ(path("/b/caf\xc3\xa9(1)~"), "/b/caf%C3%A9%281%29~");
    EXPECT_EQ(path("?a"), "/");
    EXPECT_EQ(SigV4CanonicalRequest("GET", "/b/%zz", Query(), {}, {}, "P").error().code(),
              "InvalidURI");
}

TEST(SigV4CanonicalRequest, SortsTheQueryAfterEncodingAndLeavesTheSignatureOut) {
    const auto query = [](std::string_view text) {
        const std::string canonical = CanonicalOf("/?" + std::string(text));
        return canonical.substr(6, canonical.find('\n', 6) - 6);
    };
    EXPECT_EQ(query("b=2&a=1&uploads"), "a=1&b=2&uploads=");
    EXPECT_EQ(query("a=2&a=1&a"), "a=&a=1&a=2");
    EXPECT_EQ(query("a=x+y%20z%2B"), "a=x%20y%20z%2B");
    EXPECT_EQ(query("A=1&a=1&a-b=1&a%7Eb=1"), "A=1&a=1&a-b=1&a~b=1");
    EXPECT_EQ(query("prefix=a/b&delimiter=%2f"), "delimiter=%2F&prefix=a%2Fb");
    EXPECT_EQ(query("X-Amz-Signature=0&a=1"), "a=1");
}

TEST(SigV4CanonicalRequest, JoinsRepeatedHeadersAndCollapsesSpaces) {
    const std::string canonical = CanonicalOf("/",
                                              {{"X-Amz-Meta-A", "  one   two\t\tthree "},
                                               {"Host", "h"},
                                               {"x-amz-meta-a", "four"},
                                               {"Unsigned", "u"}},
                                              {"x-amz-meta-a", "host", "x-amz-meta-none"});
    EXPECT_EQ(canonical,
              "GET\n/\n\nhost:h\nx-amz-meta-a:one two three,four\nx-amz-meta-none:\n\n"
              "host;x-amz-meta-a;x-amz-meta-none\nP");
}

TEST(SigV4CanonicalQuery, HasTheOrderOfAwsAndThatOfGo) {
    const Query query = Query::Parse("events=b&z=1&events=a&X-Amz-Signature=0&a+b=/").value();
    EXPECT_EQ(SigV4CanonicalQuery(query, QueryOrder::kByNameAndValue),
              "a%20b=%2F&events=a&events=b&z=1");
    EXPECT_EQ(SigV4CanonicalQuery(query, QueryOrder::kByName), "a%20b=%2F&events=b&events=a&z=1");
    EXPECT_TRUE(HasRepeatedName(query));
    EXPECT_FALSE(HasRepeatedName(Query::Parse("a=1&b=1&A=1").value()));
}

TEST(SigV4, ReadsAnAuthorizationHeaderHoweverItIsSpaced) {
    for (const std::string_view header :
         {"AWS4-HMAC-SHA256 Credential=a/b/20130524/us-east-1/s3/aws4_request, "
          "SignedHeaders=host;x-amz-date, Signature=00ff",
          "AWS4-HMAC-SHA256 Credential=a/b/20130524/us-east-1/s3/aws4_request,"
          "SignedHeaders=host;x-amz-date,Signature=00ff",
          "AWS4-HMAC-SHA256  Signature=00ff , SignedHeaders=host;x-amz-date,"
          "\tCredential=a/b/20130524/us-east-1/s3/aws4_request"}) {
        const auto parsed = ParseSigV4Authorization(header);
        ASSERT_TRUE(parsed) << parsed.error().ToString();
        EXPECT_EQ(parsed.value().credential.access_key, "a/b");
        EXPECT_EQ(parsed.value().credential.date, "20130524");
        EXPECT_EQ(parsed.value().credential.region, "us-east-1");
        EXPECT_EQ(parsed.value().signed_headers, (std::vector<std::string>{"host", "x-amz-date"}));
        EXPECT_EQ(parsed.value().signature, "00ff");
    }
}

TEST(SigV4, RefusesAMalformedAuthorizationHeader) {
    const std::string credential = "Credential=k/20130524/us-east-1/s3/aws4_request";
    const std::string rest = "SignedHeaders=host, Signature=00";
    for (const std::string& components : {
             std::string(),
             credential,
             credential + ", SignedHeaders=host",
             credential + ", " + rest + ", Signature=00",
             credential + ", " + rest + ", Other=00",
             credential + ", " + rest + ",",
             credential + ", " + rest + ", AWS4-HMAC-SHA256 " + credential + ", " + rest,
             "Credential=k/20130524/us-east-1/s3, " + rest,
             "Credential=/20130524/us-east-1/s3/aws4_request, " + rest,
             "Credential=k/2013-05-24/us-east-1/s3/aws4_request, " + rest,
             "Credential=k/20130532/us-east-1/s3/aws4_request, " + rest,
             "Credential=k/20130524/us-east-1/sts/aws4_request, " + rest,
             "Credential=k/20130524/us-east-1/s3/aws4_requests, " + rest,
             "Credential, " + rest,
             credential + ", SignedHeaders=host;a;a, Signature=00",
             credential + ", SignedHeaders=host;A;a, Signature=00",
         }) {
        const auto parsed = ParseSigV4Authorization("AWS4-HMAC-SHA256 " + components);
        ASSERT_FALSE(parsed) << components;
        EXPECT_EQ(parsed.error().code(), "AuthorizationHeaderMalformed");
    }
    EXPECT_FALSE(ParseSigV4Authorization("AWS4-HMAC-SHA256" + credential + ", " + rest));
}

TEST(SigV4, NamesWhatIsWrongWithACredential) {
    const auto message = [](const std::string& scope) {
        return ParseSigV4Authorization("AWS4-HMAC-SHA256 Credential=k/" + scope +
                                       ",SignedHeaders=host,Signature=0")
            .error()
            .message();
    };
    EXPECT_EQ(message("20130524/us-east-1/ec2/aws4_request"),
              "The authorization header is malformed; incorrect service \"ec2\". This endpoint "
              "belongs to \"s3\".");
    EXPECT_EQ(message("20130524/us-east-1/s3/aws4"),
              "The authorization header is malformed; incorrect terminal \"aws4\". This endpoint "
              "uses \"aws4_request\".");
}

std::string PresignedWith(std::string_view name, std::string_view value) {
    std::string query;
    for (const auto& [n, v] : std::vector<std::pair<std::string_view, std::string_view>>{
             {"X-Amz-Algorithm", "AWS4-HMAC-SHA256"},
             {"X-Amz-Credential", "k/20130524/us-east-1/s3/aws4_request"},
             {"X-Amz-Date", "20130524T000000Z"},
             {"X-Amz-Expires", "60"},
             {"X-Amz-SignedHeaders", "host"},
             {"X-Amz-Signature", "00"}}) {
        if (n == name && value.empty()) continue;
        query.append(n).append("=").append(n == name ? value : v).append("&");
    }
    return query;
}

TEST(SigV4, RefusesAMalformedPresignedQuery) {
    ASSERT_TRUE(ParseSigV4Query(Query::Parse(PresignedWith("", "")).value()));
    const auto message = [](const std::string& text) {
        const auto parsed = ParseSigV4Query(Query::Parse(text).value());
        if (parsed) return std::string("accepted");
        EXPECT_EQ(parsed.error().code(), "AuthorizationQueryParametersError");
        return parsed.error().message();
    };
    const std::string week =
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires "
        "must be less than 604800 seconds";
    EXPECT_EQ(message(PresignedWith("X-Amz-Expires", "604800")), "accepted");
    EXPECT_EQ(message(PresignedWith("X-Amz-Expires", "604801")), week);
    EXPECT_EQ(message(PresignedWith("X-Amz-Expires", "9223372036854775808")), week);
    EXPECT_EQ(message(PresignedWith("X-Amz-Expires", "99999999999999999999999")), week);
    EXPECT_EQ(message(PresignedWith("X-Amz-Expires", "0")),
              "X-Amz-Expires must be at least one second");
    EXPECT_EQ(message(PresignedWith("X-Amz-Expires", "-1")), "X-Amz-Expires must be non-negative");
    for (const std::string_view text : {"x", "-", "1.5", "60s", "0x10", "%2B60", "+60"}) {
        EXPECT_EQ(message(PresignedWith("X-Amz-Expires", text)), "X-Amz-Expires should be a number")
            << text;
    }
    EXPECT_EQ(message(PresignedWith("X-Amz-Algorithm", "AWS4-ECDSA-P256-SHA256")),
              "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
    EXPECT_EQ(message(PresignedWith("X-Amz-SignedHeaders", "host%3Ba%3BA")),
              "X-Amz-SignedHeaders names a header twice");
    EXPECT_NE(message(PresignedWith("X-Amz-Date", "20130524")), "accepted");
    EXPECT_NE(message(PresignedWith("X-Amz-Date", "20130525T000000Z")), "accepted");
    EXPECT_NE(message(PresignedWith("X-Amz-Credential", "k/20130524/us-east-1/s3")), "accepted");
    for (const std::string_view name :
         {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
          "X-Amz-SignedHeaders", "X-Amz-Signature"}) {
        EXPECT_NE(message(PresignedWith(name, "")), "accepted") << name;
        const std::string all = PresignedWith("", "");
        EXPECT_NE(message(all + std::string(name) + "=x"), "accepted") << name;
        std::string lower(name);
        lower[0] = 'x';
        EXPECT_NE(message(lower + "=x&" + all), "accepted") << name;
    }
}

TEST(SigningKeyCache, FollowsSecretAndScope) {
    SigningKeyCache cache;
    SigV4Credential other = kCredential;
    other.date = "20130525";
    for (int round = 0; round < 2; ++round) {
        EXPECT_EQ(cache.Get(Secret(std::string(kSecret)), kCredential),
                  SigV4SigningKey(kSecret, kCredential));
        EXPECT_EQ(cache.Get(Secret("other"), kCredential), SigV4SigningKey("other", kCredential));
        EXPECT_EQ(cache.Get(Secret("other"), other), SigV4SigningKey("other", other));
    }
}

}  // namespace
}  // namespace coffer::codec
