#include "coffer/codec/policy/condition.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>

#include "coffer/codec/ascii.h"
#include "coffer/codec/base64.h"
#include "coffer/codec/date.h"
#include "coffer/codec/kms_key_name.h"

namespace coffer::codec::policy {
namespace {

struct Operator {
    std::string_view name;
    Comparison comparison;
    Order order = Order::kEqual;
    bool negated = false;
};

constexpr Operator kOperators[] = {
    {"StringEquals", Comparison::kString},
    {"StringNotEquals", Comparison::kString, Order::kEqual, true},
    {"StringEqualsIgnoreCase", Comparison::kStringIgnoringCase},
    {"StringNotEqualsIgnoreCase", Comparison::kStringIgnoringCase, Order::kEqual, true},
    {"StringLike", Comparison::kStringLike},
    {"StringNotLike", Comparison::kStringLike, Order::kEqual, true},
    {"NumericEquals", Comparison::kNumber},
    {"NumericNotEquals", Comparison::kNumber, Order::kEqual, true},
    {"NumericLessThan", Comparison::kNumber, Order::kLess},
    {"NumericLessThanEquals", Comparison::kNumber, Order::kLessOrEqual},
    {"NumericGreaterThan", Comparison::kNumber, Order::kGreater},
    {"NumericGreaterThanEquals", Comparison::kNumber, Order::kGreaterOrEqual},
    {"DateEquals", Comparison::kDate},
    {"DateNotEquals", Comparison::kDate, Order::kEqual, true},
    {"DateLessThan", Comparison::kDate, Order::kLess},
    {"DateLessThanEquals", Comparison::kDate, Order::kLessOrEqual},
    {"DateGreaterThan", Comparison::kDate, Order::kGreater},
    {"DateGreaterThanEquals", Comparison::kDate, Order::kGreaterOrEqual},
    {"Bool", Comparison::kBool},
    {"BinaryEquals", Comparison::kBinary},
    {"IpAddress", Comparison::kIp},
    {"NotIpAddress", Comparison::kIp, Order::kEqual, true},
    {"ArnEquals", Comparison::kArn},
    {"ArnLike", Comparison::kArn},
    {"ArnNotEquals", Comparison::kArn, Order::kEqual, true},
    {"ArnNotLike", Comparison::kArn, Order::kEqual, true},
    {"Null", Comparison::kNull},
};

constexpr size_t kArnParts = 6;

// "12", "-0.5", "1e3": decimal, with nothing around it.
std::optional<double> ParseNumber(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number))
        return std::nullopt;
    return number;
}

// ISO 8601, a date alone ("2026-01-31", its midnight in UTC), or seconds since 1970.
std::optional<Timestamp> ParseDate(std::string_view text) {
    if (const auto time = ParseIso8601(text)) return time;
    if (const auto midnight = ParseIso8601(std::string(text) + "T00:00:00Z")) return midnight;
    int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    constexpr int64_t kYear10000 = 253'402'300'800;
    if (error != std::errc() || end != text.data() + text.size() || seconds >= kYear10000 ||
        seconds <= -kYear10000)
        return std::nullopt;
    return Timestamp() + std::chrono::seconds(seconds);
}

std::optional<bool> ParseBool(std::string_view text) {
    if (EqualsIgnoringCase(text, "true")) return true;
    if (EqualsIgnoringCase(text, "false")) return false;
    return std::nullopt;
}

// The text of a value in a policy: numbers and booleans may stand without quotes.
std::optional<std::string> TextOf(const JsonValue& value) {
    if (const std::string* text = value.AsString()) return *text;
    if (value.AsBool() || value.AsInt() || value.AsDouble()) return WriteJson(value);
    return std::nullopt;
}

template <typename T>
bool InOrder(const T& value, Order order, const T& operand) {
    switch (order) {
        case Order::kEqual:
            return value == operand;
        case Order::kLess:
            return value < operand;
        case Order::kLessOrEqual:
            return value <= operand;
        case Order::kGreater:
            return value > operand;
        case Order::kGreaterOrEqual:
            return value >= operand;
    }
    return false;
}

// The name in what a policy calls a KMS key, which may be a pattern: of all spellings it is what is
// compared. It is the last piece of an ARN, also of one whose beginning is left open ("*:key/two").
std::string_view KmsKeyPattern(std::string_view text) {
    constexpr std::string_view kKey = ":key/";
    if (const size_t at = text.rfind(kKey); at != text.npos) return text.substr(at + kKey.size());
    if (text.find("${") != text.npos) return KmsKeyName(text);  // there are colons in it
    const size_t last = text.find_last_of("/:");
    if (last == text.npos) return text;
    const bool open = text.substr(0, last).find('*') != text.npos;
    return open || text.starts_with("arn:") ? text.substr(last + 1) : text;
}

Match MatchIf(bool yes) {
    return yes ? Match::kYes : Match::kNo;
}

Match MatchArn(std::span<const Pattern> parts, std::string_view value, Request& request) {
    if (parts.size() == 1) return parts[0].Matches(value, request);
    Match all = Match::kYes;
    for (size_t i = 0; i < kArnParts; ++i) {
        const size_t colon = i + 1 < kArnParts ? value.find(':') : value.size();
        if (colon == value.npos) return Match::kNo;
        const Match one = parts[i].Matches(value.substr(0, colon), request);
        if (one == Match::kNo) return Match::kNo;
        if (one == Match::kUnknown) all = Match::kUnknown;
        value.remove_prefix(std::min(colon + 1, value.size()));
    }
    return all;
}

Error NoOperator(std::string_view operation) {
    return Error(ErrorKind::kInvalid, "Invalid Condition type : " + std::string(operation));
}

}  // namespace

Result<Condition> Condition::Parse(std::string_view operation, ConditionKey key,
                                   const JsonValue& values, bool variables) {
    Condition condition;
    condition.key_ = std::move(key);
    std::string_view name = operation;
    const auto take_prefix = [&name](std::string_view prefix) {
        if (!name.starts_with(prefix)) return false;
        name.remove_prefix(prefix.size());
        return true;
    };
    if (take_prefix("ForAnyValue:")) condition.qualifier_ = Qualifier::kForAnyValue;
    if (condition.qualifier_ == Qualifier::kNone && take_prefix("ForAllValues:"))
        condition.qualifier_ = Qualifier::kForAllValues;
    constexpr std::string_view kIfExists = "IfExists";
    if (name.ends_with(kIfExists)) {
        condition.if_exists_ = true;
        name.remove_suffix(kIfExists.size());
    }
    const auto* found = std::ranges::find(kOperators, name, &Operator::name);
    if (found == std::end(kOperators)) return NoOperator(operation);
    condition.comparison_ = found->comparison;
    condition.order_ = found->order;
    condition.negated_ = found->negated;
    // Null asks whether the key is there; the others' additions would answer that themselves.
    const bool added = condition.if_exists_ || condition.qualifier_ != Qualifier::kNone;
    if (condition.comparison_ == Comparison::kNull && added) return NoOperator(operation);

    const JsonValue::Array one = {values};
    const JsonValue::Array& all = values.AsArray() ? *values.AsArray() : one;
    if (all.empty()) return Error(ErrorKind::kInvalid, "Invalid policy syntax.");
    for (const JsonValue& value : all) {
        const auto text = TextOf(value);
        if (!text) return Error(ErrorKind::kInvalid, "Invalid policy syntax.");
        TRY(Operand operand, condition.ParseOperand(*text, variables));
        condition.operands_.push_back(std::move(operand));
    }
    return condition;
}

Result<Condition::Operand> Condition::ParseOperand(std::string_view text, bool variables) const {
    const auto refuse = [&](std::string_view what) {
        return Error(ErrorKind::kInvalid, "Invalid value in Conditions: '" + std::string(text) +
                                              "' is not " + std::string(what) + ".");
    };
    const bool is_bool = comparison_ == Comparison::kBool;
    const PatternSyntax syntax{
        .wildcards = comparison_ == Comparison::kStringLike || comparison_ == Comparison::kArn,
        .variables = variables,
        .ignore_case = comparison_ == Comparison::kStringIgnoringCase || is_bool,
    };
    const bool is_kms_key = key_.id == KeyId::kKmsKeyId;
    switch (comparison_) {
        case Comparison::kString:
        case Comparison::kStringIgnoringCase:
        case Comparison::kStringLike:
        case Comparison::kBool: {
            const bool has_variable = variables && text.find("${") != text.npos;
            if (is_bool && !has_variable && !ParseBool(text)) return refuse("true or false");
            auto pattern = Pattern::Parse(is_kms_key ? KmsKeyPattern(text) : text, syntax);
            if (!pattern) return refuse("text with policy variables");
            return Operand(std::move(*pattern));
        }
        case Comparison::kArn: {
            const auto pattern = Pattern::Parse(text, syntax);
            if (!pattern) return refuse("an ARN with policy variables");
            ArnPattern parts = pattern->SplitArn(kArnParts);
            if (parts.size() != kArnParts && text != "*") return refuse("an ARN");
            if (is_kms_key) {
                auto name = Pattern::Parse(KmsKeyPattern(text), syntax);
                if (!name) return refuse("an ARN with policy variables");
                return Operand(ArnPattern{std::move(*name)});
            }
            return Operand(std::move(parts));
        }
        case Comparison::kNumber:
            if (const auto number = ParseNumber(text)) return Operand(*number);
            return refuse("a number");
        case Comparison::kDate:
            if (const auto time = ParseDate(text)) return Operand(*time);
            return refuse("a date of ISO 8601");
        case Comparison::kBinary: {
            auto bytes = Base64Decode(text);
            if (!bytes) return refuse("base64");
            return Operand(std::move(*bytes));
        }
        case Comparison::kIp:
            if (const auto network = IpNetwork::Parse(text)) return Operand(*network);
            return Error(ErrorKind::kInvalid, "Invalid IP address in Conditions");
        case Comparison::kNull:
            if (const auto is_null = ParseBool(text)) return Operand(*is_null);
            return refuse("true or false");
    }
    return refuse("comparable");
}

bool Condition::Holds(Request& request, bool when_unknown) const {
    const ConditionValues& values = request.Values(key_);
    const bool absent = !values || values->empty();
    if (comparison_ == Comparison::kNull)
        return std::ranges::any_of(operands_, [absent](const Operand& operand) {
            return std::get<bool>(operand) == absent;
        });
    if (absent) {
        if (if_exists_ || qualifier_ == Qualifier::kForAllValues) return true;
        return qualifier_ == Qualifier::kNone && negated_;
    }
    const auto satisfied = [&](const std::string& value) {
        const Match match = Compare(value, request);
        if (!negated_) return match == Match::kYes;
        return match == Match::kUnknown ? when_unknown : match == Match::kNo;
    };
    // Of a key that should have one value and has several, a negated operator takes none of them.
    const bool all =
        qualifier_ == Qualifier::kForAllValues || (qualifier_ == Qualifier::kNone && negated_);
    return all ? std::ranges::all_of(*values, satisfied) : std::ranges::any_of(*values, satisfied);
}

Match Condition::Compare(std::string_view value, Request& request) const {
    const auto any = [this](auto&& fits) { return MatchIf(std::ranges::any_of(operands_, fits)); };
    switch (comparison_) {
        case Comparison::kNumber: {
            const auto number = ParseNumber(value);
            return any([&](const Operand& operand) {
                return number && InOrder(*number, order_, std::get<double>(operand));
            });
        }
        case Comparison::kDate: {
            const auto time = ParseDate(value);
            return any([&](const Operand& operand) {
                return time && InOrder(*time, order_, std::get<Timestamp>(operand));
            });
        }
        case Comparison::kIp: {
            const auto address = IpAddress::Parse(value);
            return any([&](const Operand& operand) {
                return address && std::get<IpNetwork>(operand).Contains(*address);
            });
        }
        case Comparison::kBinary:
            return any(
                [&](const Operand& operand) { return std::get<std::string>(operand) == value; });
        default:
            return MatchText(value, request);
    }
}

Match Condition::MatchText(std::string_view value, Request& request) const {
    Match best = Match::kNo;
    for (const Operand& operand : operands_) {
        const auto* parts = std::get_if<ArnPattern>(&operand);
        const Match match = parts ? MatchArn(*parts, value, request)
                                  : std::get<Pattern>(operand).Matches(value, request);
        if (match == Match::kYes) return Match::kYes;
        if (match == Match::kUnknown) best = Match::kUnknown;
    }
    return best;
}

std::vector<ConditionKey> Condition::VariableKeys() const {
    std::vector<ConditionKey> keys;
    const auto add = [&keys](const Pattern& pattern) {
        keys.insert(keys.end(), pattern.keys().begin(), pattern.keys().end());
    };
    for (const Operand& operand : operands_) {
        if (const auto* pattern = std::get_if<Pattern>(&operand)) add(*pattern);
        if (const auto* parts = std::get_if<ArnPattern>(&operand))
            std::ranges::for_each(*parts, add);
    }
    return keys;
}

bool Condition::NarrowsTo(bool account_is_enough) const {
    if (negated_ || if_exists_ || qualifier_ == Qualifier::kForAllValues) return false;
    if (order_ != Order::kEqual || comparison_ == Comparison::kNull) return false;
    return std::ranges::all_of(operands_, [&](const Operand& operand) {
        if (const auto* network = std::get_if<IpNetwork>(&operand))
            return network->prefix_bits() >= (network->is_v6() ? 32 : 8);
        if (const auto* pattern = std::get_if<Pattern>(&operand)) {
            if (!account_is_enough || comparison_ != Comparison::kStringLike)
                return pattern->IsFixed();
            const std::vector<Pattern> parts = pattern->SplitArn(kArnParts);
            return parts.size() == kArnParts &&
                   std::ranges::all_of(std::span(parts).first(kArnParts - 1), &Pattern::IsFixed);
        }
        if (const auto* parts = std::get_if<ArnPattern>(&operand)) {
            if (parts->size() == 1) return parts->front().IsFixed();
            const size_t fixed = account_is_enough ? kArnParts - 1 : kArnParts;
            return std::ranges::all_of(std::span(*parts).first(fixed), &Pattern::IsFixed);
        }
        return true;
    });
}

}  // namespace coffer::codec::policy
