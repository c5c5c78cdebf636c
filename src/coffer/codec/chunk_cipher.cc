#include "coffer/codec/chunk_cipher.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "coffer/base/check.h"

namespace coffer::codec {
namespace {

using Nonce = std::array<unsigned char, 12>;

// Fetching an algorithm takes longer than encrypting a small object: once per process.
const EVP_CIPHER* Aes256Gcm() {
    static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    COFFER_CHECK(cipher != nullptr);
    return cipher;
}

// The number in eight bytes, little-endian, and whether it is the last one.
Nonce NonceOf(uint64_t number, bool last) {
    Nonce nonce{};
    for (size_t i = 0; i < 8; ++i)
        nonce[i] = static_cast<unsigned char>(number >> (8 * i));
    nonce[8] = last ? 1 : 0;
    return nonce;
}

unsigned char* Raw(ByteSpan bytes) {
    return reinterpret_cast<unsigned char*>(bytes.data());
}

}  // namespace

uint64_t ChunkCount(uint64_t plain_bytes) {
    return std::max<uint64_t>(1, (plain_bytes + kPlainChunkBytes - 1) / kPlainChunkBytes);
}

uint64_t SealedSize(uint64_t plain_bytes) {
    return plain_bytes + ChunkCount(plain_bytes) * kAeadTagBytes;
}

uint64_t UnsealedSize(uint64_t sealed_bytes) {
    const uint64_t chunks = (sealed_bytes + kSealedChunkBytes - 1) / kSealedChunkBytes;
    const uint64_t tags = chunks * kAeadTagBytes;
    return sealed_bytes < tags ? 0 : sealed_bytes - tags;
}

struct ChunkCipher::State {
    explicit State(const AeadKey& given) : key(given), context(EVP_CIPHER_CTX_new()) {
        COFFER_CHECK(context != nullptr);
    }
    ~State() { EVP_CIPHER_CTX_free(context); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    // The key's schedule is computed with the first chunk of a direction, and kept.
    void Begin(bool encrypt, const Nonce& nonce) {
        const int direction = encrypt ? 1 : 0;
        const bool same = ready && encrypting == encrypt;
        COFFER_CHECK(
            EVP_CipherInit_ex(context, same ? nullptr : Aes256Gcm(), nullptr,
                              same ? nullptr : reinterpret_cast<const unsigned char*>(key.data()),
                              nonce.data(), direction) == 1);
        ready = true;
        encrypting = encrypt;
    }

    const AeadKey key;
    EVP_CIPHER_CTX* const context;
    bool ready = false;
    bool encrypting = false;
};

ChunkCipher::ChunkCipher(const AeadKey& key) : state_(std::make_unique<State>(key)) {}

ChunkCipher::~ChunkCipher() = default;

void ChunkCipher::Seal(uint64_t number, bool last, ByteSpan chunk) {
    COFFER_CHECK(chunk.size() >= kAeadTagBytes && chunk.size() <= kSealedChunkBytes);
    const ByteSpan plain = chunk.first(chunk.size() - kAeadTagBytes);
    EVP_CIPHER_CTX* const context = state_->context;
    state_->Begin(true, NonceOf(number, last));
    int written = 0;
    COFFER_CHECK(EVP_EncryptUpdate(context, Raw(plain), &written, Raw(plain),
                                   static_cast<int>(plain.size())) == 1);
    int rest = 0;
    COFFER_CHECK(EVP_EncryptFinal_ex(context, Raw(plain) + written, &rest) == 1);
    COFFER_CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kAeadTagBytes,
                                     Raw(chunk.last(kAeadTagBytes))) == 1);
}

bool ChunkCipher::Open(uint64_t number, bool last, ByteSpan chunk) {
    if (chunk.size() < kAeadTagBytes || chunk.size() > kSealedChunkBytes) return false;
    const ByteSpan sealed = chunk.first(chunk.size() - kAeadTagBytes);
    EVP_CIPHER_CTX* const context = state_->context;
    state_->Begin(false, NonceOf(number, last));
    COFFER_CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kAeadTagBytes,
                                     Raw(chunk.last(kAeadTagBytes))) == 1);
    int written = 0;
    COFFER_CHECK(EVP_DecryptUpdate(context, Raw(sealed), &written, Raw(sealed),
                                   static_cast<int>(sealed.size())) == 1);
    int rest = 0;
    return EVP_DecryptFinal_ex(context, Raw(sealed) + written, &rest) == 1;
}

}  // namespace coffer::codec
