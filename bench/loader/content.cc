#include "bench/loader/content.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "coffer/base/check.h"
#include "coffer/codec/hex.h"

namespace coffer::bench {

Content::Content(size_t size, uint64_t salt)
    : salt_(salt), common_digest_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    COFFER_CHECK(size >= kTailBytes);
    // The same for every loader, so that one can check what another has written.
    std::mt19937_64 random(size);
    common_.resize(size - kTailBytes);
    for (size_t at = 0; at < common_.size(); at += sizeof(uint64_t)) {
        const uint64_t word = random();
        std::memcpy(common_.data() + at, &word, std::min(sizeof(word), common_.size() - at));
    }
    COFFER_CHECK(EVP_DigestInit_ex(common_digest_.get(), EVP_sha256(), nullptr) == 1);
    COFFER_CHECK(EVP_DigestUpdate(common_digest_.get(), common_.data(), common_.size()) == 1);
}

Content::~Content() = default;

Content::Tail Content::TailOf(uint64_t number) const {
    Tail tail;
    std::memcpy(tail.data(), &salt_, sizeof(salt_));
    std::memcpy(tail.data() + sizeof(salt_), &number, sizeof(number));
    return tail;
}

std::string Content::Sha256Of(uint64_t number) const {
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> digest(EVP_MD_CTX_new(),
                                                                    &EVP_MD_CTX_free);
    const Tail tail = TailOf(number);
    std::array<std::byte, 32> bytes;
    COFFER_CHECK(EVP_MD_CTX_copy_ex(digest.get(), common_digest_.get()) == 1);
    COFFER_CHECK(EVP_DigestUpdate(digest.get(), tail.data(), tail.size()) == 1);
    COFFER_CHECK(EVP_DigestFinal_ex(digest.get(), reinterpret_cast<unsigned char*>(bytes.data()),
                                    nullptr) == 1);
    return codec::ToHex(bytes);
}

bool Content::Matches(uint64_t number, size_t offset, ByteView bytes) const {
    if (offset > size() || bytes.size() > size() - offset) return false;
    const size_t in_common =
        offset < common_.size() ? std::min(bytes.size(), common_.size() - offset) : 0;
    if (!std::ranges::equal(bytes.first(in_common),
                            ByteView(common_).subspan(std::min(offset, common_.size()), in_common)))
        return false;
    const Tail tail = TailOf(number);
    const size_t in_tail = offset + in_common - common_.size();
    const ByteView rest = bytes.subspan(in_common);
    return rest.empty() || std::memcmp(rest.data(), tail.data() + in_tail, rest.size()) == 0;
}

}  // namespace coffer::bench
