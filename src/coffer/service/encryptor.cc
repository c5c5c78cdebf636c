#include "coffer/service/encryptor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "coffer/base/random.h"
#include "coffer/codec/hex.h"
#include "coffer/codec/kms_key_name.h"

namespace coffer::service {
namespace {

using catalog::BlobSeal;
using catalog::EncryptionKind;

constexpr std::string_view kProofContext = "nothing";

// What the key of a blob is sealed for.
std::string ContextOf(EncryptionKind kind, std::string_view name, std::string_view context) {
    switch (kind) {
        case EncryptionKind::kS3:
            return "a blob of SSE-S3";
        case EncryptionKind::kKms:
            return fmt::format("a blob of SSE-KMS under {} with {}", name, context);
        case EncryptionKind::kCustomer:
            return "a blob of SSE-C";
    }
    return "";
}

// What a client's key itself never does: seal.
codec::Seal BlobSealOf(const AeadKey& customer_key) {
    return codec::Seal(codec::Seal(customer_key).Derive("sse-c"));
}

// Sealing nothing proves to have the key, and tells nothing of it; the nonce is the salt.
codec::Seal ProofSealOf(const AeadKey& customer_key) {
    return codec::Seal(codec::Seal(customer_key).Derive("sse-c proof"));
}

bool IsProvenBy(const catalog::Encryption& encryption, const AeadKey& key) {
    return ProofSealOf(key).Open(encryption.key_proof, kProofContext).has_value();
}

AeadKey ToKey(std::string_view bytes) {
    AeadKey key{};
    std::ranges::copy(AsBytes(bytes.substr(0, key.size())), key.begin());
    return key;
}

Error NeedsKey() {
    return {ErrorKind::kInvalid, "InvalidRequest",
            "The object was stored using a form of Server Side Encryption. The correct parameters "
            "must be provided to retrieve the object."};
}

Error OtherKey() {
    return {ErrorKind::kDenied, "CustomerKeyMismatch", "Access Denied."};
}

Error NotApplicable() {
    return {ErrorKind::kInvalid, "InvalidRequest",
            "The encryption parameters are not applicable to this object."};
}

}  // namespace

Result<codec::BucketEncryption> Encryptor::ParseDefault(std::string_view document,
                                                        const catalog::Bucket&) {
    return codec::ParseBucketEncryption(document);
}

Result<const KeyRing*> Encryptor::Ring() const {
    if (ring_) return &*ring_;
    return Error(ErrorKind::kUnavailable, "the keys of encrypted objects are not open here");
}

Result<std::optional<ChosenEncryption>> Encryptor::ChooseNamed(std::string_view name,
                                                               std::string context,
                                                               bool bucket_key) const {
    TRY(const KeyRing* const ring, Ring());
    if (!ring->has_named()) {
        return Error(ErrorKind::kUnsupported, "NotImplemented",
                     "Server side encryption with a KMS key was asked for, and this server has no "
                     "KMS keys.");
    }
    name = codec::KmsKeyName(name.empty() ? std::string_view(ring->default_name()) : name);
    if (name.empty())
        return Error(ErrorKind::kInvalid, "InvalidArgument",
                     "The request names no KMS key, and this server has no default one.");
    if (ring->Newest(name) == nullptr)
        return Error(ErrorKind::kInvalid, "KMS.NotFoundException",
                     fmt::format("Key '{}' does not exist", name));
    return ChosenEncryption{{.kind = EncryptionKind::kKms,
                             .key_name = std::string(name),
                             .context = std::move(context),
                             .bucket_key = bucket_key},
                            {}};
}

Result<std::optional<ChosenEncryption>> Encryptor::Choose(
    db::Transaction& tx, const catalog::Bucket& bucket,
    const std::optional<EncryptionRequest>& asked, bool may_keep) {
    if (asked) {
        switch (asked->kind) {
            case EncryptionKind::kS3:
                return ChosenEncryption{{.kind = EncryptionKind::kS3}, {}};
            case EncryptionKind::kKms:
                return ChooseNamed(asked->key_name, asked->context, asked->bucket_key);
            case EncryptionKind::kCustomer:
                return ChosenEncryption{
                    {.kind = EncryptionKind::kCustomer,
                     .key_proof = ProofSealOf(*asked->customer_key).Close("", kProofContext)},
                    asked->customer_key};
        }
    }
    TRY(const auto by_default,
        may_keep ? defaults_.Get(tx, bucket) : defaults_.GetForWrite(tx, bucket));
    if (by_default == nullptr) return std::optional<ChosenEncryption>();
    if (by_default->kms) return ChooseNamed(by_default->kms_key, "", by_default->bucket_key);
    return ChosenEncryption{{.kind = EncryptionKind::kS3}, {}};
}

Task<Result<NewBlobKey>> Encryptor::NewKey(ChosenEncryption encryption) {
    const catalog::Encryption& kept = encryption.kept;
    NewBlobKey made{.key = {}, .seal = {.kind = kept.kind}};
    FillRandom(made.key);
    const std::string context = ContextOf(kept.kind, kept.key_name, kept.context);
    if (kept.kind == EncryptionKind::kCustomer) {
        made.seal.sealed_key =
            BlobSealOf(*encryption.customer_key).Close(AsText(made.key), context);
        co_return made;
    }
    CO_TRY(const KeyRing* const ring, Ring());
    const codec::Seal* seal = &ring->s3();
    if (kept.kind == EncryptionKind::kKms) {
        seal = ring->Newest(kept.key_name);
        if (seal == nullptr)
            co_return Error(ErrorKind::kInvalid, "KMS.NotFoundException",
                            fmt::format("Key '{}' does not exist", kept.key_name));
        made.seal.key_name = kept.key_name;
        made.seal.context = kept.context;
        CO_TRY(co_await NoteUse({kept.key_name, seal->KeyId()}));
    }
    made.seal.key_id = seal->KeyId();
    made.seal.sealed_key = seal->Close(AsText(made.key), context);
    co_return made;
}

// A row that says so comes before the first blob, and costs the others nothing.
Task<Result<>> Encryptor::NoteUse(catalog::UsedKey key) {
    {
        MutexLock lock(mutex_);
        if (std::ranges::find(noted_, key) != noted_.end()) co_return Ok();
    }
    CO_TRY(co_await database_.Write(
        [&](db::Transaction& tx) { return catalog::NoteUsedKey(tx, key); }));
    MutexLock lock(mutex_);
    noted_.push_back(std::move(key));
    co_return Ok();
}

Result<BlobSeal> Encryptor::Reseal(const BlobSeal& seal) const {
    TRY(const AeadKey key, KeyOf(seal, std::nullopt));
    const codec::Seal& newest = *(*ring_).Newest(seal.key_name);
    BlobSeal anew = seal;
    anew.key_id = newest.KeyId();
    anew.sealed_key = newest.Close(AsText(key), ContextOf(seal.kind, seal.key_name, seal.context));
    return anew;
}

Result<AeadKey> Encryptor::KeyOf(const BlobSeal& seal,
                                 const std::optional<AeadKey>& customer_key) const {
    const std::string context = ContextOf(seal.kind, seal.key_name, seal.context);
    if (seal.kind == EncryptionKind::kCustomer) {
        if (!customer_key) return NeedsKey();
        const auto key = BlobSealOf(*customer_key).Open(seal.sealed_key, context);
        if (!key) return OtherKey();
        return ToKey(key.value().Reveal());
    }
    TRY(const KeyRing* const ring, Ring());
    const codec::Seal* const by =
        seal.kind == EncryptionKind::kS3 ? &ring->s3() : ring->Find(seal.key_name, seal.key_id);
    if (by == nullptr)
        return Error(ErrorKind::kInternal,
                     fmt::format("the key {} of the name '{}' is not among the server's",
                                 seal.key_id, seal.key_name));
    const auto key = by->Open(seal.sealed_key, context);
    if (!key) return Error(ErrorKind::kInternal, key.error().message());
    return ToKey(key.value().Reveal());
}

Result<std::optional<codec::Sha256Digest>> Encryptor::ContentOf(
    const catalog::Encryption& encryption, const codec::Sha256Digest& sha256) const {
    if (encryption.kind == EncryptionKind::kCustomer) return std::optional<codec::Sha256Digest>();
    TRY(const KeyRing* const ring, Ring());
    const codec::Seal* const seal =
        encryption.kind == EncryptionKind::kS3 ? &ring->s3() : ring->Newest(encryption.key_name);
    if (seal == nullptr) return std::optional<codec::Sha256Digest>();
    std::string domain = ContextOf(encryption.kind, encryption.key_name, encryption.context);
    domain += AsText(sha256);
    return codec::HmacSha256(seal->Derive("content"), AsBytes(domain));
}

Result<> CheckCustomerKey(const std::optional<catalog::Encryption>& encryption,
                          const std::optional<AeadKey>& key) {
    if (!encryption || encryption->kind != EncryptionKind::kCustomer) {
        if (key) return NotApplicable();
        return Ok();
    }
    if (!key) return NeedsKey();
    if (!IsProvenBy(*encryption, *key)) return OtherKey();
    return Ok();
}

Result<> CheckUploadKey(const std::optional<catalog::Encryption>& encryption,
                        const std::optional<AeadKey>& key) {
    if (!encryption || encryption->kind != EncryptionKind::kCustomer) {
        if (!key) return Ok();
        return Error(ErrorKind::kInvalid, "InvalidRequest",
                     "The multipart upload initiate did not request encryption with a key of the "
                     "client's. Please resend the request without its parameters.");
    }
    if (!key)
        return Error(ErrorKind::kInvalid, "InvalidRequest",
                     "The multipart upload initiate requested encryption. Subsequent part requests "
                     "must include the appropriate encryption parameters.");
    if (!IsProvenBy(*encryption, *key))
        return Error(ErrorKind::kInvalid, "InvalidRequest",
                     "The provided encryption parameters did not match the ones used originally.");
    return Ok();
}

bool InOneDomain(const std::optional<catalog::Encryption>& a, const std::optional<AeadKey>& key_a,
                 const std::optional<ChosenEncryption>& b) {
    if (!a || !b) return !a && !b;
    if (a->kind != b->kept.kind) return false;
    if (a->kind == EncryptionKind::kCustomer) return key_a == b->customer_key;
    return a->key_name == b->kept.key_name && a->context == b->kept.context;
}

bool EtagIsMd5(const std::optional<catalog::Encryption>& encryption) {
    return !encryption || encryption->kind == EncryptionKind::kS3;
}

std::string EtagOf(const std::optional<catalog::Encryption>& encryption,
                   const codec::Md5Digest& md5) {
    if (!encryption || EtagIsMd5(encryption)) return codec::ToHex(md5);
    if (encryption->kind != EncryptionKind::kCustomer) return RandomEtag();
    const codec::Sha256Digest keyed = codec::HmacSha256(AsBytes(encryption->key_proof), md5);
    return codec::ToHex(ByteView(keyed).first(md5.size()));
}

std::string RandomEtag() {
    codec::Md5Digest random;
    FillRandom(random);
    return codec::ToHex(random);
}

}  // namespace coffer::service
