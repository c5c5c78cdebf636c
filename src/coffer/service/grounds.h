// By what a request was allowed, so that what is found for it later can be held against it: between
// the judgement and the operation a bucket, an object, or what is set of either, may be replaced by
// what nobody allowed.
#pragma once

#include <optional>

#include "coffer/catalog/types.h"

namespace coffer::service {

struct Grounds {
    catalog::BucketId bucket{};
    int64_t revision = 0;               // of its settings
    bool by_acl = false;                // the object's list decided, or that it has none
    bool missing = false;               // there was no object: none that comes is covered
    std::optional<codec::Acl> acl;      // nothing: it had none
    std::optional<catalog::Tags> tags;  // nothing: they did not matter

    // Whether an object that has these would be judged alike.
    bool Cover(const catalog::ObjectHeaders& found) const {
        return !missing && (!by_acl || acl == found.acl) && (!tags || *tags == found.tags);
    }
};

// kConflict "OperationAborted" where what was found is not what was judged. Without grounds nobody
// was asked.
Result<> Expect(const std::optional<Grounds>& grounds, const catalog::Bucket& bucket,
                const catalog::Version& version);
Result<> Expect(const std::optional<Grounds>& grounds, const catalog::Bucket& bucket);

}  // namespace coffer::service
