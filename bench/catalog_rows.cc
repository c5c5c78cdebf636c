#include "bench/catalog_rows.h"

#include <fmt/format.h>

#include <utility>

#include "coffer/catalog/blobs.h"
#include "coffer/catalog/versions.h"
#include "coffer/codec/hex.h"

namespace coffer::bench {
namespace {

constexpr uint64_t kObjectBytes = 4096;

// As long as a key of a pack's record; of segments that no engine gets to.
std::string CopyKey(uint64_t number, const codec::Sha256Digest& sha256) {
    constexpr uint64_t kRecordsPerSegment = 16'000;
    return fmt::format("p{:08x}/{:08x}/{:x}/{}", 0x70000000 + number / kRecordsPerSegment,
                       number % kRecordsPerSegment * (kObjectBytes + 64), kObjectBytes,
                       codec::ToHex(ByteView(sha256).first(4)));
}

}  // namespace

Result<catalog::Version> InsertRows(db::Transaction& tx, catalog::BucketId bucket, std::string key,
                                    uint64_t number, Timestamp modified) {
    catalog::Version version;
    version.bucket = bucket;
    version.key = std::move(key);
    version.size_bytes = kObjectBytes;
    version.modified = modified;
    version.headers.standard = {{"content-type", "application/octet-stream"}};

    catalog::Blob blob;
    blob.sha256 = codec::Sha256(AsBytes(version.key));
    blob.size_bytes = kObjectBytes;
    TRY(const catalog::AddedBlob added,
        catalog::AddBlob(tx, blob, catalog::kEngineStore, CopyKey(number, blob.sha256)));
    version.blob = added.id;
    version.etag = codec::ToHex(codec::Md5(AsBytes(version.key)));
    TRY(catalog::InsertVersion(tx, version));
    return version;
}

}  // namespace coffer::bench
