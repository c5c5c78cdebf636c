#include "coffer/app/bootstrap/difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "coffer/app/bootstrap/bucket_difference.h"
#include "coffer/app/bootstrap/changes.h"
#include "coffer/base/log.h"
#include "coffer/codec/constant_time.h"

namespace coffer::app::bootstrap {
namespace {

using service::HolderKind;
using service::HolderName;
using Names = std::vector<std::string>;

// In `all` and not in `without`; both are in order.
Names Missing(const Names& all, const Names& without) {
    Names missing;
    std::ranges::set_difference(all, without, std::back_inserter(missing));
    return missing;
}

std::string_view Word(bool enabled) {
    return enabled ? "enabled" : "disabled";
}

Task<Result<>> Done(Task<Result<service::PolicyInfo>> task) {
    CO_TRY(co_await std::move(task));
    co_return Ok();
}

Task<Result<>> SetPolicies(service::Policies& policies, HolderName holder, Names attach,
                           Names detach) {
    CO_TRY(co_await policies.Attach(holder, std::move(attach)));
    CO_TRY(co_await policies.Detach(std::move(holder), std::move(detach)));
    co_return Ok();
}

Task<Result<>> SetGroups(service::Holders& holders, std::string user, Names join, Names leave) {
    for (std::string& group : join) {
        CO_TRY(co_await holders.AddMembers(std::move(group), {user},
                                           service::Holders::Missing::kRefuse));
    }
    for (std::string& group : leave) {
        CO_TRY(co_await holders.RemoveMembers(std::move(group), {user}));
    }
    co_return Ok();
}

Task<Result<>> MakeHolder(service::Holders& holders, HolderKind kind, std::string name,
                          bool enabled) {
    CO_TRY(co_await holders.Create(kind, name, "/"));
    if (enabled) co_return Ok();
    co_return co_await holders.SetEnabled(kind, std::move(name), false);
}

// The changes of one declaration, found one after the other.
class Difference {
  public:
    Difference(Target& target, const Declaration& declared)
        : target_(target), declared_(declared) {}

    Task<Result<>> Find() {
        for (const DeclaredPolicy& policy : declared_.policies) {
            CO_TRY(co_await FindPolicy(policy));
        }
        for (const DeclaredGroup& group : declared_.groups) {
            CO_TRY(co_await FindGroup(group));
        }
        for (const DeclaredUser& user : declared_.users) {
            CO_TRY(co_await FindUser(user));
        }
        for (const DeclaredBucket& bucket : declared_.buckets) {
            CO_TRY(co_await FindBucketChanges(target_, bucket, declared_.webhooks, changes_));
        }
        co_return Ok();
    }

    std::vector<Change> Take() { return changes_.Take(); }

  private:
    Task<Result<>> FindPolicy(const DeclaredPolicy& declared) {
        CO_TRY(const auto there, IfThere(co_await target_.policies.Get(declared.name)));
        const std::string before = there ? WithoutWhiteSpace(there->policy.document) : "";
        const std::string path = there ? there->policy.path : "/";
        changes_.Compare(
            "policy " + declared.name, there ? "document" : "", before, declared.document,
            [&target = target_, declared, path] {
                return Done(target.policies.Put(declared.name, path, declared.document,
                                                service::Policies::Existing::kReplace));
            });
        co_return Ok();
    }

    // That every policy of the list is there, or declared.
    Task<Result<>> NeedPolicies(const std::string& subject, const Names& names) {
        for (const std::string& name : names) {
            if (std::ranges::find(declared_.policies, name, &DeclaredPolicy::name) !=
                declared_.policies.end())
                continue;
            CO_TRY(const auto there, IfThere(co_await target_.policies.Get(name)));
            if (!there)
                co_return Error(ErrorKind::kInvalid,
                                fmt::format("{}: there is no policy \"{}\"; declare it under "
                                            "policies",
                                            subject, name));
        }
        co_return Ok();
    }

    Task<Result<>> FindPoliciesOf(const std::string& subject, HolderName holder, bool there,
                                  const std::optional<Names>& declared) {
        if (!declared) co_return Ok();
        CO_TRY(co_await NeedPolicies(subject, *declared));
        Names before;
        if (there) {
            CO_TRY(before, co_await target_.policies.AttachedTo(holder));
        }
        changes_.Compare(subject, "policies", Joined(before), Joined(*declared),
                         [&target = target_, holder, attach = Missing(*declared, before),
                          detach = Missing(before, *declared)] {
                             return SetPolicies(target.policies, holder, attach, detach);
                         });
        co_return Ok();
    }

    void CompareEnabled(const std::string& subject, const service::Holder& there,
                        const std::optional<bool>& declared) {
        if (!declared) return;
        changes_.Compare(
            subject, "state", std::string(Word(there.enabled)), std::string(Word(*declared)),
            [&target = target_, kind = there.kind, name = there.name, enabled = *declared] {
                return target.holders.SetEnabled(kind, name, enabled);
            });
    }

    Task<Result<>> FindGroup(const DeclaredGroup& declared) {
        const std::string subject = "group " + declared.name;
        CO_TRY(const auto there,
               IfThere(co_await target_.holders.Get(HolderKind::kGroup, declared.name)));
        if (there) {
            CompareEnabled(subject, *there, declared.enabled);
        } else {
            const bool enabled = declared.enabled.value_or(true);
            changes_.Add(subject, "", "", std::string(Word(enabled)),
                         [&target = target_, name = declared.name, enabled] {
                             return MakeHolder(target.holders, HolderKind::kGroup, name, enabled);
                         });
        }
        co_return co_await FindPoliciesOf(subject, {HolderKind::kGroup, declared.name},
                                          there.has_value(), declared.policies);
    }

    Task<Result<>> FindUser(const DeclaredUser& declared) {
        const std::string subject = "user " + declared.name;
        CO_TRY(co_await NeedAccessKey(subject, declared));
        CO_TRY(const auto there,
               IfThere(co_await target_.holders.Get(HolderKind::kUser, declared.name)));
        if (there) {
            CO_TRY(co_await FindSecret(subject, declared, *there));
            CompareEnabled(subject, *there, declared.enabled);
        } else {
            AddUser(subject, declared);
        }
        CO_TRY(co_await FindPoliciesOf(subject, {HolderKind::kUser, declared.name},
                                       there.has_value(), declared.policies));
        co_return co_await FindGroupsOf(subject, declared, there.has_value());
    }

    // That the access key with the user's name is the user's, or nobody's.
    Task<Result<>> NeedAccessKey(const std::string& subject, const DeclaredUser& declared) {
        if (declared.secret_key.empty()) co_return Ok();
        CO_TRY(const auto key, IfThere(co_await target_.access_keys.Get(declared.name)));
        if (key && key->user == declared.name && !key->service) co_return Ok();
        CO_TRY(const auto known, co_await target_.credentials.Find(declared.name, ""));
        if (key || known != nullptr)
            co_return Error(ErrorKind::kInvalid,
                            subject +
                                ": secret_key: the access key of that name is root's, a "
                                "service account's or another user's");
        co_return Ok();
    }

    void AddUser(const std::string& subject, const DeclaredUser& declared) {
        const bool enabled = declared.enabled.value_or(true);
        changes_.Add(
            subject, "", "", std::string(Word(enabled)),
            [&target = target_, name = declared.name, secret = declared.secret_key, enabled] {
                if (secret.empty())
                    return MakeHolder(target.holders, HolderKind::kUser, name, enabled);
                return target.access_keys.PutUser(name, secret, enabled);
            });
    }

    Task<Result<>> FindSecret(const std::string& subject, const DeclaredUser& declared,
                              const service::Holder& there) {
        if (declared.secret_key.empty()) co_return Ok();
        CO_TRY(const auto known, co_await target_.credentials.Find(declared.name, ""));
        if (known != nullptr &&
            codec::EqualInConstantTime(known->secret.Reveal(), declared.secret_key.Reveal()))
            co_return Ok();
        changes_.Add(subject, "secret_key", known == nullptr ? "" : "another", "as declared",
                     [&target = target_, name = declared.name, secret = declared.secret_key,
                      enabled = declared.enabled.value_or(there.enabled)] {
                         return target.access_keys.PutUser(name, secret, enabled);
                     });
        co_return Ok();
    }

    Task<Result<>> FindGroupsOf(const std::string& subject, const DeclaredUser& declared,
                                bool there) {
        if (!declared.groups) co_return Ok();
        for (const std::string& group : *declared.groups) {
            if (std::ranges::find(declared_.groups, group, &DeclaredGroup::name) !=
                declared_.groups.end())
                continue;
            CO_TRY(const auto known,
                   IfThere(co_await target_.holders.Get(HolderKind::kGroup, group)));
            if (!known)
                co_return Error(ErrorKind::kInvalid,
                                fmt::format("{}: there is no group \"{}\"; declare it under groups",
                                            subject, group));
        }
        Names before;
        if (there) {
            CO_TRY(before, co_await target_.holders.GroupsOf(declared.name));
        }
        changes_.Compare(
            subject, "groups", Joined(before), Joined(*declared.groups),
            [&target = target_, name = declared.name, join = Missing(*declared.groups, before),
             leave = Missing(before, *declared.groups)] {
                return SetGroups(target.holders, name, join, leave);
            });
        co_return Ok();
    }

    Target& target_;
    const Declaration& declared_;
    Changes changes_;
};

Task<Result<std::vector<Change>>> FindDifference(Target& target, Declaration declared) {
    Difference difference(target, declared);
    CO_TRY(co_await difference.Find());
    co_return difference.Take();
}

Task<Result<>> Apply(const std::vector<Change>& changes) {
    for (const Change& change : changes) {
        const Result<> applied = co_await change.apply();
        if (!applied) {
            const std::string place =
                change.aspect.empty() ? change.subject : change.subject + ": " + change.aspect;
            co_return applied.error().Wrap(place);
        }
        Log(LogLevel::kInfo, "changed as the bootstrap declares",
            {{"subject", change.subject}, {"aspect", change.aspect}});
    }
    co_return Ok();
}

}  // namespace

Task<Result<codec::JsonValue>> Reconcile(Target& target, Declaration declared, bool dry_run) {
    CO_TRY(const auto changes, co_await FindDifference(target, std::move(declared)));
    if (!dry_run) {
        CO_TRY(co_await Apply(changes));
    }
    codec::JsonValue::Array told;
    for (const Change& change : changes)
        told.emplace_back(codec::JsonValue::Object{{"subject", change.subject},
                                                   {"aspect", change.aspect},
                                                   {"before", change.before},
                                                   {"after", change.after}});
    co_return codec::JsonValue::Object{{"changes", std::move(told)}};
}

}  // namespace coffer::app::bootstrap
