#include "coffer/service/iam/access_keys.h"

#include <fmt/format.h>

#include <utility>

#include "coffer/catalog/accounts.h"
#include "coffer/codec/policy/policy.h"
#include "coffer/service/iam/holders.h"
#include "coffer/service/iam/names.h"

namespace coffer::service {
namespace {

constexpr size_t kMaxTextBytes = 256;
constexpr size_t kMaxSessionPolicyBytes = 2048;  // it travels with every request

Error NoSuchKey(std::string_view access_key) {
    return {ErrorKind::kNotFound, "NoSuchAccessKey",
            fmt::format("The Access Key with id {} cannot be found.", access_key)};
}

Error Taken(std::string_view access_key) {
    return {ErrorKind::kAlreadyExists, "EntityAlreadyExists",
            fmt::format("The access key {} is taken.", access_key)};
}

Error Invalid(std::string message) {
    return {ErrorKind::kInvalid, "ValidationError", std::move(message)};
}

Result<> CheckPolicy(const std::string& document) {
    if (document.empty()) return Ok();
    TRY(codec::policy::Policy::ParseForIdentity(document));
    return Ok();
}

Result<> CheckText(std::string_view what, std::string_view text) {
    if (text.size() <= kMaxTextBytes) return Ok();
    return Invalid(fmt::format("The {} has more than {} bytes.", what, kMaxTextBytes));
}

Result<AccessKey> NeedKey(db::Transaction& tx, const std::string& access_key) {
    TRY(auto key, catalog::FindAccessKey(tx, access_key));
    if (!key) return NoSuchKey(access_key);
    return *std::move(key);
}

// Adds a key that no account has.
Result<> InsertKey(db::Transaction& tx, const AccessKey& key) {
    TRY(const auto account, catalog::FindAccountByKey(tx, key.access_key));
    if (account) return Taken(key.access_key);
    return catalog::InsertAccessKey(tx, key);
}

Result<> CheckChanges(const AccessKeyChanges& changes, Timestamp now) {
    if (changes.secret_key) {
        TRY(CheckSecret(changes.secret_key->Reveal()));
    }
    if (changes.policy) {
        TRY(CheckPolicy(*changes.policy));
    }
    TRY(CheckText("name", changes.name.value_or("")));
    TRY(CheckText("description", changes.description.value_or("")));
    if (changes.expires && *changes.expires && **changes.expires <= now)
        return Invalid("The expiration lies in the past.");
    return Ok();
}

// Whatever is there of `changes`.
void Apply(const AccessKeyChanges& changes, const codec::Seal& seal, AccessKey& key) {
    if (changes.secret_key)
        key.sealed_secret = SealSecret(seal, key.access_key, changes.secret_key->Reveal());
    key.enabled = changes.enabled.value_or(key.enabled);
    key.name = changes.name.value_or(key.name);
    key.description = changes.description.value_or(key.description);
    key.policy = changes.policy.value_or(key.policy);
    key.expires = changes.expires.value_or(key.expires);
}

}  // namespace

Result<> AccessKeys::CheckFree(std::string_view access_key) const {
    TRY(CheckAccessKey(access_key));
    if (access_key == credentials_.root_access_key()) return Taken(access_key);
    return Ok();
}

Task<Result<KeyPair>> AccessKeys::Create(NewAccessKey wanted) {
    if (wanted.access_key.empty()) wanted.access_key = NewId("AKIA");
    if (wanted.secret_key.empty()) wanted.secret_key = Secret(NewSecret());
    CO_TRY(CheckFree(wanted.access_key));
    CO_TRY(CheckSecret(wanted.secret_key.Reveal()));
    const Timestamp now = clock_.Now();
    CO_TRY(CheckChanges({.name = wanted.name,
                         .description = wanted.description,
                         .policy = wanted.policy,
                         .expires = wanted.expires},
                        now));
    const AccessKey key{.access_key = wanted.access_key,
                        .user = wanted.user,
                        .service = wanted.service,
                        .sealed_secret = SealSecret(credentials_.seal(), wanted.access_key,
                                                    wanted.secret_key.Reveal()),
                        .enabled = wanted.enabled,
                        .created = now,
                        .expires = wanted.expires,
                        .name = wanted.name,
                        .description = wanted.description,
                        .policy = wanted.policy};
    const Result<> made = co_await database_.Write([&](db::Transaction& tx) -> Result<> {
        if (!key.user.empty()) {
            TRY(NeedHolder(tx, HolderKind::kUser, key.user));
        }
        return InsertKey(tx, key);
    });
    credentials_.Forget();
    if (!made && made.error().kind() == ErrorKind::kAlreadyExists) co_return Taken(key.access_key);
    CO_TRY(made);
    co_return KeyPair{key.access_key, std::move(wanted.secret_key), now};
}

Task<Result<AccessKey>> AccessKeys::Get(std::string access_key) {
    co_return co_await database_.Read(db::Cost::kPoint,
                                      [&](db::Transaction& tx) { return NeedKey(tx, access_key); });
}

Task<Result<std::vector<AccessKey>>> AccessKeys::List(std::string user) {
    co_return co_await database_.Read(db::Cost::kScan,
                                      [&](db::Transaction& tx) -> Result<std::vector<AccessKey>> {
                                          if (!user.empty()) {
                                              TRY(NeedHolder(tx, HolderKind::kUser, user));
                                          }
                                          return catalog::AccessKeysOf(tx, user);
                                      });
}

Task<Result<>> AccessKeys::Change(std::string access_key, AccessKeyChanges changes) {
    CO_TRY(CheckChanges(changes, clock_.Now()));
    const Result<> changed = co_await database_.Write([&](db::Transaction& tx) -> Result<> {
        TRY(AccessKey key, NeedKey(tx, access_key));
        Apply(changes, credentials_.seal(), key);
        return catalog::ChangeAccessKey(tx, key);
    });
    credentials_.Forget();
    co_return changed;
}

Task<Result<>> AccessKeys::Delete(std::string access_key) {
    const Result<> deleted = co_await database_.Write(
        [&](db::Transaction& tx) -> Result<> {
            TRY(NeedKey(tx, access_key));
            return catalog::DeleteAccessKey(tx, access_key);
        },
        db::Purpose::kFreesSpace);
    credentials_.Forget();
    co_return deleted;
}

Task<Result<>> AccessKeys::PutUser(std::string name, Secret secret_key, bool enabled) {
    CO_TRY(CheckName("userName", name, 64));
    CO_TRY(CheckFree(name));
    CO_TRY(CheckSecret(secret_key.Reveal()));
    const Timestamp now = clock_.Now();
    const std::string sealed = SealSecret(credentials_.seal(), name, secret_key.Reveal());
    const Holder fresh{.kind = HolderKind::kUser,
                       .name = name,
                       .id = NewId("AIDA"),
                       .enabled = enabled,
                       .created = now,
                       .changed = now};
    const Result<> put = co_await database_.Write([&](db::Transaction& tx) -> Result<> {
        TRY(auto user, catalog::FindHolder(tx, HolderKind::kUser, name));
        if (user) {
            user->enabled = enabled;
            user->changed = now;
            TRY(catalog::ChangeHolder(tx, *user));
        } else {
            TRY(catalog::InsertHolder(tx, fresh));
        }
        TRY(auto key, catalog::FindAccessKey(tx, name));
        if (key && (key->user != name || key->service)) return Taken(name);
        if (!key)
            return InsertKey(
                tx, {.access_key = name, .user = name, .sealed_secret = sealed, .created = now});
        key->sealed_secret = sealed;
        key->enabled = true;
        return catalog::ChangeAccessKey(tx, *key);
    });
    credentials_.Forget();
    co_return put;
}

Task<Result<>> AccessKeys::ChangeUsersSecret(std::string name, Secret secret_key) {
    CO_TRY(CheckSecret(secret_key.Reveal()));
    const std::string sealed = SealSecret(credentials_.seal(), name, secret_key.Reveal());
    const Result<> changed = co_await database_.Write([&](db::Transaction& tx) -> Result<> {
        TRY(AccessKey key, NeedKey(tx, name));
        // Somebody else's of that name is none of the user's.
        if (key.user != name || key.service) return NoSuchKey(name);
        key.sealed_secret = sealed;
        return catalog::ChangeAccessKey(tx, key);
    });
    credentials_.Forget();
    co_return changed;
}

Task<Result<Session>> AccessKeys::OpenSession(std::shared_ptr<const Actor> actor,
                                              NewSession wanted) {
    if (!actor->of_main_account())
        co_return Error(ErrorKind::kDenied, "AccessDenied",
                        "Accounts other than the server's own have no sessions.");
    if (actor->key_kind != KeyKind::kOwn)
        co_return Error(ErrorKind::kDenied, "AccessDenied",
                        "Temporary credentials and service accounts can't open a session.");
    if (wanted.policy.size() > kMaxSessionPolicyBytes)
        co_return Error(
            ErrorKind::kInvalid, "PackedPolicyTooLarge",
            fmt::format("The policy of a session has at most {} bytes.", kMaxSessionPolicyBytes));
    CO_TRY(CheckPolicy(wanted.policy));
    std::string holder_id = credentials_.root_id();
    if (!actor->user.empty()) {
        CO_TRY(const Holder user,
               co_await database_.Read(db::Cost::kPoint, [&](db::Transaction& tx) {
                   return NeedHolder(tx, HolderKind::kUser, actor->user);
               }));
        holder_id = user.id;
    }
    const Timestamp now = std::chrono::floor<std::chrono::seconds>(clock_.Now());
    co_return Session{.access_key = NewId("ASIA"),
                      .secret_key = Secret(NewSecret()),
                      .user = actor->user,
                      .holder_id = std::move(holder_id),
                      .name = std::move(wanted.name),
                      .policy = std::move(wanted.policy),
                      .issued = now,
                      .expires = now + wanted.duration};
}

}  // namespace coffer::service
