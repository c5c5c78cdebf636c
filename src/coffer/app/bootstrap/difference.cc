#include "coffer/app/bootstrap/difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "coffer/base/log.h"
#include "coffer/codec/constant_time.h"

namespace coffer::app::bootstrap {
namespace {

using service::HolderKind;
using service::HolderName;
using service::SettingKind;
using service::Versioning;
using Names = std::vector<std::string>;

// One step, told as Reconcile has it.
struct Change {
    std::string subject;
    std::string aspect;
    std::string before;
    std::string after;
    std::function<Task<Result<>>()> apply;
};

std::string Joined(const Names& names) {
    return fmt::format("{}", fmt::join(names, ", "));
}

// In `all` and not in `without`; both are in order.
Names Missing(const Names& all, const Names& without) {
    Names missing;
    std::ranges::set_difference(all, without, std::back_inserter(missing));
    return missing;
}

std::string_view Word(bool enabled) {
    return enabled ? "enabled" : "disabled";
}

std::string_view Word(Versioning versioning) {
    switch (versioning) {
        case Versioning::kUnversioned:
            return "";
        case Versioning::kEnabled:
            return "enabled";
        case Versioning::kSuspended:
            return "suspended";
    }
    return "";
}

// A policy is kept as it was sent: white space makes no difference.
std::string WithoutWhiteSpace(const std::string& document) {
    const auto json = codec::ParseJson(document);
    return json ? codec::WriteJson(json.value()) : document;
}

// What is there, or nothing where that was not found.
template <class T>
Result<std::optional<T>> IfThere(Result<T> found) {
    if (found) return std::optional<T>(std::move(found).value());
    if (found.error().kind() == ErrorKind::kNotFound) return std::optional<T>();
    return found.error();
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
            CO_TRY(co_await FindBucket(bucket));
        }
        co_return Ok();
    }

    std::vector<Change> Take() { return std::move(changes_); }

  private:
    using Step = std::function<Task<Result<>>()>;

    void Add(std::string subject, std::string aspect, std::string before, std::string after,
             Step apply) {
        changes_.push_back({std::move(subject), std::move(aspect), std::move(before),
                            std::move(after), std::move(apply)});
    }

    // Adds it only where something differs.
    void Compare(const std::string& subject, std::string aspect, std::string before,
                 std::string after, Step apply) {
        if (before != after)
            Add(subject, std::move(aspect), std::move(before), std::move(after), std::move(apply));
    }

    Task<Result<>> FindPolicy(const DeclaredPolicy& declared) {
        CO_TRY(const auto there, IfThere(co_await target_.policies.Get(declared.name)));
        const std::string before = there ? WithoutWhiteSpace(there->policy.document) : "";
        const std::string path = there ? there->policy.path : "/";
        Compare("policy " + declared.name, there ? "document" : "", before, declared.document,
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
        Compare(subject, "policies", Joined(before), Joined(*declared),
                [&target = target_, holder, attach = Missing(*declared, before),
                 detach = Missing(before, *declared)] {
                    return SetPolicies(target.policies, holder, attach, detach);
                });
        co_return Ok();
    }

    void CompareEnabled(const std::string& subject, const service::Holder& there,
                        const std::optional<bool>& declared) {
        if (!declared) return;
        Compare(subject, "state", std::string(Word(there.enabled)), std::string(Word(*declared)),
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
            Add(subject, "", "", std::string(Word(enabled)),
                [&target = target_, name = declared.name, enabled] {
                    return MakeHolder(target.holders, HolderKind::kGroup, name, enabled);
                });
        }
        co_return co_await FindPoliciesOf(subject, {HolderKind::kGroup, declared.name},
                                          there.has_value(), declared.policies);
    }

    Task<Result<>> FindUser(const DeclaredUser& declared) {
        const std::string subject = "user " + declared.name;
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

    void AddUser(const std::string& subject, const DeclaredUser& declared) {
        const bool enabled = declared.enabled.value_or(true);
        Add(subject, "", "", std::string(Word(enabled)),
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
        Add(subject, "secret_key", known == nullptr ? "" : "another", "as declared",
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
        Compare(subject, "groups", Joined(before), Joined(*declared.groups),
                [&target = target_, name = declared.name, join = Missing(*declared.groups, before),
                 leave = Missing(before, *declared.groups)] {
                    return SetGroups(target.holders, name, join, leave);
                });
        co_return Ok();
    }

    Task<Result<>> FindBucket(const DeclaredBucket& declared) {
        CO_TRY(const service::BucketName name, service::BucketName::Parse(declared.name));
        const std::string subject = "bucket " + declared.name;
        CO_TRY(const auto there, IfThere(co_await target_.buckets.Get(name)));
        if (!there)
            Add(subject, "", "", "made",
                [&target = target_, name] { return target.buckets.Create(name); });
        if (there && there->owner != catalog::kMainAccount)
            co_return Error(ErrorKind::kInvalid, subject + ": it is another account's");
        const service::BucketInfo before = there.value_or(service::BucketInfo());
        if (declared.versioning)
            Compare(subject, "versioning", std::string(Word(before.versioning)),
                    std::string(Word(*declared.versioning)),
                    [&target = target_, name, wanted = *declared.versioning] {
                        return target.buckets.SetVersioning(name, wanted);
                    });
        if (declared.quota_bytes)
            Compare(subject, "quota", QuotaText(before.quota_bytes),
                    QuotaText(*declared.quota_bytes),
                    [&target = target_, name, wanted = *declared.quota_bytes] {
                        return target.buckets.SetQuota(name, wanted);
                    });
        CO_TRY(co_await FindObjectLock(subject, name, there.has_value(), declared));
        CO_TRY(co_await FindBucketPolicy(subject, name, there.has_value(), declared));
        CO_TRY(co_await FindLifecycle(subject, name, there.has_value(), declared));
        CO_TRY(co_await FindNotifications(subject, name, there.has_value(), declared));
        for (const auto& [kind, document] : declared.documents) {
            CO_TRY(co_await FindDocument(subject, name, there.has_value(), kind, document));
        }
        co_return Ok();
    }

    static std::string QuotaText(uint64_t bytes) {
        return bytes == 0 ? "" : fmt::format("{} bytes", bytes);
    }

    // Empty where it is not set.
    Task<Result<std::string>> Kept(service::BucketName name, bool there, SettingKind kind) {
        if (!there) co_return std::string();
        CO_TRY(const auto setting, co_await target_.buckets.GetSetting(std::move(name), kind));
        co_return setting ? setting->document : std::string();
    }

    Task<Result<>> FindObjectLock(const std::string& subject, service::BucketName name, bool there,
                                  const DeclaredBucket& declared) {
        if (!declared.object_lock) co_return Ok();
        CO_TRY(std::string before, co_await Kept(name, there, SettingKind::kObjectLock));
        Compare(subject, "object_lock", std::move(before),
                codec::WriteObjectLockConfiguration(*declared.object_lock),
                [&target = target_, name, wanted = *declared.object_lock] {
                    return target.buckets.SetObjectLock(name, wanted);
                });
        co_return Ok();
    }

    Task<Result<>> FindBucketPolicy(const std::string& subject, service::BucketName name,
                                    bool there, const DeclaredBucket& declared) {
        if (!declared.policy) co_return Ok();
        CO_TRY(const std::string before, co_await Kept(name, there, SettingKind::kPolicy));
        Compare(subject, "policy", WithoutWhiteSpace(before), *declared.policy,
                [&target = target_, name, policy = *declared.policy] {
                    if (policy.empty())
                        return target.buckets.DeleteSetting(name, SettingKind::kPolicy);
                    return target.access.PutPolicy(name, policy);
                });
        co_return Ok();
    }

    // A rule without an id gets one when it is kept; one that differs in nothing else keeps that.
    template <class Rule>
    static void TakeIds(std::vector<Rule>& rules, const std::vector<Rule>& kept) {
        for (size_t i = 0; i < rules.size() && i < kept.size(); ++i) {
            const bool taken = std::ranges::find(rules, kept[i].id, &Rule::id) != rules.end();
            if (!rules[i].id.empty() || taken) continue;
            Rule other = kept[i];
            other.id.clear();
            if (other == rules[i]) rules[i].id = kept[i].id;
        }
    }

    Task<Result<>> FindLifecycle(const std::string& subject, service::BucketName name, bool there,
                                 const DeclaredBucket& declared) {
        if (!declared.lifecycle) co_return Ok();
        CO_TRY(std::string before, co_await Kept(name, there, SettingKind::kLifecycle));
        auto rules = *declared.lifecycle;
        if (!before.empty()) {
            CO_TRY(const auto kept, codec::ParseLifecycle(before));
            TakeIds(rules, kept);
        }
        std::string after = rules.empty() ? std::string() : codec::WriteLifecycle(rules);
        Compare(subject, "lifecycle", std::move(before), std::move(after),
                [&target = target_, name, rules] {
                    if (rules.empty()) return target.buckets.DeleteLifecycle(name);
                    return target.buckets.SetLifecycle(name, rules);
                });
        co_return Ok();
    }

    Task<Result<>> FindNotifications(const std::string& subject, service::BucketName name,
                                     bool there, const DeclaredBucket& declared) {
        if (!declared.notifications) co_return Ok();
        CO_TRY(std::string before, co_await Kept(name, there, SettingKind::kNotification));
        auto rules = *declared.notifications;
        if (const auto known = codec::CheckTargets(rules, target_.webhooks, target_.region); !known)
            co_return Error(
                ErrorKind::kInvalid,
                fmt::format("{}: notifications: {} The server has {}.", subject,
                            known.error().message(),
                            target_.webhooks.empty() ? "no webhooks: declare them under webhooks"
                                                     : "the webhooks " + Joined(target_.webhooks)));
        if (!before.empty()) {
            CO_TRY(const auto kept, codec::ParseNotification(before));
            TakeIds(rules, kept);
        }
        std::string after = rules.empty() ? std::string() : codec::WriteNotification(rules);
        Compare(subject, "notifications", std::move(before), std::move(after),
                [&target = target_, name, rules] {
                    return target.buckets.SetNotification(name, rules);
                });
        co_return Ok();
    }

    Task<Result<>> FindDocument(const std::string& subject, service::BucketName name, bool there,
                                SettingKind kind, const std::string& document) {
        CO_TRY(std::string before, co_await Kept(name, there, kind));
        Compare(subject, std::string(catalog::SettingName(kind)), std::move(before), document,
                [&target = target_, name, kind, document] {
                    if (document.empty()) return target.buckets.DeleteSetting(name, kind);
                    return target.buckets.PutSetting(name, kind, document);
                });
        co_return Ok();
    }

    Target& target_;
    const Declaration& declared_;
    std::vector<Change> changes_;
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
