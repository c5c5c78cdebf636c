#include "coffer/codec/policy/policy.h"

#include <algorithm>
#include <array>

namespace coffer::codec::policy {
namespace {

Match MatchAny(const std::vector<Pattern>& patterns, std::string_view text, Request& request) {
    Match best = Match::kNo;
    for (const Pattern& pattern : patterns) {
        const Match match = pattern.Matches(text, request);
        if (match == Match::kYes) return match;
        if (match == Match::kUnknown) best = match;
    }
    return best;
}

bool ActionApplies(const Statement& statement, const Request& request) {
    const bool named = std::ranges::any_of(statement.actions, [&](const Pattern& pattern) {
        return pattern.MatchesText(request.action());
    });
    return named != statement.not_actions;
}

// Those whose actions are on the server, for which MinIO's policies name buckets all the same.
constexpr std::array<std::string_view, 3> kVendorsOfServer = {"admin:", "sts:", "kms:"};

// "admin:*", and not "*": an action on everything is on buckets where the resources are.
bool NamesVendor(const Pattern& action, std::string_view vendor) {
    return action.FixedBeginning().starts_with(vendor);
}

bool IsOfS3(const Pattern& resource) {
    return resource.FixedBeginning().starts_with("arn:aws:s3:::");
}

// Whether the statement is about the action by its name, so that resources of S3 say nothing.
bool PassesOverBuckets(const Statement& statement, const Request& request) {
    const auto* const vendor = std::ranges::find_if(kVendorsOfServer, [&](std::string_view each) {
        return request.action().starts_with(each);
    });
    if (vendor == kVendorsOfServer.end() || statement.not_actions) return false;
    return std::ranges::any_of(statement.actions, [&](const Pattern& pattern) {
        return NamesVendor(pattern, *vendor) && pattern.MatchesText(request.action());
    });
}

bool ResourceApplies(const Statement& statement, Request& request) {
    const Match match = MatchAny(statement.resources, request.resource(), request);
    if (statement.not_resources)
        return match == Match::kUnknown ? !statement.allow : match == Match::kNo;
    return match == Match::kYes || (std::ranges::any_of(statement.resources, IsOfS3) &&
                                    PassesOverBuckets(statement, request));
}

// What a statement says to the principal, if all the rest applies.
Decision SaysTo(const Statement& statement, const Principal& principal) {
    const Decision effect = statement.allow ? Decision::kAllow : Decision::kDeny;
    if (!statement.principals) return effect;
    const Principals::Match match = statement.principals->Matches(principal);
    if (statement.not_principals)
        return match == Principals::Match::kExactly ? Decision::kNone : effect;
    if (match == Principals::Match::kNo) return Decision::kNone;
    const bool to_account = match == Principals::Match::kAccount && statement.allow;
    return to_account ? Decision::kAllowToAccount : effect;
}

// The keys of conditions that can make a statement for everybody non-public.
constexpr std::array<std::string_view, 13> kNarrowingKeys = {
    "aws:sourceip",
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceowner",
    "aws:sourceaccount",
    "aws:userid",
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
};

bool IsPublicStatement(const Statement& statement) {
    if (!statement.allow || !statement.principals) return false;
    if (!statement.principals->everyone() && !statement.not_principals) return false;
    return std::ranges::none_of(statement.conditions, [](const Condition& condition) {
        const std::string& key = condition.key().name;
        if (std::ranges::find(kNarrowingKeys, key) == kNarrowingKeys.end()) return false;
        return condition.NarrowsTo(key == "s3:dataaccesspointarn");
    });
}

bool IsOnServer(const Pattern& action) {
    return std::ranges::any_of(
        kVendorsOfServer, [&](std::string_view vendor) { return NamesVendor(action, vendor); });
}

// Empty where it names what it is not about, or what its resources may say nothing of.
std::string_view CommonBeginning(const Statement& statement) {
    if (statement.not_resources || statement.resources.empty()) return {};
    if (std::ranges::any_of(statement.actions, IsOnServer)) return {};
    std::string_view common = statement.resources.front().FixedBeginning();
    for (const Pattern& resource : statement.resources) {
        const auto [end, other] = std::ranges::mismatch(common, resource.FixedBeginning());
        common = common.substr(0, static_cast<size_t>(end - common.begin()));
    }
    return common;
}

}  // namespace

Policy::Policy(std::vector<Statement> statements)
    : statements_(std::move(statements)),
      is_public_(std::ranges::any_of(statements_, IsPublicStatement)) {
    for (const Statement& statement : statements_) {
        beginnings_ += CommonBeginning(statement);
        ends_.push_back(beginnings_.size());
        for (const Condition& condition : statement.conditions) {
            keys_.push_back(condition.key().id);
            for (const ConditionKey& key : condition.VariableKeys())
                keys_.push_back(key.id);
        }
        for (const Pattern& resource : statement.resources)
            for (const ConditionKey& key : resource.keys())
                keys_.push_back(key.id);
    }
    std::ranges::sort(keys_);
    const auto repeated = std::ranges::unique(keys_);
    keys_.erase(repeated.begin(), repeated.end());
}

bool Policy::MayConcern(size_t statement, std::string_view resource) const {
    const size_t begin = statement == 0 ? 0 : ends_[statement - 1];
    return resource.starts_with(
        std::string_view(beginnings_).substr(begin, ends_[statement] - begin));
}

Decision Policy::Evaluate(Request& request) const {
    Decision decision = Decision::kNone;
    for (size_t i = 0; i < statements_.size(); ++i) {
        if (!MayConcern(i, request.resource())) continue;
        const Statement& statement = statements_[i];
        // Cheap questions first; conditions may have to ask for what is not at hand.
        const Decision says = SaysTo(statement, request.principal());
        if (says <= decision) continue;
        if (!ActionApplies(statement, request) || !ResourceApplies(statement, request)) continue;
        const bool holds = std::ranges::all_of(statement.conditions, [&](const Condition& each) {
            return each.Holds(request, !statement.allow);
        });
        if (!holds) continue;
        if (says == Decision::kDeny) return says;
        decision = says;
    }
    return decision;
}

bool Policy::Asks(KeyId key) const {
    return std::ranges::binary_search(keys_, key);
}

}  // namespace coffer::codec::policy
