// Links: requests that are signed in their query, for a time.
#include <gtest/gtest.h>

#include "coffer/service/authenticate_fixture.h"

namespace coffer::service {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

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

TEST(Authenticate, Case18RefusesALinkWhoseSignerIsGone) {
    const http::Request request = Draft().Presigned();
    ASSERT_TRUE(Ask(request));
    const auto others = CredentialOf("NEWACCESSKEY", "new/secret/key");
    EXPECT_EQ(Ask(request, {}, "", others).error().code(), "InvalidAccessKeyId");
    const auto rotated = CredentialOf(kAccessKey, "new/secret/key");
    EXPECT_EQ(Ask(request, {}, "", rotated).error().code(), "SignatureDoesNotMatch");
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

}  // namespace
}  // namespace coffer::service
