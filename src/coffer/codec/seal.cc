#include "coffer/codec/seal.h"

#include <fmt/format.h>

#include <algorithm>

#include "coffer/base/random.h"
#include "coffer/codec/digest.h"
#include "coffer/codec/hex.h"

namespace coffer::codec {
namespace {

constexpr char kVersion = 1;

}  // namespace

std::string Seal::Close(std::string_view secret, std::string_view context) const {
    AeadNonce nonce;
    FillRandom(nonce);
    std::string sealed(1, kVersion);
    sealed += AsText(nonce);
    return sealed + AeadClose(AeadCipher::kAes256Gcm, key_, nonce, context, secret);
}

Result<Secret> Seal::Open(std::string_view sealed, std::string_view context) const {
    AeadNonce nonce;
    if (sealed.size() > nonce.size() && sealed.front() == kVersion) {
        std::ranges::copy(AsBytes(sealed.substr(1, nonce.size())), nonce.begin());
        auto secret =
            AeadOpen(AeadCipher::kAes256Gcm, key_, nonce, context, sealed.substr(1 + nonce.size()));
        if (secret) return Secret(*std::move(secret));
    }
    return Error(ErrorKind::kCorrupt,
                 fmt::format("the secret of {} can't be unsealed: it is damaged, or was sealed "
                             "with another key than {}",
                             context, KeyId()));
}

std::string Seal::KeyId() const {
    return ToHex(ByteView(Derive("id")).first(8));
}

Seal::Key Seal::Derive(std::string_view purpose) const {
    return HmacSha256(key_, AsBytes(fmt::format("coffer {}", purpose)));
}

}  // namespace coffer::codec
