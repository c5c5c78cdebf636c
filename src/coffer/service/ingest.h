// How bytes get in: staged, checked against what the client promised, made durable. The one way for
// objects and parts.
#pragma once

#include <optional>
#include <string>

#include "coffer/catalog/blobs.h"
#include "coffer/catalog/types.h"
#include "coffer/db/database.h"
#include "coffer/service/blob_gate.h"
#include "coffer/service/core.h"
#include "coffer/service/encryptor.h"
#include "coffer/service/objects.h"
#include "coffer/store/store.h"

namespace coffer::service {

// The largest object of one PUT, and the largest part (docs.aws.amazon.com, "Amazon S3 multipart
// upload limits").
inline constexpr uint64_t kMaxPutBytes = 5ull << 30;

// A blob whose bytes are durable, and to which no row refers yet. While this lives nothing removes
// them.
struct Ingested {
    catalog::Blob blob;       // its id is not to be read
    uint64_t size_bytes = 0;  // of the content, before its encryption
    std::string etag;
    std::optional<Checksum> checksum;
    std::optional<catalog::Encryption> encryption;
    std::optional<std::string>
        copy_key;  // of a copy that was made; nothing where the content was there
    // A copy that the transaction left without a row that names it; set by Record.
    std::optional<catalog::SpareCopy> spare;
    BlobGate::Hold hold;
};

// Reads `body` to its end, and encrypts it where that was chosen. What is expected is expected of
// the plain bytes. Errors as Objects::Put has them; nothing is left behind then.
Task<Result<Ingested>> Ingest(Core& core, ExpectedContent content, ByteSource& body,
                              std::optional<ChosenEncryption> encryption);

// Inside a write transaction: makes the blob known, with one more reference.
Result<catalog::BlobId> Record(db::Transaction& tx, Ingested& ingested);

// When that transaction was committed, or failed: takes back bytes that no row names now.
Task<void> Settle(Core& core, Ingested ingested);
Task<void> Abandon(Core& core, Ingested ingested);

}  // namespace coffer::service
