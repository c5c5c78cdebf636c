// The server's own keys that seal the keys of blobs: one for SSE-S3, and named ones for SSE-KMS.
//
// A name may have several keys: the first seals what is new, the others open what they sealed
// before. Never changes; any thread may use one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/base/result.h"
#include "coffer/codec/seal.h"

namespace coffer::service {

class KeyRing {
  public:
    struct NamedKey {
        std::string name;
        codec::AeadKey key{};
    };

    // `master`: by the master key, from which that of SSE-S3 is derived. `named`: of one name the
    // newest first. `default_name`: the one that is meant where none is named; empty: none is.
    KeyRing(const codec::Seal& master, const std::vector<NamedKey>& named,
            std::string default_name = "");

    const codec::Seal& s3() const { return s3_; }

    bool has_named() const { return !named_.empty(); }
    const std::string& default_name() const { return default_name_; }

    // Null where there is none of that name.
    const codec::Seal* Newest(std::string_view name) const;

    // The one of that name and KeyId; null where there is none.
    const codec::Seal* Find(std::string_view name, std::string_view key_id) const;

  private:
    struct Named {
        std::string name;
        std::string key_id;
        codec::Seal seal;
    };

    codec::Seal s3_;
    std::vector<Named> named_;
    std::string default_name_;
};

}  // namespace coffer::service
