#include "bench/loader/signer.h"

#include <gtest/gtest.h>

namespace coffer::bench {
namespace {

RequestSigner Signer(SignaturePlace place) {
    return {"127.0.0.1:9000", "access", "secret", "us-east-1", place};
}

TEST(RequestSigner, EndsTheHeadAndSaysHowLongTheBodyIs) {
    const std::string head =
        Signer(SignaturePlace::kHeader).Head("PUT", "/b/k", "", kUnsignedPayload, 7);
    EXPECT_TRUE(head.starts_with("PUT /b/k HTTP/1.1\r\nHost: 127.0.0.1:9000\r\n"));
    EXPECT_TRUE(head.ends_with("\r\nContent-Length: 7\r\n\r\n"));
    EXPECT_NE(head.find("Authorization: AWS4-HMAC-SHA256 Credential=access/"), std::string::npos);
}

TEST(RequestSigner, PutsTheSignatureOfALinkBehindItsQuery) {
    const std::string head =
        Signer(SignaturePlace::kQuery).Head("GET", "/b/k", "list-type=2", kEmptySha256, 0);
    EXPECT_TRUE(head.starts_with("GET /b/k?list-type=2&X-Amz-Algorithm="));
    EXPECT_NE(head.find("&X-Amz-Signature="), std::string::npos);
    EXPECT_EQ(head.find("Authorization"), std::string::npos);
    EXPECT_EQ(head.find("Content-Length"), std::string::npos);
}

// The server reads the signature back; that it accepts it, the smoke run of the harness shows.
TEST(RequestSigner, SignsByHeaderWhatTheCodecReads) {
    const std::string head =
        Signer(SignaturePlace::kHeader).Head("GET", "/b/k", "", kEmptySha256, 0);
    const std::string_view name = "Authorization: ";
    const size_t at = head.find(name) + name.size();
    const auto parsed = codec::ParseSigV4Authorization(
        std::string_view(head).substr(at, head.find("\r\n", at) - at));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed.value().credential.access_key, "access");
    EXPECT_EQ(parsed.value().signed_headers.size(), 3u);
}

}  // namespace
}  // namespace coffer::bench
