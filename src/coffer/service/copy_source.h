// What copying an object and copying a part have in common: finding the source, and reading it
// once, where a digest is needed that is not stored.
#pragma once

#include <cstdint>
#include <optional>

#include "coffer/service/content_source.h"
#include "coffer/service/ingest.h"
#include "coffer/service/types.h"
#include "coffer/service/versions.h"

namespace coffer::service {

// The largest source of one copy (docs.aws.amazon.com, CopyObject).
inline constexpr uint64_t kMaxCopyBytes = 5ull << 30;

// "InvalidRequest".
Error CopySourceTooLarge();

// ResolveVersion for a source. Other errors than its: "InvalidRequest" where a delete marker was
// named.
Result<FoundVersion> ResolveSource(db::Transaction& tx, const NamedObject& source);

struct SourceDigests {
    codec::Md5Digest md5{};
    std::optional<Checksum> checksum;
};

// Reads it all. kNotFound: see OpenContent.
Task<Result<SourceDigests>> DigestSource(Core& core, ReadableContent content,
                                         std::optional<codec::ChecksumAlgorithm> algorithm);

// Reads it all, and makes it durable again, encrypted as it is said. kNotFound: see OpenContent;
// else the errors of Ingest.
Task<Result<Ingested>> IngestSource(Core& core, ReadableContent content, ExpectedContent expected,
                                    std::optional<ChosenEncryption> encryption);

}  // namespace coffer::service
