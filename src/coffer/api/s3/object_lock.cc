// Get… and PutObjectLockConfiguration, Get… and PutObjectRetention, Get… and PutObjectLegalHold.
#include "coffer/api/s3/object_lock.h"

#include "coffer/api/s3/authorize.h"
#include "coffer/api/s3/bucket_setting.h"
#include "coffer/api/s3/content.h"
#include "coffer/api/s3/find_object.h"
#include "coffer/api/s3/lock_values.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/parameters.h"
#include "coffer/api/s3/reply.h"
#include "coffer/service/lock_rules.h"

namespace coffer::api::s3 {
namespace {

using service::SettingKind;

// What locks the object that a request names; an error where nothing can, or does not.
Task<Result<codec::ObjectLock>> ReadLock(Call& call, codec::ObjectEvent event) {
    service::GetRequest get{.bucket = call.bucket(), .key = call.key()};
    get.event = event;
    get.origin = call.origin;
    get.with_body = false;
    get.with_key = false;
    CO_TRY(get.version_id, ParseVersionId(call.request));
    CO_TRY(auto result, co_await FindObject(call, std::move(get)));
    co_return result.info.headers.lock;
}

// Why there is nothing to tell of an object's lock.
Task<Error> NoLock(const Call& call) {
    const auto setting =
        co_await call.dependencies.buckets.GetSetting(call.bucket(), SettingKind::kObjectLock);
    if (!setting) co_return setting.error();
    if (!setting.value()) co_return service::NoLockConfiguration();
    co_return Error(ErrorKind::kNotFound, "NoSuchObjectLockConfiguration",
                    "The specified object does not have a ObjectLock configuration");
}

// Asks whether the object may be given the lock of a document.
Task<Result<service::Grounds>> JudgeLock(const Call& call, codec::ObjectLock lock,
                                         std::string_view action,
                                         const service::NamedObject& object) {
    LockValues values(call.values, lock, call.dependencies.clock.Now());
    co_return co_await JudgeDocument(call, action, object, values);
}

}  // namespace

Task<Reply> GetObjectLockConfiguration(Call& call) {
    CO_TRY(auto setting, co_await GetSetting(call, SettingKind::kObjectLock,
                                             Error(ErrorKind::kNotFound,
                                                   "ObjectLockConfigurationNotFoundError", "")));
    co_return XmlReply(std::move(setting.document));
}

Task<Reply> PutObjectLockConfiguration(Call& call) {
    CO_TRY(const std::string document, co_await ReadDocument(call, kMaxConfigurationBytes));
    CO_TRY(auto configuration, codec::ParseObjectLockConfiguration(document));
    CO_TRY(co_await call.dependencies.buckets.SetObjectLock(call.bucket(), configuration));
    co_return EmptyReply(200);
}

Task<Reply> GetObjectRetention(Call& call) {
    CO_TRY(const codec::ObjectLock lock,
           co_await ReadLock(call, codec::ObjectEvent::kGetRetention));
    if (!lock.retention) co_return co_await NoLock(call);
    co_return XmlReply(codec::WriteRetention(*lock.retention));
}

Task<Reply> PutObjectRetention(Call& call) {
    CO_TRY(auto object, NamedBy(call));
    CO_TRY(const std::string document, co_await ReadDocument(call, kMaxConfigurationBytes));
    CO_TRY(const auto retention, codec::ParseRetention(document));
    CO_TRY(object.grounds,
           co_await JudgeLock(call, {.retention = retention}, "s3:PutObjectRetention", object));
    const bool bypass = co_await MayBypassGovernance(call, call.key().bytes(), object.version_id,
                                                     {.retention = retention});
    CO_TRY(co_await call.dependencies.objects.SetRetention({.object = std::move(object),
                                                            .retention = retention,
                                                            .bypass_governance = bypass,
                                                            .origin = call.origin}));
    co_return EmptyReply(200);
}

Task<Reply> GetObjectLegalHold(Call& call) {
    CO_TRY(const codec::ObjectLock lock,
           co_await ReadLock(call, codec::ObjectEvent::kGetLegalHold));
    if (!lock.legal_hold) co_return co_await NoLock(call);
    co_return XmlReply(codec::WriteLegalHold(*lock.legal_hold));
}

Task<Reply> PutObjectLegalHold(Call& call) {
    CO_TRY(auto object, NamedBy(call));
    CO_TRY(const std::string document, co_await ReadDocument(call, kMaxConfigurationBytes));
    CO_TRY(const bool on, codec::ParseLegalHold(document));
    CO_TRY(object.grounds,
           co_await JudgeLock(call, {.legal_hold = on}, "s3:PutObjectLegalHold", object));
    CO_TRY(co_await call.dependencies.objects.SetLegalHold(std::move(object), on, call.origin));
    co_return EmptyReply(200);
}

}  // namespace coffer::api::s3
