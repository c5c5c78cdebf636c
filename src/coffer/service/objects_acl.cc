// Objects::GetAcl and SetAcl.

#include <utility>

#include "coffer/catalog/versions.h"
#include "coffer/service/core.h"
#include "coffer/service/objects.h"
#include "coffer/service/versions.h"

namespace coffer::service {

Task<Result<codec::Acl>> Objects::GetAcl(NamedObject object) {
    co_return co_await core_.database.Read(
        db::Cost::kPoint, [&](db::Transaction& tx) -> Result<codec::Acl> {
            TRY(FoundVersion found, ResolveVersion(tx, object));
            TRY(const AclRules::Rules rules, core_.acls->Read(tx, found.bucket));
            std::optional<codec::Acl>& acl = found.version.headers.acl;
            if (acl && rules.has_acls()) return *std::move(acl);
            return codec::PrivateAcl(found.bucket.owner);
        });
}

Task<Result<>> Objects::SetAcl(NamedObject object, AclRequest request, Origin origin) {
    const Timestamp now = core_.clock.Now();
    co_return co_await core_.database.Write([&](db::Transaction& tx) -> Result<> {
        TRY(FoundVersion found, ResolveVersion(tx, object));
        TRY(const AclRules::Rules rules, core_.acls->ReadForWrite(tx, found.bucket));
        std::optional<codec::Acl>& acl = found.version.headers.acl;
        TRY(std::optional<codec::Acl> wanted, AclRules::Replace(rules, found.bucket, acl, request));
        if (wanted != acl) {
            acl = std::move(wanted);
            TRY(catalog::ChangeHeaders(tx, found.version));
        }
        return core_.notifications->Note(tx, found.bucket, codec::ObjectEvent::kPutAcl,
                                         found.version, now, origin);
    });
}

}  // namespace coffer::service
