#include "coffer/codec/madmin.h"

#include <argon2.h>
#include <openssl/evp.h>

#include <algorithm>
#include <optional>

#include "coffer/base/check.h"
#include "coffer/base/random.h"
#include "coffer/codec/aead.h"

namespace coffer::codec {
namespace {

constexpr size_t kSaltBytes = 32;
constexpr size_t kNonceBytes = 8;
constexpr size_t kHeadBytes = kSaltBytes + 1 + kNonceBytes;
constexpr size_t kFragmentBytes = 16_KiB;
constexpr char kLastFragment = '\x80';

enum class Method : char { kArgon2Aes = 0, kArgon2ChaCha = 1, kPbkdf2Aes = 2 };

Error Unreadable() {
    return {ErrorKind::kInvalid,
            "the payload was not encrypted with the secret key that signed the request"};
}

AeadKey ByArgon2(const Secret& password, std::string_view salt) {
    constexpr uint32_t kPasses = 1;
    constexpr uint32_t kMemoryKib = 64 * 1024;
    constexpr uint32_t kLanes = 4;
    AeadKey key;
    COFFER_CHECK(argon2id_hash_raw(kPasses, kMemoryKib, kLanes, password.Reveal().data(),
                                   password.Reveal().size(), salt.data(), salt.size(), key.data(),
                                   key.size()) == ARGON2_OK);
    return key;
}

AeadKey ByPbkdf2(const Secret& password, std::string_view salt) {
    constexpr int kRounds = 8192;
    AeadKey key;
    COFFER_CHECK(PKCS5_PBKDF2_HMAC(password.Reveal().data(),
                                   static_cast<int>(password.Reveal().size()),
                                   reinterpret_cast<const unsigned char*>(salt.data()),
                                   static_cast<int>(salt.size()), kRounds, EVP_sha256(),
                                   static_cast<int>(key.size()),
                                   reinterpret_cast<unsigned char*>(key.data())) == 1);
    return key;
}

// The fragments' side of it, for one key.
class Fragments {
  public:
    Fragments(AeadCipher cipher, const AeadKey& key, std::string_view nonce)
        : cipher_(cipher), key_(key) {
        std::ranges::copy(AsBytes(nonce), nonce_.begin());
        context_ = '\0' + AeadClose(cipher_, key_, NonceOf(0), "", "");
    }

    std::string Close(uint32_t number, bool last, std::string_view text) {
        return AeadClose(cipher_, key_, NonceOf(number), ContextOf(last), text);
    }
    std::optional<std::string> Open(uint32_t number, bool last, std::string_view closed) {
        return AeadOpen(cipher_, key_, NonceOf(number), ContextOf(last), closed);
    }

  private:
    const AeadNonce& NonceOf(uint32_t number) {
        for (size_t i = 0; i < sizeof number; ++i)
            nonce_[kNonceBytes + i] = static_cast<std::byte>(number >> (8 * i));
        return nonce_;
    }
    const std::string& ContextOf(bool last) {
        context_.front() = last ? kLastFragment : '\0';
        return context_;
    }

    const AeadCipher cipher_;
    const AeadKey key_;
    AeadNonce nonce_{};
    std::string context_;
};

}  // namespace

Result<Secret> MadminDecrypt(const Secret& password, std::string_view data) {
    if (data.size() < kHeadBytes + kAeadTagBytes) return Unreadable();
    const std::string_view salt = data.substr(0, kSaltBytes);
    const auto method = static_cast<Method>(data[kSaltBytes]);
    if (method > Method::kPbkdf2Aes || method < Method::kArgon2Aes) return Unreadable();
    Fragments fragments(
        method == Method::kArgon2ChaCha ? AeadCipher::kChaCha20Poly1305 : AeadCipher::kAes256Gcm,
        method == Method::kPbkdf2Aes ? ByPbkdf2(password, salt) : ByArgon2(password, salt),
        data.substr(kSaltBytes + 1, kNonceBytes));
    std::string_view rest = data.substr(kHeadBytes);
    std::string text;
    for (uint32_t number = 1; !rest.empty(); ++number) {
        const std::string_view closed = rest.substr(0, kFragmentBytes + kAeadTagBytes);
        rest.remove_prefix(closed.size());
        const auto fragment = fragments.Open(number, rest.empty(), closed);
        if (!fragment) return Unreadable();
        text += *fragment;
    }
    return Secret(std::move(text));
}

std::string MadminEncrypt(const Secret& password, std::string_view text) {
    std::string data(kHeadBytes, '\0');
    FillRandom(std::as_writable_bytes(std::span(data.data(), data.size())));
    data[kSaltBytes] = static_cast<char>(Method::kPbkdf2Aes);
    const std::string_view head = data;
    Fragments fragments(AeadCipher::kAes256Gcm, ByPbkdf2(password, head.substr(0, kSaltBytes)),
                        head.substr(kSaltBytes + 1));
    uint32_t number = 1;
    for (; text.size() > kFragmentBytes; ++number) {
        data += fragments.Close(number, false, text.substr(0, kFragmentBytes));
        text.remove_prefix(kFragmentBytes);
    }
    return data + fragments.Close(number, true, text);
}

}  // namespace coffer::codec
