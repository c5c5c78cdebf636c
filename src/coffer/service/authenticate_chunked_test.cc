// Requests whose body is in aws-chunked coding.
#include <gtest/gtest.h>

#include "coffer/service/authenticate_fixture.h"

namespace coffer::service {
namespace {

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

}  // namespace
}  // namespace coffer::service
