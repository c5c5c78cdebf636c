// MinIO's reading inside ZIP archives: a request with "x-minio-extract: true" that names
// "archive.zip/inner/path" means the file in the archive.
//
// Source: MinIO's documentation, "S3 extensions: extract objects from ZIP archives".
#pragma once

#include <optional>
#include <string>

#include "coffer/api/s3/call.h"

namespace coffer::api::s3 {

struct ArchivePath {
    codec::ObjectKey archive;
    std::string inner;  // may be empty in a listing
};

// What a key, or the prefix of a listing, means in a request that asks for this; nothing in others,
// and where nothing in it ends with ".zip" before a slash.
std::optional<ArchivePath> ParseArchivePath(const Call& call, std::string_view path);

// GetObject and HeadObject of a file in an archive. Whoever asks needs s3:GetObject of the archive,
// too. `call` outlives the task.
Task<Reply> GetInArchive(Call& call, ArchivePath path, bool with_body);

// A listing of which prefix lies in an archive; keys have the archive's before them.
Task<Result<service::ListResult>> ListArchive(Call& call, ArchivePath path,
                                              service::ListRequest request);

}  // namespace coffer::api::s3
