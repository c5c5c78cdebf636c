// Objects::SetRetention and SetLegalHold.

#include <utility>

#include "coffer/catalog/versions.h"
#include "coffer/service/core.h"
#include "coffer/service/lock_rules.h"
#include "coffer/service/objects.h"
#include "coffer/service/versions.h"

namespace coffer::service {

Task<Result<>> Objects::SetRetention(RetentionRequest request) {
    const codec::LockAuthority authority{core_.clock.Now(), request.bypass_governance};
    co_return co_await core_.database.Write([&](db::Transaction& tx) -> Result<> {
        TRY(FoundVersion found, ResolveVersion(tx, request.object));
        TRY(core_.locks->Expect(tx, found.bucket));
        if (request.retention) {
            TRY(CheckRetainUntil(*request.retention, authority.now));
        }
        codec::ObjectLock& lock = found.version.headers.lock;
        TRY(codec::CheckRetentionChange(lock.retention, request.retention, authority));
        lock.retention = request.retention;
        TRY(catalog::ChangeHeaders(tx, found.version));
        TRY(core_.lifecycle->NoteChange(tx, found.bucket, found.version.key, authority.now));
        return core_.notifications->Note(tx, found.bucket, codec::ObjectEvent::kPutRetention,
                                         found.version, authority.now, request.origin);
    });
}

Task<Result<>> Objects::SetLegalHold(NamedObject object, bool on, Origin origin) {
    const Timestamp now = core_.clock.Now();
    co_return co_await core_.database.Write([&](db::Transaction& tx) -> Result<> {
        TRY(FoundVersion found, ResolveVersion(tx, object));
        TRY(core_.locks->Expect(tx, found.bucket));
        found.version.headers.lock.legal_hold = on;
        TRY(catalog::ChangeHeaders(tx, found.version));
        TRY(core_.lifecycle->NoteChange(tx, found.bucket, found.version.key, now));
        return core_.notifications->Note(tx, found.bucket, codec::ObjectEvent::kPutLegalHold,
                                         found.version, now, origin);
    });
}

}  // namespace coffer::service
