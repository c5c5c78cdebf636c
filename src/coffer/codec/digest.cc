#include "coffer/codec/digest.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "coffer/base/check.h"
#include "coffer/codec/block_buffer.h"

namespace coffer::codec {
namespace {

// Fetching an algorithm takes longer than hashing a small object: once per process.
const EVP_MD* Fetch(const char* name) {
    EVP_MD* md = EVP_MD_fetch(nullptr, name, nullptr);
    COFFER_CHECK(md != nullptr);
    return md;
}

const EVP_MD* Md5Algorithm() {
    static const EVP_MD* const md = Fetch("MD5");
    return md;
}

const EVP_MD* Sha1Algorithm() {
    static const EVP_MD* const md = Fetch("SHA1");
    return md;
}

const EVP_MD* Sha256Algorithm() {
    static const EVP_MD* const md = Fetch("SHA256");
    return md;
}

template <size_t kSize>
std::array<std::byte, kSize> Digest(const EVP_MD* algorithm, ByteView data) {
    std::array<std::byte, kSize> digest;
    unsigned int size = 0;
    COFFER_CHECK(EVP_Digest(data.data(), data.size(),
                            reinterpret_cast<unsigned char*>(digest.data()), &size, algorithm,
                            nullptr) == 1);
    COFFER_CHECK(size == kSize);
    return digest;
}

// An HMAC that knows its digest and has no key yet; each use works on a copy.
EVP_MAC_CTX* NewHmac(const char* digest) {
    EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    COFFER_CHECK(mac != nullptr);
    EVP_MAC_CTX* context = EVP_MAC_CTX_new(mac);
    EVP_MAC_free(mac);
    COFFER_CHECK(context != nullptr);
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(digest), 0),
        OSSL_PARAM_construct_end()};
    COFFER_CHECK(EVP_MAC_CTX_set_params(context, parameters) == 1);
    return context;
}

template <size_t kSize>
std::array<std::byte, kSize> Hmac(const EVP_MAC_CTX* prototype, ByteView key, ByteView data) {
    const std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context(
        EVP_MAC_CTX_dup(prototype), &EVP_MAC_CTX_free);
    COFFER_CHECK(context != nullptr);
    // A null key means "the key from before"; an empty key is one.
    static constexpr unsigned char kNothing = 0;
    const auto* key_bytes =
        key.empty() ? &kNothing : reinterpret_cast<const unsigned char*>(key.data());
    std::array<std::byte, kSize> digest;
    size_t size = 0;
    COFFER_CHECK(EVP_MAC_init(context.get(), key_bytes, key.size(), nullptr) == 1);
    COFFER_CHECK(EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(data.data()),
                                data.size()) == 1);
    COFFER_CHECK(EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(digest.data()),
                               &size, kSize) == 1);
    COFFER_CHECK(size == kSize);
    return digest;
}

// By the processor's instructions. What a request signs is so short that OpenSSL takes longer to
// set itself up than to hash it.
class Sha256Stream {
  public:
    void Update(ByteView data) {
        buffer_.Update(data, [this](const std::byte* blocks, size_t count) {
            CompressSha256(state_, blocks, count);
        });
    }

    Sha256Digest Finish() {
        const BlockBuffer::End end = buffer_.Finish(true);
        CompressSha256(state_, end.bytes.data(), end.blocks);
        for (uint32_t& word : state_)
            word = __builtin_bswap32(word);
        return std::bit_cast<Sha256Digest>(state_);
    }

  private:
    Sha256State state_ = kSha256Start;
    BlockBuffer buffer_;
};

// RFC 2104, 2.
Sha256Digest HmacOfStreams(ByteView key, ByteView data) {
    std::array<std::byte, kDigestBlockBytes> padded{};
    if (key.size() > padded.size()) {
        std::ranges::copy(Sha256(key), padded.begin());
    } else {
        std::ranges::copy(key, padded.begin());
    }
    const auto hash = [&](std::byte pad, ByteView message) {
        auto block = padded;
        for (std::byte& byte : block)
            byte ^= pad;
        Sha256Stream stream;
        stream.Update(block);
        stream.Update(message);
        return stream.Finish();
    };
    return hash(std::byte{0x5c}, hash(std::byte{0x36}, data));
}

class EvpHasher final : public Hasher {
  public:
    explicit EvpHasher(const EVP_MD* algorithm) : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
        COFFER_CHECK(context_ != nullptr);
        COFFER_CHECK(EVP_DigestInit_ex(context_.get(), algorithm, nullptr) == 1);
    }

    void Update(ByteView data) override {
        COFFER_CHECK(EVP_DigestUpdate(context_.get(), data.data(), data.size()) == 1);
    }

    std::string Finish() override {
        std::string digest(EVP_MAX_MD_SIZE, '\0');
        unsigned int size = 0;
        COFFER_CHECK(EVP_DigestFinal_ex(context_.get(),
                                        reinterpret_cast<unsigned char*>(digest.data()),
                                        &size) == 1);
        digest.resize(size);
        return digest;
    }

  private:
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

template <class Word, Word (*kUpdate)(Word, ByteView)>
class CrcHasher final : public Hasher {
  public:
    void Update(ByteView data) override { crc_ = kUpdate(crc_, data); }

    std::string Finish() override {
        std::string bytes(sizeof(Word), '\0');
        for (size_t i = 0; i < sizeof(Word); ++i) {
            bytes[i] = static_cast<char>(crc_ >> (8 * (sizeof(Word) - 1 - i)) & 0xff);
        }
        return bytes;
    }

  private:
    Word crc_ = 0;
};

struct ChecksumFacts {
    std::string_view name;
    std::string_view header;
    std::string_view element;
    size_t size;
};

// In the order of the enum. Source: Amazon S3 API Reference, type Checksum.
constexpr std::array<ChecksumFacts, 5> kChecksums = {{
    {"CRC32", "x-amz-checksum-crc32", "ChecksumCRC32", 4},
    {"CRC32C", "x-amz-checksum-crc32c", "ChecksumCRC32C", 4},
    {"CRC64NVME", "x-amz-checksum-crc64nvme", "ChecksumCRC64NVME", 8},
    {"SHA1", "x-amz-checksum-sha1", "ChecksumSHA1", 20},
    {"SHA256", "x-amz-checksum-sha256", "ChecksumSHA256", 32},
}};

const ChecksumFacts& Facts(ChecksumAlgorithm algorithm) {
    return kChecksums.at(static_cast<size_t>(algorithm));
}

char UpperCase(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

}  // namespace

Md5Digest Md5(ByteView data) {
    return Digest<16>(Md5Algorithm(), data);
}

Sha256Digest Sha256(ByteView data) {
    if (!HasSha256Instructions()) return Digest<32>(Sha256Algorithm(), data);
    Sha256Stream stream;
    stream.Update(data);
    return stream.Finish();
}

Sha256Digest HmacSha256(ByteView key, ByteView data) {
    if (HasSha256Instructions()) return HmacOfStreams(key, data);
    static const EVP_MAC_CTX* const prototype = NewHmac("SHA256");
    return Hmac<32>(prototype, key, data);
}

std::array<std::byte, 20> HmacSha1(ByteView key, ByteView data) {
    static const EVP_MAC_CTX* const prototype = NewHmac("SHA1");
    return Hmac<20>(prototype, key, data);
}

std::string_view ChecksumName(ChecksumAlgorithm algorithm) {
    return Facts(algorithm).name;
}
std::string_view ChecksumHeader(ChecksumAlgorithm algorithm) {
    return Facts(algorithm).header;
}
std::string_view ChecksumElement(ChecksumAlgorithm algorithm) {
    return Facts(algorithm).element;
}
size_t ChecksumSize(ChecksumAlgorithm algorithm) {
    return Facts(algorithm).size;
}

std::optional<ChecksumAlgorithm> ParseChecksumName(std::string_view name) {
    for (size_t i = 0; i < kChecksums.size(); ++i) {
        if (std::ranges::equal(name, kChecksums[i].name, {}, UpperCase)) {
            return static_cast<ChecksumAlgorithm>(i);
        }
    }
    return std::nullopt;
}

std::unique_ptr<Hasher> NewHasher(ChecksumAlgorithm algorithm) {
    switch (algorithm) {
        case ChecksumAlgorithm::kCrc32:
            return std::make_unique<CrcHasher<uint32_t, Crc32>>();
        case ChecksumAlgorithm::kCrc32c:
            return std::make_unique<CrcHasher<uint32_t, Crc32c>>();
        case ChecksumAlgorithm::kCrc64Nvme:
            return std::make_unique<CrcHasher<uint64_t, Crc64Nvme>>();
        case ChecksumAlgorithm::kSha1:
            return std::make_unique<EvpHasher>(Sha1Algorithm());
        case ChecksumAlgorithm::kSha256:
            return std::make_unique<EvpHasher>(Sha256Algorithm());
    }
    COFFER_FATAL("no such checksum algorithm");
}

std::unique_ptr<Hasher> NewMd5() {
    return std::make_unique<EvpHasher>(Md5Algorithm());
}

}  // namespace coffer::codec
