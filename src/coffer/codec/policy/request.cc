#include "coffer/codec/policy/request.h"

#include "coffer/codec/ascii.h"

namespace coffer::codec::policy {
namespace {

ConditionValues One(std::string_view value) {
    if (value.empty()) return std::nullopt;
    return std::vector{std::string(value)};
}

std::string_view TypeOf(const Principal& principal) {
    switch (principal.kind) {
        case Principal::Kind::kAnonymous:
            return "Anonymous";
        case Principal::Kind::kRoot:
            return "Account";
        case Principal::Kind::kUser:
            return "User";
        case Principal::Kind::kSession:
            return "AssumedRole";
    }
    return "Anonymous";
}

}  // namespace

Request::Request(const Principal& principal, std::string_view action, std::string resource,
                 ValueSource& source)
    : principal_(principal),
      action_(ToLower(action)),
      resource_(std::move(resource)),
      source_(source) {}

const ConditionValues& Request::Values(const ConditionKey& key) {
    for (const Answer& answer : answers_)
        if (answer.key == key) return answer.values;
    return answers_.emplace_back(key, Ask(key)).values;
}

const std::string* Request::Value(const ConditionKey& key) {
    const ConditionValues& values = Values(key);
    return values && values->size() == 1 ? &values->front() : nullptr;
}

ConditionValues Request::Ask(const ConditionKey& key) {
    switch (key.id) {
        case KeyId::kUserName:
            return One(principal_.user_name);
        case KeyId::kUserId:
            return One(principal_.user_id);
        case KeyId::kPrincipalArn:
            // Sessions are told by what they were given for (AWS: "aws:PrincipalArn").
            return One(principal_.issuer_arn.empty() ? principal_.arn : principal_.issuer_arn);
        case KeyId::kPrincipalAccount:
            return One(principal_.account);
        case KeyId::kPrincipalType:
            return One(TypeOf(principal_));
        default:
            return source_.Find(key);
    }
}

}  // namespace coffer::codec::policy
