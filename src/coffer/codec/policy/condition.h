// One condition of a statement: an operator, a key and the values that it is compared with.
// Immutable once parsed; any thread may use one.
//
// Source: the IAM User Guide, "IAM JSON policy elements: Condition operators" and "Multivalued
// context keys".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "coffer/base/clock.h"
#include "coffer/base/result.h"
#include "coffer/codec/json.h"
#include "coffer/codec/policy/ip_network.h"
#include "coffer/codec/policy/pattern.h"

namespace coffer::codec::policy {

// What an operator compares, apart from its direction.
enum class Comparison : uint8_t {
    kString,
    kStringIgnoringCase,
    kStringLike,
    kNumber,
    kDate,
    kBool,
    kBinary,  // the value's bytes with base64 in the policy
    kIp,
    kArn,  // each of the six parts alone, with wildcards
    kNull,
};

enum class Order : uint8_t { kEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

class Condition {
  public:
    enum class Qualifier : uint8_t { kNone, kForAnyValue, kForAllValues };

    // `operation`: "StringEquals", "ForAnyValue:StringLikeIfExists", …, in exactly that case.
    // `values`: a string, number or boolean, or an array of them. Variables are for strings, ARNs
    // and booleans. kInvalid, with S3's message and the code that the caller sets: an operator that
    // there is not, or a value that it cannot compare.
    static Result<Condition> Parse(std::string_view operation, ConditionKey key,
                                   const JsonValue& values, bool variables);

    // Whether the request fulfils it. `when_unknown`: the answer of a negated operator that would
    // have to compare with a variable without a value; others do not hold then.
    bool Holds(Request& request, bool when_unknown) const;

    const ConditionKey& key() const { return key_; }

    // The keys of the variables in its values.
    std::vector<ConditionKey> VariableKeys() const;

    // Whether it keeps out everyone but those with one of a few given values: it is not negated,
    // needs the key to be there, and each value is fixed; `account_is_enough`: of an ARN, it is
    // enough that nothing before the resource varies. Networks are fixed up to the size that AWS
    // calls non-public (/8, of IPv6 /32). Source: the Amazon S3 User Guide, "The meaning of
    // 'public'".
    bool NarrowsTo(bool account_is_enough) const;

  private:
    using ArnPattern = std::vector<Pattern>;  // its six parts, or one for all: "*", a KMS key
    using Operand =
        std::variant<Pattern, ArnPattern, double, Timestamp, std::string, IpNetwork, bool>;

    Result<Operand> ParseOperand(std::string_view text, bool variables) const;
    Match Compare(std::string_view value, Request& request) const;  // with any operand
    Match MatchText(std::string_view value, Request& request) const;

    Qualifier qualifier_ = Qualifier::kNone;
    Comparison comparison_ = Comparison::kString;
    Order order_ = Order::kEqual;
    bool negated_ = false;
    bool if_exists_ = false;
    ConditionKey key_;
    std::vector<Operand> operands_;
};

}  // namespace coffer::codec::policy
