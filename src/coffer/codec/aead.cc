#include "coffer/codec/aead.h"

#include <openssl/evp.h>

#include <memory>

#include "coffer/base/check.h"

namespace coffer::codec {
namespace {

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

// Fetching an algorithm takes longer than encrypting a secret: once per process.
const EVP_CIPHER* Fetch(const char* name) {
    const EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, name, nullptr);
    COFFER_CHECK(cipher != nullptr);
    return cipher;
}

const EVP_CIPHER* Algorithm(AeadCipher cipher) {
    static const EVP_CIPHER* const aes = Fetch("AES-256-GCM");
    static const EVP_CIPHER* const chacha = Fetch("ChaCha20-Poly1305");
    return cipher == AeadCipher::kAes256Gcm ? aes : chacha;
}

const unsigned char* Raw(const std::byte* bytes) {
    return reinterpret_cast<const unsigned char*>(bytes);
}
const unsigned char* Raw(const char* bytes) {
    return reinterpret_cast<const unsigned char*>(bytes);
}
unsigned char* Raw(char* bytes) {
    return reinterpret_cast<unsigned char*>(bytes);
}

// Ready for the text, the context taken in.
Context Begin(AeadCipher cipher, const AeadKey& key, const AeadNonce& nonce,
              std::string_view context, int encrypt) {
    Context running(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    COFFER_CHECK(running != nullptr);
    // Both ciphers' nonces have 12 bytes where nothing else is said.
    COFFER_CHECK(EVP_CipherInit_ex2(running.get(), Algorithm(cipher), Raw(key.data()),
                                    Raw(nonce.data()), encrypt, nullptr) == 1);
    int taken = 0;
    if (!context.empty())
        COFFER_CHECK(EVP_CipherUpdate(running.get(), nullptr, &taken, Raw(context.data()),
                                      static_cast<int>(context.size())) == 1);
    return running;
}

}  // namespace

std::string AeadClose(AeadCipher cipher, const AeadKey& key, const AeadNonce& nonce,
                      std::string_view context, std::string_view plain) {
    const Context running = Begin(cipher, key, nonce, context, 1);
    std::string closed(plain.size() + kAeadTagBytes, '\0');
    int written = 0;
    if (!plain.empty())
        COFFER_CHECK(EVP_CipherUpdate(running.get(), Raw(closed.data()), &written,
                                      Raw(plain.data()), static_cast<int>(plain.size())) == 1);
    int last = 0;
    COFFER_CHECK(EVP_CipherFinal_ex(running.get(), Raw(closed.data()) + written, &last) == 1);
    COFFER_CHECK(static_cast<size_t>(written + last) == plain.size());
    COFFER_CHECK(EVP_CIPHER_CTX_ctrl(running.get(), EVP_CTRL_AEAD_GET_TAG, kAeadTagBytes,
                                     closed.data() + plain.size()) == 1);
    return closed;
}

std::optional<std::string> AeadOpen(AeadCipher cipher, const AeadKey& key, const AeadNonce& nonce,
                                    std::string_view context, std::string_view closed) {
    if (closed.size() < kAeadTagBytes) return std::nullopt;
    const Context running = Begin(cipher, key, nonce, context, 0);
    const std::string_view text = closed.substr(0, closed.size() - kAeadTagBytes);
    std::string tag(closed.substr(text.size()));
    COFFER_CHECK(
        EVP_CIPHER_CTX_ctrl(running.get(), EVP_CTRL_AEAD_SET_TAG, kAeadTagBytes, tag.data()) == 1);
    std::string plain(text.size(), '\0');
    int written = 0;
    if (!text.empty())
        COFFER_CHECK(EVP_CipherUpdate(running.get(), Raw(plain.data()), &written, Raw(text.data()),
                                      static_cast<int>(text.size())) == 1);
    int last = 0;
    // What was decrypted before the tag was checked never leaves here.
    if (EVP_CipherFinal_ex(running.get(), Raw(plain.data()) + written, &last) != 1)
        return std::nullopt;
    return plain;
}

}  // namespace coffer::codec
