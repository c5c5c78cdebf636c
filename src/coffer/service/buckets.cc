#include "coffer/service/buckets.h"

#include <array>
#include <utility>

#include "coffer/base/random.h"
#include "coffer/catalog/buckets.h"
#include "coffer/catalog/lifecycle_due.h"
#include "coffer/catalog/uploads.h"
#include "coffer/codec/hex.h"
#include "coffer/service/bucket_directories.h"
#include "coffer/service/core.h"
#include "coffer/service/listeners.h"
#include "coffer/service/reclaimer.h"
#include "coffer/service/versions.h"

namespace coffer::service {
namespace {

Error NotEmpty(const BucketName& name) {
    return Error(ErrorKind::kConflict, "BucketNotEmpty",
                 "the bucket '" + name.text() + "' is not empty");
}

BucketInfo ToInfo(const catalog::Bucket& bucket) {
    return {bucket.name, bucket.created, bucket.versioning, bucket.quota_bytes, bucket.owner};
}

// Aborts what clients left unfinished: in S3 it does not keep a bucket from being deleted.
Result<> DeleteUploads(db::Transaction& tx, catalog::BucketId bucket) {
    std::vector<catalog::ContentId> uploads;
    do {
        uploads.clear();
        TRY(catalog::ScanUploads(tx, {.bucket = bucket, .key = "", .id = catalog::ContentId(-1)},
                                 [&](const catalog::Upload& upload) {
                                     uploads.push_back(upload.id);
                                     return true;
                                 }));
        for (const catalog::ContentId upload : uploads) {
            TRY(catalog::DeleteContent(tx, upload));
        }
    } while (!uploads.empty());
    return Ok();
}

Result<catalog::Bucket> FindEmpty(db::Transaction& tx, const BucketName& name,
                                  const std::optional<Grounds>& grounds) {
    TRY(catalog::Bucket bucket, FindSameBucket(tx, name, grounds));
    TRY(const bool empty, catalog::IsBucketEmpty(tx, bucket.id));
    if (!empty) return NotEmpty(name);
    return bucket;
}

std::string NewRuleId() {
    std::array<std::byte, 16> random;
    FillRandom(random);
    return codec::ToHex(random);
}

// Why there can't be another bucket of that name.
Error Exists(const catalog::Bucket& bucket, std::string_view asker) {
    if (bucket.owner != asker)
        return Error(ErrorKind::kAlreadyExists, "BucketAlreadyExists",
                     "the name '" + bucket.name + "' is taken by another account's bucket");
    return Error(ErrorKind::kAlreadyExists, "BucketAlreadyOwnedByYou",
                 "there is a bucket '" + bucket.name + "', and it is yours");
}

Result<> GiveOwnershipAndAcl(const Core& core, db::Transaction& tx, catalog::Bucket& bucket,
                             const InitialSettings& settings, Timestamp now) {
    if (settings.ownership) {
        TRY(core.acls->PutOwnership(tx, bucket, *settings.ownership, now));
    }
    if (!settings.acl.asks()) return Ok();
    // As it is made, a bucket may also have an ACL that changes nothing.
    const bool without = settings.ownership.value_or(codec::Ownership::kBucketOwnerEnforced) ==
                         codec::Ownership::kBucketOwnerEnforced;
    if (without && settings.acl.canned == codec::CannedAcl::kPrivate) return Ok();
    const Result<> put = core.acls->PutBucketAcl(tx, bucket, settings.acl, now);
    if (put || !without) return put;
    return Error(ErrorKind::kInvalid, "InvalidBucketAclWithObjectOwnership",
                 "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting");
}

Result<> InsertWithSettings(const Core& core, db::Transaction& tx, const BucketName& name,
                            const InitialSettings& settings, Timestamp now) {
    const Result<catalog::Bucket> known = catalog::FindBucket(tx, name.text());
    if (known) return Exists(known.value(), settings.owner);
    if (known.error().kind() != ErrorKind::kNotFound) return known.error();
    TRY(catalog::Bucket bucket, catalog::InsertBucket(tx, name.text(), now, settings.owner));
    if (settings.versioning != Versioning::kUnversioned) {
        bucket.versioning = settings.versioning;
        TRY(catalog::ChangeBucket(tx, bucket));
    }
    for (const auto& [kind, document] : settings.documents) {
        TRY(catalog::PutBucketSetting(tx, bucket, kind, {document, now}));
    }
    return GiveOwnershipAndAcl(core, tx, bucket, settings, now);
}

}  // namespace

Task<Result<>> Buckets::Create(BucketName name, InitialSettings settings) {
    if (!settings.ownership && ownership_ != codec::Ownership::kBucketOwnerEnforced)
        settings.ownership = ownership_;
    const Timestamp now = core_.clock.Now();
    co_return co_await core_.database.Write(
        [&](db::Transaction& tx) { return InsertWithSettings(core_, tx, name, settings, now); });
}

Task<Result<BucketInfo>> Buckets::Get(BucketName name) {
    const auto find = [&](db::Transaction& tx) { return catalog::FindBucket(tx, name.text()); };
    CO_TRY(const catalog::Bucket bucket, co_await core_.database.Read(db::Cost::kPoint, find));
    co_return ToInfo(bucket);
}

Task<Result<>> Buckets::Delete(BucketName name, std::optional<Grounds> grounds) {
    const auto find = [&](db::Transaction& tx) { return FindEmpty(tx, name, grounds); };
    CO_TRY(co_await core_.database.Read(db::Cost::kPoint, find));
    // Before the row: a crash in between leaves the bucket, and not a directory that makes it
    // again.
    CO_TRY(core_.directories.Remove(name.text()));
    CO_TRY(co_await core_.database.Write(
        [&](db::Transaction& tx) -> Result<> {
            TRY(const catalog::Bucket bucket, FindEmpty(tx, name, grounds));
            TRY(DeleteUploads(tx, bucket.id));
            TRY(catalog::DeleteBucket(tx, bucket.id));
            // Before anybody can have the name again. Who is ended in vain listens anew.
            core_.notifications->listeners().EndBucket(name.text());
            return Ok();
        },
        db::Purpose::kFreesSpace));
    core_.reclaimer.Wake();
    co_return Ok();
}

Task<Result<>> Buckets::SetVersioning(BucketName name, Versioning versioning) {
    if (versioning == Versioning::kUnversioned)
        co_return Error(ErrorKind::kInvalid, "a bucket's versioning can't be unset");
    co_return co_await core_.database.Write([&](db::Transaction& tx) -> Result<> {
        TRY(catalog::Bucket bucket, catalog::FindBucket(tx, name.text()));
        if (bucket.versioning == versioning) return Ok();
        TRY(const auto lock, catalog::FindBucketSetting(tx, bucket, SettingKind::kObjectLock));
        if (lock) {
            return Error(ErrorKind::kConflict, "InvalidBucketState",
                         "An Object Lock configuration is present on this bucket, so the "
                         "versioning state cannot be changed.");
        }
        bucket.versioning = versioning;
        return catalog::ChangeBucket(tx, bucket);
    });
}

Task<Result<>> Buckets::SetObjectLock(BucketName name,
                                      codec::ObjectLockConfiguration configuration) {
    const catalog::BucketSetting setting{codec::WriteObjectLockConfiguration(configuration),
                                         core_.clock.Now()};
    co_return co_await core_.database.Write([&](db::Transaction& tx) -> Result<> {
        TRY(catalog::Bucket bucket, catalog::FindBucket(tx, name.text()));
        if (bucket.versioning != Versioning::kEnabled) {
            return Error(ErrorKind::kConflict, "InvalidBucketState",
                         "Versioning must be 'Enabled' on the bucket to apply a Object Lock "
                         "configuration");
        }
        return catalog::PutBucketSetting(tx, bucket, SettingKind::kObjectLock, setting);
    });
}

Task<Result<>> Buckets::SetLifecycle(BucketName name, std::vector<codec::LifecycleRule> rules) {
    for (codec::LifecycleRule& rule : rules)
        if (rule.id.empty()) rule.id = NewRuleId();
    const catalog::BucketSetting setting{codec::WriteLifecycle(rules), core_.clock.Now()};
    co_return co_await core_.database.Write([&](db::Transaction& tx) -> Result<> {
        TRY(catalog::Bucket bucket, catalog::FindBucket(tx, name.text()));
        TRY(catalog::PutBucketSetting(tx, bucket, SettingKind::kLifecycle, setting));
        return catalog::BeginWalk(tx, bucket.id);
    });
}

Task<Result<>> Buckets::DeleteLifecycle(BucketName name) {
    co_return co_await core_.database.Write(
        [&](db::Transaction& tx) -> Result<> {
            TRY(catalog::Bucket bucket, catalog::FindBucket(tx, name.text()));
            TRY(catalog::DeleteBucketSetting(tx, bucket, SettingKind::kLifecycle));
            return catalog::BeginWalk(tx, bucket.id);
        },
        db::Purpose::kFreesSpace);
}

Task<Result<codec::Acl>> Buckets::GetAcl(BucketName name) {
    co_return co_await core_.database.Read(
        db::Cost::kPoint, [&](db::Transaction& tx) -> Result<codec::Acl> {
            TRY(const catalog::Bucket bucket, catalog::FindBucket(tx, name.text()));
            TRY(const AclRules::Rules rules, core_.acls->Read(tx, bucket));
            if (rules.has_acls() && rules.acl != nullptr) return *rules.acl;
            return codec::PrivateAcl(bucket.owner);
        });
}

Task<Result<>> Buckets::SetAcl(BucketName name, AclRequest request) {
    const Timestamp now = core_.clock.Now();
    co_return co_await core_.database.Write([&](db::Transaction& tx) -> Result<> {
        TRY(catalog::Bucket bucket, catalog::FindBucket(tx, name.text()));
        return core_.acls->PutBucketAcl(tx, bucket, request, now);
    });
}

Task<Result<>> Buckets::SetOwnership(BucketName name, codec::Ownership ownership) {
    const Timestamp now = core_.clock.Now();
    co_return co_await core_.database.Write([&](db::Transaction& tx) -> Result<> {
        TRY(catalog::Bucket bucket, catalog::FindBucket(tx, name.text()));
        return core_.acls->PutOwnership(tx, bucket, ownership, now);
    });
}

Task<Result<>> Buckets::SetQuota(BucketName name, uint64_t quota_bytes) {
    co_return co_await core_.database.Write([&](db::Transaction& tx) -> Result<> {
        TRY(catalog::Bucket bucket, catalog::FindBucket(tx, name.text()));
        if (bucket.quota_bytes == quota_bytes) return Ok();
        bucket.quota_bytes = quota_bytes;
        return catalog::ChangeBucket(tx, bucket);
    });
}

Task<Result<>> Buckets::SetNotification(BucketName name,
                                        std::vector<codec::NotificationRule> rules) {
    if (rules.empty()) co_return co_await DeleteSetting(name, SettingKind::kNotification);
    for (codec::NotificationRule& rule : rules)
        if (rule.id.empty()) rule.id = NewRuleId();
    co_return co_await PutSetting(name, SettingKind::kNotification,
                                  codec::WriteNotification(rules));
}

Task<Result<std::unique_ptr<EventListener>>> Buckets::Listen(ListenRequest request,
                                                             std::optional<Grounds> grounds) {
    const std::string bucket = request.bucket;
    CO_TRY(auto listener, core_.notifications->listeners().Add(std::move(request)));
    if (bucket.empty()) co_return listener;
    // Looked for once it listens, in turn with deletions: of one that comes later EndBucket ends
    // it.
    const auto find = [&](db::Transaction& tx) { return catalog::FindBucket(tx, bucket); };
    CO_TRY(const catalog::Bucket row, co_await core_.database.Write(find));
    CO_TRY(Expect(grounds, row));
    co_return listener;
}

Task<Result<std::optional<catalog::BucketSetting>>> Buckets::GetSetting(BucketName name,
                                                                        SettingKind kind) {
    using Setting = std::optional<catalog::BucketSetting>;
    co_return co_await core_.database.Read(
        db::Cost::kPoint, [&](db::Transaction& tx) -> Result<Setting> {
            TRY(const catalog::Bucket bucket, catalog::FindBucket(tx, name.text()));
            return catalog::FindBucketSetting(tx, bucket, kind);
        });
}

Task<Result<>> Buckets::PutSetting(BucketName name, SettingKind kind, std::string document) {
    const catalog::BucketSetting setting{std::move(document), core_.clock.Now()};
    co_return co_await core_.database.Write([&](db::Transaction& tx) -> Result<> {
        TRY(catalog::Bucket bucket, catalog::FindBucket(tx, name.text()));
        return catalog::PutBucketSetting(tx, bucket, kind, setting);
    });
}

Task<Result<>> Buckets::DeleteSetting(BucketName name, SettingKind kind) {
    co_return co_await core_.database.Write(
        [&](db::Transaction& tx) -> Result<> {
            TRY(catalog::Bucket bucket, catalog::FindBucket(tx, name.text()));
            return catalog::DeleteBucketSetting(tx, bucket, kind);
        },
        db::Purpose::kFreesSpace);
}

Task<Result<ListBucketsResult>> Buckets::List(ListBucketsRequest request) {
    CO_TRY(const std::vector<catalog::Bucket> buckets,
           co_await core_.database.Read(db::Cost::kScan, [&](db::Transaction& tx) {
               return catalog::ListBucketsOf(tx, request.owner, request.prefix, request.after,
                                             request.limit + 1);
           }));
    ListBucketsResult result;
    for (const catalog::Bucket& bucket : buckets) {
        if (result.buckets.size() == request.limit) {
            result.truncated = true;
            break;
        }
        result.buckets.push_back(ToInfo(bucket));
    }
    co_return result;
}

}  // namespace coffer::service
