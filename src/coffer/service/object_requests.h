// What is asked of objects (objects.h), and what comes back.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "coffer/codec/range.h"
#include "coffer/runtime/byte_stream.h"
#include "coffer/service/acl_rules.h"
#include "coffer/service/encryptor.h"
#include "coffer/service/grounds.h"
#include "coffer/service/notifications.h"
#include "coffer/service/types.h"
#include "coffer/store/store.h"

namespace coffer::service {

// An object that a request names, or the version of it.
struct NamedObject {
    BucketName bucket;
    ObjectKey key;
    std::optional<std::string> version_id = std::nullopt;  // nothing: the current one
    std::optional<Grounds> grounds = std::nullopt;         // of who asks
};

// What the client promised of the bytes that it sends; all of it is checked before anything is
// kept.
struct ExpectedContent {
    std::optional<uint64_t> size_bytes;
    std::optional<codec::Md5Digest> md5;  // Content-MD5; wrong: "BadDigest"
    std::optional<codec::Sha256Digest>
        sha256;  // x-amz-content-sha256; wrong: "XAmzContentSHA256Mismatch"

    // The checksum to compute and keep.
    std::optional<codec::ChecksumAlgorithm> checksum;

    // The value that it must have; called after the body's end, since a trailer may bring it. Null
    // where the client gives none. Wrong: "BadDigest".
    std::function<Result<std::string>()> checksum_value;
};

struct PutRequest {
    BucketName bucket;
    ObjectKey key;
    ObjectHeaders headers;
    ExpectedContent content;
    WriteConditions conditions;
    std::optional<EncryptionRequest> encryption = std::nullopt;  // nothing: as the bucket has it
    codec::ObjectEvent event = codec::ObjectEvent::kPut;         // or kPost
    Origin origin = {};
    AclRequest acl = {};
    std::optional<Grounds> grounds = std::nullopt;  // of who asks; only their bucket counts
};

struct PutResult {
    std::string etag;
    std::string version_id;  // empty for a null version
    std::optional<Checksum> checksum;
    uint64_t size_bytes = 0;
    std::string expiration;  // x-amz-expiration: when it goes by itself; empty: it stays
    std::optional<Encryption> encryption;
};

// The parts of a multipart object after part `after`, in order.
struct PartsPage {
    int after = 0;
    size_t limit = 0;
};

struct GetRequest {
    BucketName bucket;
    ObjectKey key;
    std::optional<std::string> version_id;
    std::optional<codec::RangeSpec> range;  // nothing: all of it
    std::optional<int> part_number;         // 1..10000, in place of a range
    ReadConditions conditions;
    bool with_body = true;                               // false for HEAD
    std::optional<PartsPage> parts_page = std::nullopt;  // to be told, too

    // Of an object that is encrypted by a key of its client's. `with_key` false: it is not asked
    // for, as by those who read nothing that a HEAD would tell.
    std::optional<AeadKey> customer_key;
    bool with_key = true;

    std::optional<Grounds> grounds = std::nullopt;  // of who asks; nothing: nobody was asked

    // What it is told as, where somebody asks for such events; nothing: it is a step of something
    // else.
    std::optional<codec::ObjectEvent> event = std::nullopt;
    Origin origin = {};
};

struct GetResult {
    VersionInfo info;
    bool not_modified = false;  // 304: info is set, body is not
    bool partial = false;       // 206
    store::ByteRange range;     // what `body` yields, of info.size_bytes
    std::optional<Checksum>
        part_checksum;            // of the part that `part_number` asked for, of a multipart object
    std::vector<PartInfo> parts;  // as `parts_page` asked for
    std::string expiration;       // as that of PutResult, of the current version
    std::unique_ptr<ByteSource> body;
};

struct CopyRequest {
    NamedObject source;
    ReadConditions source_conditions;
    BucketName bucket;
    ObjectKey key;
    std::optional<ObjectHeaders> replace_headers;  // x-amz-metadata-directive: REPLACE; no tags
    std::optional<Tags> replace_tags;              // x-amz-tagging-directive: REPLACE

    // Else: whether who asks may read the tags that the source has, and give them to the copy, and
    // by what. "AccessDenied" where not, and it has some.
    bool may_copy_tags = true;
    std::optional<Grounds> tags_grounds = std::nullopt;

    bool names_class = false;  // x-amz-storage-class is there: a change, though there is one class
    codec::ObjectLock lock;    // that of the source is not copied
    std::optional<codec::ChecksumAlgorithm> checksum;
    WriteConditions conditions;
    std::optional<AeadKey> source_customer_key;
    std::optional<EncryptionRequest> encryption;  // nothing: as the bucket has it
    Origin origin = {};
    AclRequest acl;                                 // that of the source is not copied
    std::optional<Grounds> grounds = std::nullopt;  // of who asks; as those of PutRequest
};

struct CopyResult {
    std::string etag;
    Timestamp modified;
    std::string version_id;         // as that of PutResult
    std::string source_version_id;  // empty in a bucket whose versioning was never configured
    std::optional<Checksum> checksum;
    int parts_count = 0;     // as that of VersionInfo
    std::string expiration;  // as that of PutResult
    std::optional<Encryption> encryption;
};

struct DeleteRequest {
    BucketName bucket;
    ObjectKey key;
    std::optional<std::string> version_id;
    std::optional<std::string> if_match;         // an ETag, or "*"
    std::optional<Timestamp> if_match_modified;  // x-amz-if-match-last-modified-time
    std::optional<uint64_t> if_match_size;       // x-amz-if-match-size
    bool bypass_governance = false;              // asked for, and permitted
    Origin origin = {};
    std::optional<Grounds> grounds = std::nullopt;  // of who asks
};

struct RetentionRequest {
    NamedObject object;
    std::optional<codec::Retention> retention;  // nothing: takes the one that there is away
    bool bypass_governance = false;             // asked for, and permitted
    Origin origin = {};
};

struct DeleteResult {
    bool delete_marker = false;  // what was deleted, or made, is a delete marker
    std::string version_id;  // of that marker, or as it was named; empty where neither is the case
};

}  // namespace coffer::service
