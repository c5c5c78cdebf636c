// A document that is a policy can be asked anything, says the same each time, and asks for no key
// that it did not announce.
#include <algorithm>
#include <set>

#include "coffer/codec/policy/decide.h"

#include "fuzz/fuzz.h"

namespace coffer::fuzz {
namespace {

using namespace codec::policy;

class Values final : public ValueSource {
  public:
    explicit Values(std::string_view text) : text_(text) {}

    ConditionValues Find(const ConditionKey& key) override {
        COFFER_CHECK(asked_.insert(key.name + "/" + key.detail).second);
        ids_.insert(key.id);
        if (key.name.size() % 3 == 0) return std::nullopt;
        std::vector<std::string> values = {text_.substr(0, 40)};
        if (key.name.size() % 3 == 1) values.emplace_back("203.0.113.7");
        return values;
    }

    const std::set<KeyId>& ids() const { return ids_; }

  private:
    std::string text_;
    std::set<std::string> asked_;
    std::set<KeyId> ids_;
};

void Ask(const Policy& policy, std::string_view input) {
    Principal alice;
    alice.kind = Principal::Kind::kUser;
    alice.account = "1";
    alice.arn = "arn:aws:iam::1:user/alice";
    alice.user_name = "alice";
    for (const Principal& who : {Principal(), alice}) {
        for (const std::string_view action :
             {"s3:GetObject", "s3:ListBucket", "admin:CreateUser"}) {
            const std::string resource = "arn:aws:s3:::b/" + std::string(input.substr(0, 60));
            Values values(input);
            Request request(who, action, resource, values);
            const Decision decision = policy.Evaluate(request);
            COFFER_CHECK(decision == policy.Evaluate(request));
            for (const KeyId id : values.ids())
                COFFER_CHECK(policy.Asks(id));
            if (decision != Decision::kDeny) continue;
            Values other(input);
            Request again(who, action, resource, other);
            COFFER_CHECK(Decide(again, {.bucket = &policy, .acl = Decision::kAllow}) ==
                         Verdict::kDenied);
        }
    }
    // Nobody makes a policy public who allows nothing.
    if (policy.is_public())
        COFFER_CHECK(std::ranges::any_of(policy.statements(), &Statement::allow));
}

}  // namespace

void Fuzz(std::string_view input) {
    for (const Idle idle : {Idle::kRefuse, Idle::kAllow})
        if (const auto policy = Policy::ParseForBucket(input, "b", idle))
            Ask(policy.value(), input);
        else
            COFFER_CHECK(policy.error().code() == "MalformedPolicy");
    if (const auto policy = Policy::ParseForIdentity(input))
        Ask(policy.value(), input);
    else
        COFFER_CHECK(policy.error().code() == "MalformedPolicyDocument");
}

}  // namespace coffer::fuzz
