// Who acts in a request: a principal, with the policies that are its own. Never changes once made;
// any thread may use one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/base/clock.h"
#include "coffer/catalog/types.h"
#include "coffer/codec/policy/policy.h"
#include "coffer/codec/policy/request.h"

namespace coffer::service {

// The account that the server itself is: whose its users are, and who administers it. Others own
// buckets (accounts.h). AWS's ids of accounts have 12 digits, and those that ACLs use 64
// hexadecimal ones.
inline constexpr std::string_view kAccount = catalog::kMainAccount;
inline constexpr std::string_view kAccountName = "coffer";
inline constexpr std::string_view kCanonicalId =
    "7d3c1e0b6a5f4928b1d0c3e7f6a9582410bd6f3e5c7a9281d4f0e6b3a7c5d912";

// What kind of access key a request was signed with.
enum class KeyKind : uint8_t {
    kNone,       // anonymous
    kOwn,        // of root, or of a user
    kService,    // a service account's
    kTemporary,  // of a session
};

struct Actor {
    using Policies = std::vector<std::shared_ptr<const codec::policy::Policy>>;

    codec::policy::Principal principal;
    std::string access_key;
    KeyKind key_kind = KeyKind::kNone;

    // Whose key it is, and whose rights these are: a user's name, empty for root. Of sessions and
    // service accounts, too.
    std::string user;
    std::vector<std::string> groups;  // of the user, those that are enabled
    Policies policies;                // of the user and of these groups

    // Must allow besides, where there is one: of a session, or of a service account.
    std::shared_ptr<const codec::policy::Policy> session_policy;

    std::optional<Timestamp> session_issued;  // of a session: when it was opened

    // Whom a policy narrows makes no keys: it could make itself one without that policy.
    bool may_make_keys() const { return session_policy == nullptr; }

    bool anonymous() const { return key_kind == KeyKind::kNone; }

    // Root of an account by its own key, or by one that nothing narrows.
    bool IsUnboundRootOf(std::string_view account) const {
        return principal.kind == codec::policy::Principal::Kind::kRoot &&
               principal.account == account && session_policy == nullptr;
    }

    // Of the account whose users and settings the server has: nobody else can administer it.
    bool of_main_account() const { return principal.account == kAccount; }
};

}  // namespace coffer::service
