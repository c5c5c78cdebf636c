// An object's bytes, extent by extent, each checked by its store.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "coffer/catalog/types.h"
#include "coffer/db/database.h"
#include "coffer/service/core.h"
#include "coffer/service/encryptor.h"

namespace coffer::service {

// What one read of a version needs.
struct ReadableContent {
    catalog::BucketId bucket;
    std::string key;
    std::string version_id;
    catalog::Sequence sequence;
    std::vector<catalog::LocatedExtent> extents;
    std::optional<AeadKey> customer_key = std::nullopt;  // where they are encrypted by one
};

// Inside a transaction: finds the bytes of `range` of a version, which lies inside it. `whole`:
// where all of its bytes are, if that is known already.
Result<ReadableContent> LocateContent(db::Transaction& tx, const catalog::Version& version,
                                      store::ByteRange range,
                                      std::optional<catalog::LocatedExtent> whole = std::nullopt);

// The bytes of all extents, decrypted, one after the other. Their blobs are held, so that they stay
// while the source lives. The first piece has been checked when this returns; a failure there is
// returned here, a later one by Read. A copy that is damaged, missing or can't be read is reported
// (DamageLog), and the next copy of the blob goes on from there; with none left, kCorrupt, or kIo.
// kNotFound: the version was replaced and its bytes went since it was located, or they were moved;
// locate it again.
Task<Result<std::unique_ptr<ByteSource>>> OpenContent(Core& core, ReadableContent content);

}  // namespace coffer::service
