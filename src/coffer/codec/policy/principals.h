// The Principal element of a statement: whom it is about. Immutable once parsed; any thread may use
// one.
//
// Source: the IAM User Guide, "AWS JSON policy elements: Principal".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "coffer/codec/json.h"
#include "coffer/codec/policy/request.h"

namespace coffer::codec::policy {

class Principals {
  public:
    enum class Match : uint8_t {
        kNo,
        kAccount,  // the principal's account is named, not the principal: it is for the account to
                   // say whether it passes the right on
        kExactly,
    };

    // "*", or an object: "AWS" ("*", an account's id, an ARN of iam or sts; account ids are what
    // the program calls them, 12 digits or not), "CanonicalUser", "Service", "Federated" (these two
    // are nobody here); each a string or an array. Nothing where it is none of that: wildcards
    // within an ARN are not.
    static std::optional<Principals> Parse(const JsonValue& value);

    Match Matches(const Principal& principal) const;

    // Everybody, anonymous requests included.
    bool everyone() const { return everyone_; }

    // The users and roles (by ARN), accounts and canonical ids that are named: for whoever checks
    // that they exist.
    const std::vector<std::string>& arns() const { return arns_; }
    const std::vector<std::string>& accounts() const { return accounts_; }
    const std::vector<std::string>& canonical_ids() const { return canonical_ids_; }

  private:
    bool AddAws(const std::string& name);
    bool Add(const std::string& type, const std::string& name);

    bool everyone_ = false;
    std::vector<std::string> arns_;
    std::vector<std::string> accounts_;
    std::vector<std::string> canonical_ids_;
};

}  // namespace coffer::codec::policy
