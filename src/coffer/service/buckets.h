// Buckets: make, find, list, delete; and what is set for them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "coffer/codec/lifecycle.h"
#include "coffer/codec/notification.h"
#include "coffer/runtime/task.h"
#include "coffer/service/acl_rules.h"
#include "coffer/service/grounds.h"
#include "coffer/service/types.h"

namespace coffer::service {

class EventListener;
struct Core;
struct ListenRequest;

struct BucketInfo {
    std::string name;
    Timestamp created;
    Versioning versioning = Versioning::kUnversioned;
    uint64_t quota_bytes = 0;  // 0: none
    std::string owner;         // the id of the account whose it is
};

// What a bucket is made with.
struct InitialSettings {
    std::string owner{catalog::kMainAccount};  // the account whose it is
    Versioning versioning = Versioning::kUnversioned;
    std::vector<std::pair<SettingKind, std::string>> documents;
    std::optional<codec::Ownership> ownership;  // nothing: as Buckets has it
    AclRequest acl;
};

struct ListBucketsRequest {
    std::string owner;  // whose
    std::string prefix;
    std::string after;  // exclusive
    size_t limit = 10'000;
};

struct ListBucketsResult {
    std::vector<BucketInfo> buckets;
    bool truncated = false;
};

// Any thread may call it. Every change is durable when it returns.
class Buckets {
  public:
    // `ownership`: of new buckets whose settings do not say it.
    explicit Buckets(Core& core,
                     codec::Ownership ownership = codec::Ownership::kBucketOwnerEnforced)
        : core_(core), ownership_(ownership) {}

    // kAlreadyExists "BucketAlreadyOwnedByYou", or "BucketAlreadyExists" where it is another
    // account's. kInvalid "InvalidBucketAclWithObjectOwnership" where it is made without ACLs, and
    // with one.
    Task<Result<>> Create(BucketName name, InitialSettings settings = {});

    // kNotFound "NoSuchBucket".
    Task<Result<BucketInfo>> Get(BucketName name);

    // kNotFound "NoSuchBucket", also where it is not the bucket of `grounds`, of which nothing else
    // counts; kConflict "BucketNotEmpty" where it holds a version or an unfinished upload's object.
    Task<Result<>> Delete(BucketName name, std::optional<Grounds> grounds = std::nullopt);

    // In byte order of their names.
    Task<Result<ListBucketsResult>> List(ListBucketsRequest request);

    // Versioning, once it is enabled, can only be suspended and enabled again: kInvalid for
    // kUnversioned. kConflict "InvalidBucketState": suspended, where object lock is enabled.
    // "NoSuchBucket".
    Task<Result<>> SetVersioning(BucketName name, Versioning versioning);

    // Enables object lock, for good, and says what new versions get by default. kConflict
    // "InvalidBucketState" where versioning is not enabled; "NoSuchBucket".
    Task<Result<>> SetObjectLock(BucketName name, codec::ObjectLockConfiguration configuration);

    // Sets the lifecycle rules, each with an id of its own where it has none. What is there is
    // judged by them from then on, in the background. "NoSuchBucket".
    Task<Result<>> SetLifecycle(BucketName name, std::vector<codec::LifecycleRule> rules);
    Task<Result<>> DeleteLifecycle(BucketName name);

    // The bucket's own ACL; without ACLs, and where none was set, it is private. SetAcl: the errors
    // of AclRules::PutBucketAcl. SetOwnership: of AclRules::PutOwnership. "NoSuchBucket".
    Task<Result<codec::Acl>> GetAcl(BucketName name);
    Task<Result<>> SetAcl(BucketName name, AclRequest request);
    Task<Result<>> SetOwnership(BucketName name, codec::Ownership ownership);

    // The most that all versions of a bucket may hold together; 0: no limit. What is there already
    // stays, and may be read and deleted; see QuotaExceeded in versions.h. "NoSuchBucket".
    Task<Result<>> SetQuota(BucketName name, uint64_t quota_bytes);

    // Sets what is told of the bucket's objects from now on, in place of what was told; each rule
    // gets an id of its own where it has none. No rules: nothing is told. "NoSuchBucket".
    Task<Result<>> SetNotification(BucketName name, std::vector<codec::NotificationRule> rules);

    // Has a client told what happens, as it happens (listeners.h), until the bucket is deleted.
    // kBusy: too many listen already; "NoSuchBucket"; kConflict "OperationAborted" where it is not
    // the bucket of which `grounds` allowed it.
    Task<Result<std::unique_ptr<EventListener>>> Listen(ListenRequest request,
                                                        std::optional<Grounds> grounds);

    // A setting's document as it was put; nothing where it is not set. What it says is checked by
    // whoever puts it. "NoSuchBucket".
    Task<Result<std::optional<catalog::BucketSetting>>> GetSetting(BucketName name,
                                                                   SettingKind kind);
    Task<Result<>> PutSetting(BucketName name, SettingKind kind, std::string document);

    // Deleting what is not set succeeds.
    Task<Result<>> DeleteSetting(BucketName name, SettingKind kind);

  private:
    Core& core_;
    const codec::Ownership ownership_;
};

}  // namespace coffer::service
