#include "coffer/catalog/rows.h"

#include <algorithm>

#include "coffer/catalog/columns.h"

namespace coffer::catalog {
namespace {

codec::Sha256Digest ReadDigest(ByteView bytes) {
    codec::Sha256Digest digest{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), digest.size()), digest.begin());
    return digest;
}

}  // namespace

Bucket ReadBucket(const db::Row& row) {
    return Bucket{BucketId(row.Int(0)),
                  std::string(row.Text(1)),
                  FromMicros(row.Int(2)),
                  static_cast<Versioning>(row.Int(3)),
                  row.Int(4),
                  static_cast<uint64_t>(row.Int(5)),
                  std::string(row.Text(6))};
}

Result<Blob> ReadBlob(const db::Row& row) {
    Blob blob;
    blob.id = BlobId(row.Int(0));
    blob.sha256 = ReadDigest(row.Blob(1));
    blob.size_bytes = static_cast<uint64_t>(row.Int(2));
    blob.references = row.Int(3);
    if (!row.IsNull(4)) blob.content = ReadDigest(row.Blob(4));
    if (!row.IsNull(5)) {
        TRY(blob.seal, DecodeSeal(row.Blob(5)));
    }
    return blob;
}

Copy ReadCopy(const db::Row& row) {
    Copy copy{BlobId(row.Int(0)), StoreId(row.Int(1)), row.BlobString(2),
              static_cast<CopyState>(row.Int(3))};
    if (!row.IsNull(4)) copy.verified = FromMicros(row.Int(4));
    return copy;
}

Sequence ReadSequence(const db::Row& row) {
    return Sequence(-row.Int(2));
}

Result<Version> ReadVersion(const db::Row& row) {
    Version version;
    version.bucket = BucketId(row.Int(0));
    version.key = row.BlobString(1);
    version.sequence = ReadSequence(row);
    version.version_id = std::string(row.Text(3));
    version.delete_marker = row.Int(4) != 0;
    version.size_bytes = static_cast<uint64_t>(row.Int(5));
    version.etag = DecodeEtag(row.Blob(6));
    version.modified = FromMicros(row.Int(7));
    TRY(version.headers, DecodeHeaders(AsText(row.Blob(8))));
    if (!row.IsNull(9)) {
        TRY(version.checksum, DecodeChecksum(row.Blob(9)));
    }
    version.parts_count = static_cast<int>(row.Int(10));
    if (!row.IsNull(11)) version.blob = BlobId(row.Int(11));
    if (!row.IsNull(12)) version.content = ContentId(row.Int(12));
    if (!row.IsNull(13)) {
        TRY(version.encryption, DecodeEncryption(row.Blob(13)));
    }
    return version;
}

}  // namespace coffer::catalog
