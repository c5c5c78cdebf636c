// How what is written gets encrypted, and which keys open it again.
//
// Each encrypted blob has a key of its own, which its row keeps sealed: by a key of the server's
// (SSE-S3), by one that the server has under a name (SSE-KMS), or by one that only the client has
// (SSE-C), which is never kept. Objects whose blobs are sealed alike share a domain: in it the same
// content is stored once, and copies refer to the same blobs. docs/formats/encryption.md.
//
// Wired once at the start; any thread may call it after that.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "coffer/base/mutex.h"
#include "coffer/catalog/keys.h"
#include "coffer/catalog/types.h"
#include "coffer/codec/bucket_encryption.h"
#include "coffer/codec/seal.h"
#include "coffer/runtime/task.h"
#include "coffer/service/key_ring.h"
#include "coffer/service/settings_cache.h"

namespace coffer::service {

using codec::AeadKey;

// What a client asks of the encryption of what it writes.
struct EncryptionRequest {
    catalog::EncryptionKind kind = catalog::EncryptionKind::kS3;
    std::string key_name;  // kKms, or an ARN that ends with it; empty: the server's default
    std::string context;   // kKms: JSON as the client sent it; empty: none
    bool bucket_key = false;
    std::optional<AeadKey> customer_key;  // kCustomer
};

// How an object, or an upload, is encrypted, and the client's key where that is needed.
struct ChosenEncryption {
    catalog::Encryption kept;
    std::optional<AeadKey> customer_key;
};

// A blob's key, and how the blob's row keeps it.
struct NewBlobKey {
    AeadKey key{};
    catalog::BlobSeal seal;
};

class Encryptor {
  public:
    // Without keys until Unlock: what needs one fails with kUnavailable.
    explicit Encryptor(db::Database& database) : database_(database) {}

    // Before anything is read or written.
    void Unlock(KeyRing ring) { ring_.emplace(std::move(ring)); }

    // Null before Unlock.
    const KeyRing* ring() const { return ring_ ? &*ring_ : nullptr; }

    // Inside a transaction that has read `bucket`: what becomes of an object that is put there:
    // as `asked`, or else as the bucket has it by default; nothing: it is not encrypted.
    // `may_keep` false: in a write transaction, see SettingsCache. kInvalid
    // "KMS.NotFoundException" for a named key that the server does not have, "InvalidArgument"
    // where none is named and there is no default; kUnsupported "NotImplemented" where it has none
    // at all.
    Result<std::optional<ChosenEncryption>> Choose(db::Transaction& tx,
                                                   const catalog::Bucket& bucket,
                                                   const std::optional<EncryptionRequest>& asked,
                                                   bool may_keep);

    // A key for one blob of an object that is encrypted so. Waits for a transaction where a named
    // key is used for the first time.
    Task<Result<NewBlobKey>> NewKey(ChosenEncryption encryption);

    // The key of a blob. kDenied "CustomerKeyMismatch" where the client's key is another one;
    // kInternal where the server's is.
    Result<AeadKey> KeyOf(const catalog::BlobSeal& seal,
                          const std::optional<AeadKey>& customer_key) const;

    // The same key of a blob, sealed by the newest key of that name.
    Result<catalog::BlobSeal> Reseal(const catalog::BlobSeal& seal) const;

    // What a content is known by in its domain, from its SHA-256; nothing for a client's key: its
    // content is never stored once for two.
    Result<std::optional<codec::Sha256Digest>> ContentOf(const catalog::Encryption& encryption,
                                                         const codec::Sha256Digest& sha256) const;

  private:
    Result<const KeyRing*> Ring() const;
    Result<std::optional<ChosenEncryption>> ChooseNamed(std::string_view name, std::string context,
                                                        bool bucket_key) const;

    Task<Result<>> NoteUse(catalog::UsedKey key);

    db::Database& database_;
    std::optional<KeyRing> ring_;
    Mutex mutex_;
    std::vector<catalog::UsedKey> noted_ GUARDED_BY(mutex_);  // by this process
    SettingsCache<codec::BucketEncryption> defaults_{catalog::SettingKind::kEncryption,
                                                     &ParseDefault};
    static Result<codec::BucketEncryption> ParseDefault(std::string_view document,
                                                        const catalog::Bucket& bucket);
};

// Whether `key` is the one that an object was encrypted by, as reads of it must show.
// "InvalidRequest" where one is missing, or given for an object that needs none; kDenied
// "CustomerKeyMismatch" where it is another one.
Result<> CheckCustomerKey(const std::optional<catalog::Encryption>& encryption,
                          const std::optional<AeadKey>& key);

// The same for what continues an upload: "InvalidRequest" for another key, too.
Result<> CheckUploadKey(const std::optional<catalog::Encryption>& encryption,
                        const std::optional<AeadKey>& key);

// Whether blobs of the one may stand in an object that is encrypted as the other. The clients' keys
// have been checked.
bool InOneDomain(const std::optional<catalog::Encryption>& a, const std::optional<AeadKey>& key_a,
                 const std::optional<ChosenEncryption>& b);

// The ETag of bytes with that MD5: S3 shows it of what is not encrypted, or by SSE-S3. Else the
// ETag tells nothing of them: of SSE-C it is the same for the same bytes in one upload, so that a
// part can be sent again; of SSE-KMS it is random.
std::string EtagOf(const std::optional<catalog::Encryption>& encryption,
                   const codec::Md5Digest& md5);
bool EtagIsMd5(const std::optional<catalog::Encryption>& encryption);
std::string RandomEtag();

}  // namespace coffer::service
