// ListRoles, ListOpenIDConnectProviders: lists of what can't be made here, and which tools ask for
// before they look at users.
#include "coffer/api/iam/operations.h"

namespace coffer::api::iam {

Task<Result<>> ListRoles(const Call& call, codec::XmlWriter& xml) {
    CO_TRY(co_await call.Authorize("iam:ListRoles", "*"));
    xml.Open("Roles").Close().Element("IsTruncated", false);
    co_return Ok();
}

Task<Result<>> ListOpenIDConnectProviders(const Call& call, codec::XmlWriter& xml) {
    CO_TRY(co_await call.Authorize("iam:ListOpenIDConnectProviders", "*"));
    xml.Open("OpenIDConnectProviderList").Close();
    co_return Ok();
}

}  // namespace coffer::api::iam
