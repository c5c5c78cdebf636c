#include "coffer/service/authorize.h"

namespace coffer::service {

// Root may do everything, and nobody else has been given anything: there are no policies to ask
// yet.
Result<> Authorize(const Principal& principal, const AccessRequest&) {
    if (principal.kind == Principal::Kind::kRoot) return Ok();
    return Error(ErrorKind::kDenied, "AccessDenied", "Access Denied.");
}

}  // namespace coffer::service
