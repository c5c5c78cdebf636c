// A list that was read is written, and kept, so that it is read as the same one.
#include "coffer/codec/acl.h"

#include "fuzz/fuzz.h"

namespace coffer::fuzz {
namespace {

// Every text without a comma and '=' is an account's canonical id, and its id.
class AnyNames final : public codec::AclNames {
  public:
    std::optional<std::string> AccountOf(std::string_view canonical_id) const override {
        if (canonical_id.empty() || canonical_id.find_first_of(",=") != canonical_id.npos)
            return std::nullopt;
        if (canonical_id.find_first_not_of("0123456789") != canonical_id.npos) return std::nullopt;
        return std::string(canonical_id);
    }
    Name NameOf(std::string_view account) const override { return {std::string(account), ""}; }
};

}  // namespace

void Fuzz(std::string_view input) {
    const AnyNames names;
    if (const auto acl = codec::ParseAcl(input, names)) {
        const std::string written = codec::WriteAcl(acl.value(), names);
        COFFER_CHECK(codec::ParseAcl(written, names).value() == acl.value());
        COFFER_CHECK(codec::DecodeAcl(codec::EncodeAcl(acl.value())).value() == acl.value());
    }
    std::vector<codec::AclGrant> grants;
    (void)codec::ParseGrantHeader(input, codec::AclPermission::kRead, names, grants);
    if (const auto kept = codec::DecodeAcl(input))
        COFFER_CHECK(codec::DecodeAcl(codec::EncodeAcl(kept.value())).value() == kept.value());
}

}  // namespace coffer::fuzz
