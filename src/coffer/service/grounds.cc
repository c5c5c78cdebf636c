#include "coffer/service/grounds.h"

namespace coffer::service {
namespace {

Error Changed() {
    return {ErrorKind::kConflict, "OperationAborted",
            "What the request is about was changed while it was judged. Please try again."};
}

}  // namespace

Result<> Expect(const std::optional<Grounds>& grounds, const catalog::Bucket& bucket) {
    if (!grounds || (grounds->bucket == bucket.id && grounds->revision == bucket.revision))
        return Ok();
    return Changed();
}

Result<> Expect(const std::optional<Grounds>& grounds, const catalog::Bucket& bucket,
                const catalog::Version& version) {
    TRY(Expect(grounds, bucket));
    if (grounds && !grounds->Cover(version.headers)) return Changed();
    return Ok();
}

}  // namespace coffer::service
