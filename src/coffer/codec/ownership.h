// Object ownership: whose an object is that another account puts into a bucket, and whether ACLs
// count there. Pure functions; any thread may call them.
//
// Source: the Amazon S3 User Guide, "Controlling ownership of objects and disabling ACLs for your
// bucket".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "coffer/base/result.h"

namespace coffer::codec {

enum class Ownership : uint8_t {
    kBucketOwnerEnforced,   // the bucket's owner's, always; ACLs do not count
    kBucketOwnerPreferred,  // the bucket's owner's where the writer gives it full control
    kObjectWriter,          // the writer's
};

// "BucketOwnerEnforced". Nothing where it is none.
std::optional<Ownership> ParseOwnershipName(std::string_view name);
std::string_view OwnershipName(Ownership ownership);

// <OwnershipControls> with one rule. kInvalid "MalformedXML".
Result<Ownership> ParseOwnershipControls(std::string_view document);
std::string WriteOwnershipControls(Ownership ownership);

}  // namespace coffer::codec
