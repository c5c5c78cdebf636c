#include "coffer/service/iam/credentials.h"

#include <fmt/format.h>

#include <utility>

#include "coffer/catalog/access_keys.h"
#include "coffer/catalog/accounts.h"
#include "coffer/catalog/holders.h"
#include "coffer/catalog/policies.h"
#include "coffer/codec/digest.h"
#include "coffer/codec/hex.h"
#include "coffer/service/iam/builtin_policies.h"
#include "coffer/service/iam/names.h"

namespace coffer::service {
namespace {

using catalog::HolderKind;
using catalog::HolderName;
using codec::policy::Policy;
using codec::policy::Principal;

std::string SecretContext(std::string_view access_key) {
    return fmt::format("access key {}", access_key);
}

Error InvalidToken() {
    return {ErrorKind::kInvalid, "InvalidToken",
            "The provided token is malformed or otherwise invalid."};
}

Result<std::shared_ptr<const Policy>> ParseKept(std::string_view document, std::string_view what) {
    // What is refused in a new policy was decided when this one was set.
    auto policy = Policy::ParseForIdentity(document, codec::policy::Idle::kAllow);
    if (policy) return std::make_shared<const Policy>(std::move(policy).value());
    return Error(ErrorKind::kCorrupt,
                 fmt::format("the policy of {} can't be read: {}", what, policy.error().message()));
}

Result<> AddPolicies(db::Transaction& tx, const HolderName& holder, Actor::Policies& policies) {
    TRY(const auto attached, catalog::AttachedPolicies(tx, holder));
    for (const std::string& name : attached) {
        if (const auto& builtin = FindBuiltinPolicy(name)) {
            policies.push_back(builtin->policy);
            continue;
        }
        TRY(const auto managed, catalog::FindPolicy(tx, name));
        if (!managed)
            return Error(ErrorKind::kCorrupt,
                         fmt::format("the policy '{}' of '{}' is missing", name, holder.name));
        TRY(auto policy, ParseKept(managed->document, name));
        policies.push_back(std::move(policy));
    }
    TRY(const auto inline_policies, catalog::InlinePolicies(tx, holder));
    for (const auto& [name, document] : inline_policies) {
        TRY(auto policy, ParseKept(document, name));
        policies.push_back(std::move(policy));
    }
    return Ok();
}

// Groups and policies of a user who is there.
Result<> AddRights(db::Transaction& tx, Actor& actor) {
    TRY(AddPolicies(tx, {HolderKind::kUser, actor.user}, actor.policies));
    TRY(const auto groups, catalog::GroupsOf(tx, actor.user));
    for (const std::string& name : groups) {
        TRY(const auto group, catalog::FindHolder(tx, HolderKind::kGroup, name));
        if (!group || !group->enabled) continue;
        actor.groups.push_back(name);
        TRY(AddPolicies(tx, {HolderKind::kGroup, name}, actor.policies));
    }
    return Ok();
}

// A session that the client has named goes by that name, on behalf of its user.
void NameSession(Principal& principal, std::string_view role, const std::string& session) {
    if (principal.kind != Principal::Kind::kRoot) principal.kind = Principal::Kind::kSession;
    principal.issuer_arn = std::exchange(
        principal.arn, fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", kAccount, role, session));
    principal.user_id += ":" + session;
}

Principal RootPrincipal(std::string_view account = kAccount) {
    return {.kind = Principal::Kind::kRoot,
            .arn = RootArn(account),
            .account = std::string(account),
            .canonical_id = CanonicalIdOf(account),
            .user_name = {},
            .user_id = std::string(account),
            .issuer_arn = {}};
}

}  // namespace

Result<> CheckUsable(const Credential& credential, Timestamp now) {
    const bool temporary = credential.actor->key_kind == KeyKind::kTemporary;
    if (credential.expires && now >= *credential.expires && temporary)
        return Error(ErrorKind::kInvalid, "ExpiredToken", "The provided token has expired.");
    if (credential.expires && now >= *credential.expires)
        return Error(ErrorKind::kDenied, "InvalidAccessKeyId", "The access key has expired.");
    if (!credential.enabled)
        return Error(ErrorKind::kDenied, "InvalidAccessKeyId", "The access key is disabled.");
    return Ok();
}

std::string SealSecret(const codec::Seal& seal, std::string_view access_key,
                       std::string_view secret) {
    return seal.Close(secret, SecretContext(access_key));
}

Credentials::Credentials(std::string root_access_key, Secret root_secret_key,
                         db::Database& database, const codec::Seal& seal, size_t capacity)
    : seal_(seal), database_(database), capacity_(capacity) {
    root_id_ = codec::ToHex(ByteView(codec::HmacSha256(AsBytes(root_secret_key.Reveal()),
                                                       AsBytes("session of " + root_access_key)))
                                .first(8));
    Actor root{.principal = RootPrincipal(), .key_kind = KeyKind::kOwn};
    root.access_key = std::move(root_access_key);
    root_ = std::make_shared<const Credential>(
        Credential{.secret = std::move(root_secret_key),
                   .actor = std::make_shared<const Actor>(std::move(root))});
}

Task<Result<Credentials::Found>> Credentials::Find(std::string_view access_key,
                                                   std::string_view token) {
    if (token.empty() && access_key == root_access_key()) co_return root_;
    const std::string id = fmt::format("{}\n{}", access_key, token);
    uint64_t changes = 0;
    {
        MutexLock lock(mutex_);
        if (const auto found = known_.find(id); found != known_.end()) co_return found->second;
        changes = changes_;
    }
    CO_TRY(Found found, co_await database_.Read(db::Cost::kPoint, [&](db::Transaction& tx) {
        return Load(tx, access_key, token);
    }));
    if (found == nullptr) co_return found;
    MutexLock lock(mutex_);
    // What was read before a change is not kept after it.
    if (changes == changes_) {
        if (known_.size() >= capacity_) known_.erase(known_.begin());
        known_.insert_or_assign(id, found);
    }
    co_return found;
}

void Credentials::Forget() {
    MutexLock lock(mutex_);
    ++changes_;
    known_.clear();
}

Result<Credentials::Found> Credentials::Load(db::Transaction& tx, std::string_view access_key,
                                             std::string_view token) {
    TRY(auto key, LoadKey(tx, access_key, token));
    if (key) return Join(tx, *std::move(key));
    TRY(const auto account, catalog::FindAccountByKey(tx, access_key));
    if (!account) return Found();
    TRY(Secret secret, seal_.Open(account->sealed_secret, SecretContext(access_key)));
    Actor root{.principal = RootPrincipal(account->id), .key_kind = KeyKind::kOwn};
    root.access_key = access_key;
    return std::make_shared<const Credential>(Credential{
        .secret = std::move(secret), .actor = std::make_shared<const Actor>(std::move(root))});
}

Result<std::optional<Credentials::Key>> Credentials::LoadKey(db::Transaction& tx,
                                                             std::string_view access_key,
                                                             std::string_view token) const {
    Key key;
    key.actor.access_key = access_key;
    if (!token.empty()) {
        key.session = OpenSession(seal_, token);
        if (!key.session || key.session->access_key != access_key) return InvalidToken();
        key.secret = key.session->secret_key;
        key.user = key.session->user;
        key.expires = key.session->expires;
        key.actor.key_kind = KeyKind::kTemporary;
        key.actor.session_issued = key.session->issued;
        if (!key.session->policy.empty()) {
            TRY(key.actor.session_policy, ParseKept(key.session->policy, "a session"));
        }
        return key;
    }
    TRY(const auto row, catalog::FindAccessKey(tx, access_key));
    if (!row) return std::nullopt;
    TRY(key.secret, seal_.Open(row->sealed_secret, SecretContext(access_key)));
    key.user = row->user;
    key.enabled = row->enabled;
    key.expires = row->expires;
    key.actor.key_kind = row->service ? KeyKind::kService : KeyKind::kOwn;
    if (!row->policy.empty()) {
        TRY(key.actor.session_policy, ParseKept(row->policy, access_key));
    }
    return key;
}

// Adds who the key's user is and what the user may.
Result<Credentials::Found> Credentials::Join(db::Transaction& tx, Key key) const {
    std::string holder_id = root_id_;
    Principal principal = RootPrincipal();
    if (!key.user.empty()) {
        TRY(const auto user, catalog::FindHolder(tx, HolderKind::kUser, key.user));
        if (!user && key.session) return InvalidToken();
        if (!user) return Found();
        holder_id = user->id;
        principal.kind = Principal::Kind::kUser;
        principal.arn = IamArn("user", user->path, user->name);
        principal.user_name = user->name;
        principal.user_id = user->id;
        key.enabled = key.enabled && user->enabled;
        key.actor.user = user->name;
        TRY(AddRights(tx, key.actor));
    }
    if (key.session && key.session->holder_id != holder_id) return InvalidToken();
    if (key.session && !key.session->name.empty())
        NameSession(principal, key.user.empty() ? "root" : key.user, key.session->name);
    key.actor.principal = std::move(principal);
    return std::make_shared<const Credential>(
        Credential{std::move(key.secret), std::make_shared<const Actor>(std::move(key.actor)),
                   key.enabled, key.expires});
}

}  // namespace coffer::service
