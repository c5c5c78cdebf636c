#include "coffer/codec/policy/decide.h"

#include <algorithm>

namespace coffer::codec::policy {
namespace {

// Who can always mend the bucket's policy.
bool IsRescue(const Request& request, bool same_account) {
    if (request.principal().kind != Principal::Kind::kRoot || !same_account) return false;
    const std::string& action = request.action();
    return action == "s3:getbucketpolicy" || action == "s3:putbucketpolicy" ||
           action == "s3:deletebucketpolicy";
}

Decision DecideIdentity(Request& request, const AccessPolicies& policies) {
    Decision decision = Decision::kNone;
    for (const Policy* policy : policies.identity)
        decision = std::max(decision, policy->Evaluate(request));
    return decision;
}

}  // namespace

Verdict Decide(Request& request, const AccessPolicies& policies) {
    const Principal& principal = request.principal();
    const bool anonymous = principal.kind == Principal::Kind::kAnonymous;
    const bool same_account = !anonymous && principal.account == policies.account;

    const Decision identity = DecideIdentity(request, policies);
    const Decision session =
        policies.session == nullptr ? Decision::kAllow : policies.session->Evaluate(request);
    Decision bucket =
        policies.bucket == nullptr ? Decision::kNone : policies.bucket->Evaluate(request);
    if (bucket == Decision::kDeny && IsRescue(request, same_account)) bucket = Decision::kNone;
    if (std::max({identity, session, bucket}) == Decision::kDeny) return Verdict::kDenied;

    if (policies.restrict_public_buckets && !same_account && policies.bucket != nullptr &&
        policies.bucket->is_public())
        bucket = Decision::kNone;
    if (policies.others_object) bucket = Decision::kNone;
    const Decision resource = std::max(bucket, policies.acl);

    const bool account_allows =
        principal.kind == Principal::Kind::kRoot || identity == Decision::kAllow;
    const bool resource_allows = resource == Decision::kAllow;
    bool allowed = false;
    if (anonymous)
        allowed = resource_allows;
    else if (same_account)
        allowed = account_allows || resource_allows;
    else
        allowed = account_allows && (resource_allows || resource == Decision::kAllowToAccount);
    return allowed && session == Decision::kAllow ? Verdict::kAllowed : Verdict::kNotAllowed;
}

}  // namespace coffer::codec::policy
