// What a policy is asked about: who wants to do what with what, and the values of condition keys.
// A Request is made for one request and used by one thread; nothing here blocks.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/codec/policy/condition_key.h"

namespace coffer::codec::policy {

struct Principal {
    enum class Kind : uint8_t {
        kAnonymous,  // no credentials; the other fields are empty
        kRoot,       // the account itself: "arn:aws:iam::<account>:root"
        kUser,       // "arn:aws:iam::<account>:user/<name>"
        kSession,  // temporary credentials: "arn:aws:sts::<account>:assumed-role/<role>/<session>"
    };

    Kind kind = Kind::kAnonymous;
    std::string arn;
    std::string account;
    std::string canonical_id;  // of the account, as ACLs name it
    std::string user_name;     // aws:username; empty where there is none
    std::string user_id;       // aws:userid
    std::string issuer_arn;    // of a session: the user or role that it was given for
};

// The values of one key, in their text form: numbers in decimal, times as ISO 8601, "true" and
// "false", addresses without port. Nothing, or no value: the request does not have the key.
using ConditionValues = std::optional<std::vector<std::string>>;

// Where a request's values come from. Each key is asked for once at most, and only when a statement
// depends on it. Not asked: what Principal says (aws:username, aws:userid, aws:Principal…).
class ValueSource {
  public:
    virtual ~ValueSource() = default;
    virtual ConditionValues Find(const ConditionKey& key) = 0;
};

class Request {
  public:
    // `principal` and `source` outlive this. `action`: "s3:GetObject", in any case. `resource`: its
    // ARN, "arn:aws:s3:::bucket/key"; "*" for what has none.
    Request(const Principal& principal, std::string_view action, std::string resource,
            ValueSource& source);
    Request(const Principal&& gone_too_soon, std::string_view, std::string, ValueSource&) = delete;

    const Principal& principal() const { return principal_; }
    const std::string& action() const { return action_; }  // in lower case
    const std::string& resource() const { return resource_; }

    // The values of a key; the reference is good as long as this is.
    const ConditionValues& Values(const ConditionKey& key);

    // The only value; null where there are none, or several. For policy variables.
    const std::string* Value(const ConditionKey& key);

  private:
    struct Answer {
        ConditionKey key;
        ConditionValues values;
    };

    ConditionValues Ask(const ConditionKey& key);

    const Principal& principal_;
    std::string action_;
    std::string resource_;
    ValueSource& source_;
    std::list<Answer> answers_;  // a list, so that references stay good
};

}  // namespace coffer::codec::policy
