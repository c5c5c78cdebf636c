// Authenticated encryption: what is opened is what was closed, with that key, nonce and context.
// Pure functions; any thread may call them.
//
// Source: NIST SP 800-38D (AES-256-GCM), RFC 8439, 2.8 (ChaCha20-Poly1305).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "coffer/base/bytes.h"

namespace coffer::codec {

enum class AeadCipher : uint8_t { kAes256Gcm, kChaCha20Poly1305 };

inline constexpr size_t kAeadTagBytes = 16;

using AeadKey = std::array<std::byte, 32>;

// One key never sees a nonce twice: whoever calls this answers for that.
using AeadNonce = std::array<std::byte, 12>;

// The ciphertext, as long as `plain`, and the tag behind it. `context` is authenticated, not kept.
std::string AeadClose(AeadCipher cipher, const AeadKey& key, const AeadNonce& nonce,
                      std::string_view context, std::string_view plain);

// Nothing unless `closed` was made by AeadClose of the same four.
std::optional<std::string> AeadOpen(AeadCipher cipher, const AeadKey& key, const AeadNonce& nonce,
                                    std::string_view context, std::string_view closed);

}  // namespace coffer::codec
