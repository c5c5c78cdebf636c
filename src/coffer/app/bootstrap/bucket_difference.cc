#include "coffer/app/bootstrap/bucket_difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace coffer::app::bootstrap {
namespace {

using service::SettingKind;
using service::Versioning;

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

std::string QuotaText(uint64_t bytes) {
    return bytes == 0 ? "" : fmt::format("{} bytes", bytes);
}

// A rule without an id gets one when it is kept; one that differs in nothing else keeps that.
template <class Rule>
void TakeIds(std::vector<Rule>& rules, const std::vector<Rule>& kept) {
    for (size_t i = 0; i < rules.size() && i < kept.size(); ++i) {
        const bool taken = std::ranges::find(rules, kept[i].id, &Rule::id) != rules.end();
        if (!rules[i].id.empty() || taken) continue;
        Rule other = kept[i];
        other.id.clear();
        if (other == rules[i]) rules[i].id = kept[i].id;
    }
}

class BucketDifference {
  public:
    BucketDifference(Target& target, service::BucketName name, const DeclaredBucket& declared,
                     std::span<const std::string> webhooks, Changes& changes)
        : target_(target),
          name_(std::move(name)),
          subject_("bucket " + declared.name),
          declared_(declared),
          webhooks_(webhooks),
          changes_(changes) {}

    Task<Result<>> Find() {
        CO_TRY(const auto there, IfThere(co_await target_.buckets.Get(name_)));
        there_ = there.has_value();
        if (!there_)
            changes_.Add(subject_, "", "", "made",
                         [&target = target_, name = name_] { return target.buckets.Create(name); });
        if (there && there->owner != catalog::kMainAccount)
            co_return Error(ErrorKind::kInvalid, subject_ + ": it is another account's");
        const service::BucketInfo before = there.value_or(service::BucketInfo());
        if (declared_.versioning)
            changes_.Compare(subject_, "versioning", std::string(Word(before.versioning)),
                             std::string(Word(*declared_.versioning)),
                             [&target = target_, name = name_, wanted = *declared_.versioning] {
                                 return target.buckets.SetVersioning(name, wanted);
                             });
        if (declared_.quota_bytes)
            changes_.Compare(subject_, "quota", QuotaText(before.quota_bytes),
                             QuotaText(*declared_.quota_bytes),
                             [&target = target_, name = name_, wanted = *declared_.quota_bytes] {
                                 return target.buckets.SetQuota(name, wanted);
                             });
        CO_TRY(co_await FindObjectLock());
        CO_TRY(co_await FindBucketPolicy());
        CO_TRY(co_await FindLifecycle());
        CO_TRY(co_await FindNotifications());
        for (const auto& [kind, document] : declared_.documents) {
            CO_TRY(co_await FindDocument(kind, document));
        }
        co_return Ok();
    }

  private:
    // Empty where it is not set.
    Task<Result<std::string>> Kept(SettingKind kind) {
        if (!there_) co_return std::string();
        CO_TRY(const auto setting, co_await target_.buckets.GetSetting(name_, kind));
        co_return setting ? setting->document : std::string();
    }

    Task<Result<>> FindObjectLock() {
        if (!declared_.object_lock) co_return Ok();
        CO_TRY(std::string before, co_await Kept(SettingKind::kObjectLock));
        // That it is enabled takes no default retention away.
        if (!declared_.object_lock->default_retention && !before.empty()) co_return Ok();
        changes_.Compare(subject_, "object_lock", std::move(before),
                         codec::WriteObjectLockConfiguration(*declared_.object_lock),
                         [&target = target_, name = name_, wanted = *declared_.object_lock] {
                             return target.buckets.SetObjectLock(name, wanted);
                         });
        co_return Ok();
    }

    Task<Result<>> FindBucketPolicy() {
        if (!declared_.policy) co_return Ok();
        CO_TRY(const std::string before, co_await Kept(SettingKind::kPolicy));
        changes_.Compare(subject_, "policy", WithoutWhiteSpace(before), *declared_.policy,
                         [&target = target_, name = name_, policy = *declared_.policy] {
                             if (policy.empty())
                                 return target.buckets.DeleteSetting(name, SettingKind::kPolicy);
                             return target.access.PutPolicy(name, policy);
                         });
        co_return Ok();
    }

    Task<Result<>> FindLifecycle() {
        if (!declared_.lifecycle) co_return Ok();
        CO_TRY(std::string before, co_await Kept(SettingKind::kLifecycle));
        auto rules = *declared_.lifecycle;
        if (!before.empty()) {
            CO_TRY(const auto kept, codec::ParseLifecycle(before));
            TakeIds(rules, kept);
        }
        std::string after = rules.empty() ? std::string() : codec::WriteLifecycle(rules);
        changes_.Compare(subject_, "lifecycle", std::move(before), std::move(after),
                         [&target = target_, name = name_, rules] {
                             if (rules.empty()) return target.buckets.DeleteLifecycle(name);
                             return target.buckets.SetLifecycle(name, rules);
                         });
        co_return Ok();
    }

    Task<Result<>> FindNotifications() {
        if (!declared_.notifications) co_return Ok();
        CO_TRY(std::string before, co_await Kept(SettingKind::kNotification));
        auto rules = *declared_.notifications;
        if (const auto known = codec::CheckTargets(rules, target_.webhooks, target_.region); !known)
            co_return Error(ErrorKind::kInvalid,
                            fmt::format("{}: notifications: {} {}.", subject_,
                                        known.error().message(), WhyUnknown(rules)));
        if (!before.empty()) {
            CO_TRY(const auto kept, codec::ParseNotification(before));
            TakeIds(rules, kept);
        }
        std::string after = rules.empty() ? std::string() : codec::WriteNotification(rules);
        changes_.Compare(subject_, "notifications", std::move(before), std::move(after),
                         [&target = target_, name = name_, rules] {
                             return target.buckets.SetNotification(name, rules);
                         });
        co_return Ok();
    }

    std::string WhyUnknown(std::span<const codec::NotificationRule> rules) const {
        const auto is_among = [](const auto& ids, const std::string& id) {
            return std::ranges::find(ids, id) != ids.end();
        };
        for (const codec::NotificationRule& rule : rules) {
            const std::string& id = rule.target.id;
            if (is_among(target_.webhooks, id)) continue;
            if (const auto off = target_.webhooks_off.find(id); off != target_.webhooks_off.end())
                return fmt::format(
                    "The webhook {} is off by {}, which a server reads when it starts", id,
                    off->second);
            if (is_among(webhooks_, id))
                return fmt::format(
                    "The webhook {} is declared, but the running server takes webhooks only when "
                    "it starts: restart it with this file",
                    id);
        }
        if (target_.webhooks.empty())
            return "The server has no webhooks: declare them under webhooks";
        return fmt::format("The server has the webhooks {}", Joined(target_.webhooks));
    }

    Task<Result<>> FindDocument(SettingKind kind, const std::string& document) {
        CO_TRY(std::string before, co_await Kept(kind));
        changes_.Compare(subject_, std::string(catalog::SettingName(kind)), std::move(before),
                         document, [&target = target_, name = name_, kind, document] {
                             if (document.empty()) return target.buckets.DeleteSetting(name, kind);
                             return target.buckets.PutSetting(name, kind, document);
                         });
        co_return Ok();
    }

    Target& target_;
    const service::BucketName name_;
    const std::string subject_;
    const DeclaredBucket& declared_;
    const std::span<const std::string> webhooks_;
    Changes& changes_;
    bool there_ = false;
};

}  // namespace

Task<Result<>> FindBucketChanges(Target& target, const DeclaredBucket& declared,
                                 std::span<const std::string> webhooks, Changes& changes) {
    CO_TRY(service::BucketName name, service::BucketName::Parse(declared.name));
    BucketDifference difference(target, std::move(name), declared, webhooks, changes);
    co_return co_await difference.Find();
}

}  // namespace coffer::app::bootstrap
