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
const unsigned char* Raw(ByteView bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
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
    BeginSeal(number, last);
    Encrypt(chunk.first(chunk.size() - kAeadTagBytes));
    EndSeal(chunk.last(kAeadTagBytes));
}

void ChunkCipher::BeginSeal(uint64_t number, bool last) {
    state_->Begin(true, NonceOf(number, last));
}

void ChunkCipher::Encrypt(ByteSpan piece) {
    int written = 0;
    COFFER_CHECK(EVP_EncryptUpdate(state_->context, Raw(piece), &written, Raw(piece),
                                   static_cast<int>(piece.size())) == 1);
    COFFER_CHECK(static_cast<size_t>(written) == piece.size());
}

void ChunkCipher::EndSeal(ByteSpan tag) {
    COFFER_CHECK(tag.size() == kAeadTagBytes);
    int rest = 0;  // a mode without padding: nothing is left to write
    COFFER_CHECK(EVP_EncryptFinal_ex(state_->context, Raw(tag), &rest) == 1 && rest == 0);
    COFFER_CHECK(
        EVP_CIPHER_CTX_ctrl(state_->context, EVP_CTRL_AEAD_GET_TAG, kAeadTagBytes, Raw(tag)) == 1);
}

bool ChunkCipher::Open(uint64_t number, bool last, ByteView chunk, ByteSpan plain) {
    if (chunk.size() < kAeadTagBytes || chunk.size() > kSealedChunkBytes) return false;
    const ByteView sealed = chunk.first(chunk.size() - kAeadTagBytes);
    COFFER_CHECK(plain.size() == sealed.size());
    std::array<unsigned char, kAeadTagBytes> tag;  // what takes it wants to write to it
    std::ranges::copy(chunk.last(kAeadTagBytes), std::as_writable_bytes(std::span(tag)).begin());
    EVP_CIPHER_CTX* const context = state_->context;
    state_->Begin(false, NonceOf(number, last));
    COFFER_CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kAeadTagBytes, tag.data()) ==
                 1);
    int written = 0;
    COFFER_CHECK(EVP_DecryptUpdate(context, Raw(plain), &written, Raw(sealed),
                                   static_cast<int>(sealed.size())) == 1);
    int rest = 0;
    return EVP_DecryptFinal_ex(context, Raw(plain) + written, &rest) == 1;
}

}  // namespace coffer::codec
