// How bytes get in: staged, checked against what the client promised, made durable. The one way for
// objects and parts.
#pragma once

#include <optional>
#include <string>

#include "coffer/catalog/types.h"
#include "coffer/db/database.h"
#include "coffer/service/blob_gate.h"
#include "coffer/service/core.h"
#include "coffer/service/objects.h"
#include "coffer/store/store.h"

namespace coffer::service {

// The largest object of one PUT, and the largest part (docs.aws.amazon.com, "Amazon S3 multipart
// upload limits").
inline constexpr uint64_t kMaxPutBytes = 5ull << 30;

// A blob whose bytes are durable, and to which no row refers yet. While this lives nothing removes
// them.
struct Ingested {
    catalog::Blob blob;  // without an id
    codec::Md5Digest md5{};
    std::optional<Checksum> checksum;
    std::optional<std::string>
        copy_key;  // of a copy that was made; nothing where the content was there
    // Of a copy that the transaction left without a row that names it; set by Record.
    std::optional<std::string> spare_key;
    BlobGate::Hold hold;
};

// Reads `body` to its end. Errors as Objects::Put has them; nothing is left behind then.
Task<Result<Ingested>> Ingest(Core& core, ExpectedContent content, ByteSource& body);

// Inside a write transaction: makes the blob known, with one more reference.
Result<catalog::BlobId> Record(db::Transaction& tx, Ingested& ingested);

// When that transaction was committed, or failed: takes back bytes that no row names now.
Task<void> Settle(Core& core, Ingested ingested);
Task<void> Abandon(Core& core, Ingested ingested);

}  // namespace coffer::service
