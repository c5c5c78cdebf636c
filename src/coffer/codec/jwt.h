// JSON Web Tokens in compact form, signed with a shared secret (RFC 7515, 7518 3.2, 7519).
//
// HS256, HS384 and HS512, and nothing else: "none" is no algorithm here, and what a header says of
// keys (kid, jku, jwk, x5u) is not looked at, since the key is the verifier's to choose. Pure
// functions; any thread may call them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "coffer/base/clock.h"
#include "coffer/base/result.h"
#include "coffer/codec/json.h"

namespace coffer::codec {

inline constexpr size_t kMaxJwtBytes = 8192;

// A token as it came. Nothing that it says is known to be true before Verify.
class UnverifiedJwt {
  public:
    // kUnauthenticated: not three parts of base64url without padding, over kMaxJwtBytes, JSON that
    // is not strict, another algorithm, or a "crit" in its header.
    static Result<UnverifiedJwt> Parse(std::string_view text);

    // A claim that is a string, or empty: to find the key of whom the token says it is from.
    std::string_view Claim(std::string_view name) const;

    // The claims, where the signature is `key`'s and `now` is from "nbf" (where there is one) to
    // before "exp" (which there must be). kUnauthenticated.
    Result<JsonValue> Verify(std::string_view key, Timestamp now) const;

  private:
    enum class Algorithm : uint8_t { kHs256, kHs384, kHs512 };

    UnverifiedJwt() = default;

    Algorithm algorithm_{};
    std::string signed_text_;  // "<header>.<claims>" as sent
    std::string signature_;    // raw
    JsonValue claims_;
};

}  // namespace coffer::codec
