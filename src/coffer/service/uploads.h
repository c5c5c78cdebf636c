// Multipart uploads: parts are blobs from the moment they arrive; completing one makes an object of
// them in one transaction, without copying a byte.
//
// Any thread may call these; changes are durable when they return. "NoSuchUpload" wherever the
// upload is not of that bucket and key.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "coffer/service/lifecycle_rules.h"
#include "coffer/service/objects.h"

namespace coffer::service {

inline constexpr int kMaxPartNumber = 10'000;
inline constexpr uint64_t kMinPartBytes = 5_MiB;  // of every part but the last
inline constexpr uint64_t kMaxObjectBytes = 5ull << 40;

struct CreateUploadRequest {
    BucketName bucket;
    ObjectKey key;
    ObjectHeaders headers;
    std::optional<codec::ChecksumAlgorithm> checksum;
    std::optional<ChecksumType> checksum_type;                   // nothing: the algorithm's default
    std::optional<EncryptionRequest> encryption = std::nullopt;  // nothing: as the bucket has it
    std::string initiator;                                       // an ARN; empty: anonymous
    AclRequest acl = {};                                         // of the object
};

struct UploadId {
    BucketName bucket;
    ObjectKey key;
    std::string upload_id;
};

struct UploadInfo {
    std::string key;
    std::string upload_id;
    Timestamp initiated;
    std::optional<codec::ChecksumAlgorithm> checksum;
    ChecksumType checksum_type = ChecksumType::kFullObject;
    std::string initiator;             // who began it: an ARN; empty: an anonymous request
    std::string owner;                 // as that of ListedVersion
    std::optional<UploadAbort> abort;  // by a rule, if it is not finished by then; not in lists
    std::optional<Encryption> encryption;
};

struct PutPartRequest {
    UploadId upload;
    int part_number = 0;
    ExpectedContent content;
    std::optional<AeadKey> customer_key = std::nullopt;  // of the upload, where it has one
};

struct CopyPartRequest {
    UploadId upload;
    int part_number = 0;
    NamedObject source;
    std::optional<store::ByteRange> range;  // must lie inside the source: else
                                            // "CopyRangeBeyondSource"
    ReadConditions source_conditions;
    std::optional<AeadKey> source_customer_key;
    std::optional<AeadKey> customer_key;  // of the upload
};

struct CopyPartResult {
    PartInfo part;
    std::string source_version_id;  // empty in a bucket whose versioning was never configured
};

struct CompletePart {
    int number = 0;
    std::string etag;  // without quotes
    std::optional<Checksum> checksum;
};

struct CompleteUploadRequest {
    UploadId upload;
    std::vector<CompletePart> parts;
    std::optional<Checksum> checksum;           // of the whole object, as the client expects it
    std::optional<ChecksumType> checksum_type;  // as the client expects it
    std::optional<uint64_t> size_bytes;         // x-amz-mp-object-size
    WriteConditions conditions;
    std::optional<AeadKey> customer_key;  // of the upload; must be there where it has checksums,
    bool always_with_key = false;         // or always
    Origin origin = {};
};

struct ListPartsResult {
    UploadInfo upload;
    std::string bucket_owner;  // the id of the account whose the bucket is
    std::vector<PartInfo> parts;
    bool truncated = false;
};

struct ListUploadsRequest {
    BucketName bucket;
    std::string prefix;
    std::string delimiter;
    std::string key_marker;
    std::string upload_id_marker;
    size_t limit = 1000;
};

struct ListUploadsResult {
    std::vector<UploadInfo> uploads;  // by key, then by time
    std::string bucket_owner;
    std::vector<std::string> common_prefixes;
    bool truncated = false;
    std::string next_key_marker;
    std::string next_upload_id_marker;
};

class Uploads {
  public:
    explicit Uploads(Core& core) : core_(core) {}

    // "NoSuchBucket", "InvalidRequest" (a checksum type that the algorithm does not have, a lock in
    // a bucket without object lock), "InvalidArgument" (a retention that is over); the errors of
    // AclRules::ForObject.
    Task<Result<UploadInfo>> Create(CreateUploadRequest request);

    // A part of the same number replaces the earlier one. "InvalidArgument" (the number),
    // "InvalidRequest" (another checksum algorithm than the upload's, another key of the client's),
    // and those of Objects::Put; of CopyPart those of Objects::Copy, too.
    Task<Result<PartInfo>> PutPart(PutPartRequest request, ByteSource& body);
    Task<Result<CopyPartResult>> CopyPart(CopyPartRequest request);

    // "InvalidPart", "InvalidPartOrder", "EntityTooSmall", "EntityTooLarge", "BadDigest",
    // "InvalidRequest", "PreconditionFailed", "MalformedXML" (no parts). Repeating a completion
    // that succeeded answers as it did.
    Task<Result<PutResult>> Complete(CompleteUploadRequest request);

    // What an upload was begun with.
    Task<Result<UploadInfo>> Get(UploadId upload);

    Task<Result<>> Abort(UploadId upload);
    Task<Result<ListPartsResult>> ListParts(UploadId upload, int after_part, size_t limit);
    Task<Result<ListUploadsResult>> List(ListUploadsRequest request);

  private:
    Core& core_;
};

}  // namespace coffer::service
