// A token that nobody signed with the key is refused, and one that is signed is taken only within
// its time.
#include "coffer/codec/base64.h"
#include "coffer/codec/digest.h"
#include "coffer/codec/jwt.h"

#include "fuzz/fuzz.h"

namespace coffer::fuzz {
namespace {

constexpr std::string_view kKey = "a key that is in no corpus";
const Timestamp kNow{std::chrono::seconds(1'772'368'496)};

}  // namespace

// The input is taken for a token, and for the claims of one.
void Fuzz(std::string_view input) {
    if (const auto token = codec::UnverifiedJwt::Parse(input)) {
        COFFER_CHECK(!token.value().Verify(kKey, kNow).has_value());
        COFFER_CHECK(!token.value().Verify("", kNow).has_value());
    }
    constexpr std::string_view kHeader = R"({"alg":"HS256"})";
    std::string text =
        codec::Base64UrlEncode(AsBytes(kHeader)) + "." + codec::Base64UrlEncode(AsBytes(input));
    text += "." + codec::Base64UrlEncode(codec::HmacSha256(AsBytes(kKey), AsBytes(text)));
    const auto token = codec::UnverifiedJwt::Parse(text);
    if (!token) return;
    const auto claims = token.value().Verify(kKey, kNow);
    if (!claims) return;
    const codec::JsonValue* const end = claims.value().Find("exp");
    COFFER_CHECK(end != nullptr);
    COFFER_CHECK(end->AsDouble().value() * 1e6 > static_cast<double>(ToMicros(kNow)));
    COFFER_CHECK(!token.value().Verify("another key", kNow).has_value());
}

}  // namespace coffer::fuzz
