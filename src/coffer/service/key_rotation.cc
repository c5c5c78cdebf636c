#include "coffer/service/key_rotation.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "coffer/base/log.h"
#include "coffer/catalog/blobs.h"
#include "coffer/codec/hex.h"

namespace coffer::service {
namespace {

constexpr size_t kPage = 256;
constexpr auto kRetry = std::chrono::minutes(1);

}  // namespace

Result<> CheckUsedKeys(db::Database& database, const KeyRing& ring) {
    std::vector<catalog::UsedKey> used;
    TRY(database.ReadBlocking([&](db::Transaction& tx) -> Result<> {
        TRY(used, catalog::ListUsedKeys(tx));
        return Ok();
    }));
    std::string missing;
    for (const catalog::UsedKey& key : used) {
        if (ring.Find(key.name, key.key_id) != nullptr) continue;
        const codec::Seal* const other = ring.Newest(key.name);
        missing += fmt::format(
            "{}'{}' (the key with the id {}{})", missing.empty() ? "" : ", ", key.name, key.key_id,
            other == nullptr ? "" : "; the one that is given has the id " + other->KeyId());
    }
    if (missing.empty()) return Ok();
    return Error(
        ErrorKind::kInvalid,
        fmt::format("objects here are encrypted by KMS keys that this start does not have: "
                    "{}. Give them by MINIO_KMS_SECRET_KEY=<name>:<key>, or in the file "
                    "that COFFER_KMS_KEY_FILE names, beside the new ones.",
                    missing));
}

KeyRotation::KeyRotation(db::Database& database, const Encryptor& encryptor, const KeyRing& ring)
    : database_(database), encryptor_(encryptor), ring_(ring), loop_([this] { return Run(); }) {}

Task<runtime::BackgroundLoop::Duration> KeyRotation::Run() {
    const Result<bool> more = co_await Step();
    if (more && more.value()) co_return runtime::BackgroundLoop::Duration::zero();
    if (more) co_return runtime::BackgroundLoop::kUntilWoken;
    Log(LogLevel::kWarning, "sealing the keys of blobs anew failed; it will be tried again",
        {{"error", more.error().ToString()}});
    co_return kRetry;
}

Task<Result<bool>> KeyRotation::Step() {
    if (!begun_) {
        CO_TRY(co_await Begin());
        begun_ = true;
    }
    if (old_.empty()) co_return false;
    CO_TRY(const std::vector<catalog::Blob> page,
           co_await database_.Read(db::Cost::kScan, [&](db::Transaction& tx) {
               return catalog::ListBlobs(tx, after_, kPage);
           }));
    std::vector<std::pair<catalog::Blob, catalog::BlobSeal>> anew;
    std::vector<std::pair<catalog::Blob, Error>> refused;
    for (const catalog::Blob& blob : page) {
        if (!blob.seal || !IsOld(*blob.seal)) continue;
        Result<catalog::BlobSeal> seal = encryptor_.Reseal(*blob.seal);
        if (seal)
            anew.emplace_back(blob, std::move(seal).value());
        else
            refused.emplace_back(blob, seal.error());
    }
    if (!anew.empty()) {
        CO_TRY(co_await database_.Write([&](db::Transaction& tx) -> Result<> {
            for (const auto& [blob, seal] : anew) {
                TRY(catalog::Reseal(tx, blob, seal));
            }
            return Ok();
        }));
        resealed_ += static_cast<int64_t>(anew.size());
    }
    // Once the page is done: one that is tried again, or followed by an end that is, counts once.
    for (const auto& [blob, error] : refused)
        NoteFailure(blob, error);
    if (!page.empty()) after_ = page.back().id;
    if (page.size() == kPage) co_return true;
    CO_TRY(co_await End());
    co_return false;
}

// One damaged seal keeps no other blob from being sealed anew, but the old key from being
// forgotten.
void KeyRotation::NoteFailure(const catalog::Blob& blob, const Error& error) {
    ++failed_;
    Log(LogLevel::kError, "the key of a blob could not be sealed anew",
        {{"blob", codec::ToHex(blob.sha256)}, {"error", error.ToString()}});
}

Task<Result<>> KeyRotation::Begin() {
    old_.clear();
    CO_TRY(const std::vector<catalog::UsedKey> used,
           co_await database_.Read(db::Cost::kPoint,
                                   [](db::Transaction& tx) { return catalog::ListUsedKeys(tx); }));
    for (const catalog::UsedKey& key : used) {
        const codec::Seal* const newest = ring_.Newest(key.name);
        if (newest != nullptr && newest->KeyId() != key.key_id) old_.push_back(key);
    }
    // The new keys first: blobs are about to need them.
    for (const catalog::UsedKey& key : old_) {
        CO_TRY(co_await database_.Write([&](db::Transaction& tx) {
            return catalog::NoteUsedKey(tx, {key.name, ring_.Newest(key.name)->KeyId()});
        }));
    }
    co_return Ok();
}

Task<Result<>> KeyRotation::End() {
    if (failed_ > 0) {
        Log(LogLevel::kError, "KMS keys were replaced, but for some blobs; the old ones are needed",
            {{"blobs", resealed_}, {"failed", failed_}});
        old_.clear();
        co_return Ok();
    }
    CO_TRY(co_await database_.Write([&](db::Transaction& tx) -> Result<> {
        for (const catalog::UsedKey& key : old_) {
            TRY(catalog::ForgetUsedKey(tx, key));
        }
        return Ok();
    }));
    for (const catalog::UsedKey& key : std::exchange(old_, {}))
        Log(LogLevel::kInfo, "a KMS key was replaced; the old one is needed no more",
            {{"name", key.name}, {"old_key", key.key_id}, {"blobs", resealed_}});
    co_return Ok();
}

bool KeyRotation::IsOld(const catalog::BlobSeal& seal) const {
    return seal.kind == catalog::EncryptionKind::kKms &&
           std::ranges::find(old_, catalog::UsedKey{seal.key_name, seal.key_id}) != old_.end();
}

}  // namespace coffer::service
