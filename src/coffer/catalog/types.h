// Rows of the catalogue as values. `docs/formats/catalogue.md` says what every column means.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "coffer/base/clock.h"
#include "coffer/base/strong_id.h"
#include "coffer/codec/acl.h"
#include "coffer/codec/digest.h"
#include "coffer/codec/object_lock.h"

namespace coffer::catalog {

using BucketId = StrongId<struct BucketTag>;
using BlobId = StrongId<struct BlobTag>;
using StoreId = StrongId<struct StoreTag>;
using ContentId = StrongId<struct ContentTag>;  // of a multipart upload, and of what it becomes
using Sequence = StrongId<struct SequenceTag>;  // of a version: greater is newer, everywhere

// The account that the server itself is: whose its users are. Ids of accounts have 12 digits, as
// AWS's do; docs/users.md says what other accounts are.
inline constexpr std::string_view kMainAccount = "000000000000";

// The engine in the data directory; the only store that a new catalogue knows.
inline constexpr StoreId kEngineStore{1};

// Names and their values, in the order of the names; a name is there once.
using Tags = std::vector<std::pair<std::string, std::string>>;

// What a client says of an object, kept and returned with it.
struct ObjectHeaders {
    // Lower-case names of content-type, content-disposition, content-encoding, content-language,
    // cache-control and expires, with their values as sent. A missing content-type reads as
    // "binary/octet-stream".
    std::vector<std::pair<std::string, std::string>> standard;

    // x-amz-meta-*: the name after that prefix in lower case, and the value as UTF-8.
    std::vector<std::pair<std::string, std::string>> user;

    Tags tags;

    // What keeps the version from being deleted.
    codec::ObjectLock lock;

    // Whose it is, and what is granted to whom; nothing: the bucket's owner's, and private.
    std::optional<codec::Acl> acl;

    bool operator==(const ObjectHeaders&) const = default;
};

// How the checksum of a multipart object came about.
enum class ChecksumType : uint8_t {
    kFullObject = 0,  // of all bytes
    kComposite = 1,   // of the parts' checksums, with "-<parts>" behind it
};

// What is told of a checksum without its value.
struct ChecksumKind {
    codec::ChecksumAlgorithm algorithm{};
    ChecksumType type = ChecksumType::kFullObject;
};

struct Checksum {
    codec::ChecksumAlgorithm algorithm{};
    ChecksumType type = ChecksumType::kFullObject;
    std::string raw;  // the digest's bytes

    bool operator==(const Checksum&) const = default;
};

// Whether a bucket keeps the versions that a write replaces.
enum class Versioning : uint8_t {
    kUnversioned = 0,  // never configured
    kEnabled = 1,
    kSuspended = 2,  // keeps those that it has; new ones are null versions
};

struct Bucket {
    BucketId id;
    std::string name;
    Timestamp created;
    Versioning versioning = Versioning::kUnversioned;

    // Goes up with every change of the bucket's settings, so that what was read or parsed of them
    // with one revision holds as long as the row has it.
    int64_t revision = 0;

    // The most that all its versions may hold together; 0: no limit.
    uint64_t quota_bytes = 0;

    std::string owner;  // the id of the account whose it is
};

// Who has the key that an object is encrypted by.
enum class EncryptionKind : uint8_t {
    kS3 = 1,        // the server: SSE-S3
    kKms = 2,       // the server, under a name that the client chose: SSE-KMS
    kCustomer = 3,  // the client alone: SSE-C
};

// How an object, or an upload, is encrypted, as it was asked for.
struct Encryption {
    EncryptionKind kind = EncryptionKind::kS3;
    std::string key_name;     // kKms
    std::string context;      // kKms: the encryption context as JSON; empty: none
    bool bucket_key = false;  // kKms: S3's bucket key was asked for
    std::string key_proof;    // kCustomer: tells the client's key from others, and nothing of it

    bool operator==(const Encryption&) const = default;
};

// The key of an encrypted blob, sealed by another one.
struct BlobSeal {
    EncryptionKind kind = EncryptionKind::kS3;
    std::string key_name;    // kKms
    std::string key_id;      // of what seals it under that name; kCustomer: empty
    std::string context;     // kKms
    std::string sealed_key;  // codec/seal.h
};

// A version of an object, or a delete marker.
struct Version {
    Sequence sequence;
    BucketId bucket;
    std::string key;
    std::string version_id;  // version_id.h says of which forms
    bool delete_marker = false;
    uint64_t size_bytes = 0;
    std::string etag;  // without quotes; of a delete marker: empty
    Timestamp modified;
    ObjectHeaders headers;
    std::optional<Checksum> checksum;
    int parts_count = 0;               // of a multipart object
    std::optional<BlobId> blob;        // the whole content, where it is one blob
    std::optional<ContentId> content;  // else: the parts and their extents
    std::optional<Encryption> encryption;
};

// Bytes that a version or a part is made of: a range of a blob's content, before its encryption.
struct Extent {
    BlobId blob;
    uint64_t offset_bytes = 0;
    uint64_t length_bytes = 0;
};

struct Blob {
    BlobId id;
    codec::Sha256Digest sha256{};  // of the bytes as stores have them
    uint64_t size_bytes = 0;       // of these
    int64_t references = 0;

    // Of an encrypted blob: what its content is known by among those that share its key's domain;
    // nothing where none shares it.
    std::optional<codec::Sha256Digest> content = std::nullopt;
    std::optional<BlobSeal> seal = std::nullopt;  // nothing: it is not encrypted
};

enum class CopyState : uint8_t {
    kLive = 0,
    kDeleting = 1,  // nothing refers to the blob: the bytes are to be removed, then the row
    kDamaged =
        2,  // the store has lost the bytes, or has others: read last, written again if they come
};

// A blob on a store.
struct Copy {
    BlobId blob;
    StoreId store;
    std::string key;
    CopyState state = CopyState::kLive;
    std::optional<Timestamp> verified = std::nullopt;  // when its bytes were last read back
};

// Where to read an extent from: copies of its blob, those that are to be tried first come first.
struct LocatedExtent {
    Extent extent;
    Blob blob;
    std::vector<Copy> copies;  // never empty
};

struct Part {
    int number = 0;
    uint64_t size_bytes = 0;
    std::string etag;
    Timestamp modified;
    std::string checksum;  // raw; empty where the upload has no algorithm
};

struct Upload {
    ContentId id;
    std::string upload_id;
    BucketId bucket;
    std::string key;
    Timestamp initiated;

    // An object was made of it. The row lives as long as that object, so that a completion that is
    // repeated because its answer was lost finds what it did.
    bool completed = false;
    ObjectHeaders headers;
    std::optional<codec::ChecksumAlgorithm> checksum;
    ChecksumType checksum_type = ChecksumType::kFullObject;
    std::optional<Encryption> encryption;
    std::string initiator;  // who began it: an ARN; empty: an anonymous request
};

}  // namespace coffer::catalog
