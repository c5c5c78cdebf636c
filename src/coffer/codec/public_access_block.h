// A bucket's guard against being opened to everybody: PublicAccessBlockConfiguration as XML, and
// back. Pure functions; any thread may call them.
//
// Source: the Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage".
#pragma once

#include <string>
#include <string_view>

#include "coffer/base/result.h"

namespace coffer::codec {

struct PublicAccessBlock {
    bool block_public_acls = false;        // refuse to set an ACL that is public
    bool ignore_public_acls = false;       // such an ACL allows nothing
    bool block_public_policy = false;      // refuse to set a policy that is public
    bool restrict_public_buckets = false;  // such a policy allows nothing to other accounts

    bool operator==(const PublicAccessBlock&) const = default;
};

// What is left out is false. kInvalid "MalformedXML".
Result<PublicAccessBlock> ParsePublicAccessBlock(std::string_view document);

// The document of GetPublicAccessBlock, with all four; ParsePublicAccessBlock reads it.
std::string WritePublicAccessBlock(const PublicAccessBlock& block);

}  // namespace coffer::codec
