// Sealing: how secrets are kept. What is sealed can be read only by who has the key, and only as
// what it was sealed for.
//
// The form of a sealed secret is described in docs/formats/sealed.md.
#pragma once

#include <string>
#include <string_view>

#include "coffer/base/result.h"
#include "coffer/base/secret.h"
#include "coffer/codec/aead.h"

namespace coffer::codec {

// Never changes; any thread may use one. It does not block.
class Seal {
  public:
    using Key = AeadKey;

    explicit Seal(const Key& key) : key_(key) {}

    // `context` says what the secret is and whose ("access key AKIA…"): Unseal wants it word for
    // word, so that one sealed secret can't stand in another's place. Nonces are random: one key is
    // good for 2^32 secrets (NIST SP 800-38D, 8.3).
    std::string Close(std::string_view secret, std::string_view context) const;

    // kCorrupt where `sealed` was not made by this key for this context, or is damaged; the message
    // names the context.
    Result<Secret> Open(std::string_view sealed, std::string_view context) const;

    // A name for the key that tells nothing of it: 16 hexadecimal digits, always the same.
    std::string KeyId() const;

    // A key of its own for another use, named by `purpose`: who has it can't find this one.
    Key Derive(std::string_view purpose) const;

  private:
    Key key_;
};

}  // namespace coffer::codec
