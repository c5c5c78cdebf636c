#include "coffer/catalog/rows.h"

#include <algorithm>

#include "coffer/catalog/columns.h"

namespace coffer::catalog {

Bucket ReadBucket(const db::Row& row) {
    return Bucket{BucketId(row.Int(0)), std::string(row.Text(1)), FromMicros(row.Int(2)),
                  static_cast<Versioning>(row.Int(3)), row.Int(4)};
}

Blob ReadBlob(const db::Row& row) {
    Blob blob;
    blob.id = BlobId(row.Int(0));
    const ByteView sha256 = row.Blob(1);
    std::copy_n(sha256.begin(), std::min(sha256.size(), blob.sha256.size()), blob.sha256.begin());
    blob.size_bytes = static_cast<uint64_t>(row.Int(2));
    blob.references = row.Int(3);
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

Result<Version> ReadVersion(const db::Row& row, bool with_headers) {
    Version version;
    version.bucket = BucketId(row.Int(0));
    version.key = row.BlobString(1);
    version.sequence = ReadSequence(row);
    version.version_id = std::string(row.Text(3));
    version.delete_marker = row.Int(4) != 0;
    version.size_bytes = static_cast<uint64_t>(row.Int(5));
    version.etag = DecodeEtag(row.Blob(6));
    version.modified = FromMicros(row.Int(7));
    version.has_headers = with_headers;
    if (with_headers) {
        TRY(version.headers, DecodeHeaders(AsText(row.Blob(8))));
    }
    if (!row.IsNull(9)) {
        TRY(version.checksum, DecodeChecksum(row.Blob(9)));
    }
    version.parts_count = static_cast<int>(row.Int(10));
    if (!row.IsNull(11)) version.blob = BlobId(row.Int(11));
    if (!row.IsNull(12)) version.content = ContentId(row.Int(12));
    return version;
}

}  // namespace coffer::catalog
