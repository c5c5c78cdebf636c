// When a name gets a new key: the keys of blobs that an older one seals are sealed by the new one,
// behind the requests. No byte of a blob is read or written for it. After that the older key is
// needed no more.
#pragma once

#include <vector>

#include "coffer/catalog/keys.h"
#include "coffer/catalog/types.h"
#include "coffer/db/database.h"
#include "coffer/runtime/background_loop.h"
#include "coffer/service/encryptor.h"
#include "coffer/service/key_ring.h"

namespace coffer::service {

// Whether `ring` has every named key that the catalogue needs. kInvalid: the message names those
// that are missing, and says what to do. Blocks.
Result<> CheckUsedKeys(db::Database& database, const KeyRing& ring);

class KeyRotation {
  public:
    // What it is given outlives it. `ring` has all keys that are in use.
    KeyRotation(db::Database& database, const Encryptor& encryptor, const KeyRing& ring);

    // Any executor. Ends by itself when nothing is left to do; a crash or Stop loses what was not
    // committed, and the next start goes over it again.
    void Start(runtime::Executor executor) { loop_.Start(executor); }
    void Stop() { loop_.Stop(); }

    // One page; false when all is done. For tests, in place of Start.
    Task<Result<bool>> Step();

    // How many blobs keep their old seals, which could not be opened.
    int64_t failed() const { return failed_; }

  private:
    Task<runtime::BackgroundLoop::Duration> Run();
    Task<Result<>> Begin();
    Task<Result<>> End();
    bool IsOld(const catalog::BlobSeal& seal) const;
    void NoteFailure(const catalog::Blob& blob, const Error& error);

    db::Database& database_;
    const Encryptor& encryptor_;
    const KeyRing& ring_;
    std::vector<catalog::UsedKey> old_;
    catalog::BlobId after_{0};
    int64_t resealed_ = 0;
    int64_t failed_ = 0;
    bool begun_ = false;
    runtime::BackgroundLoop loop_;
};

}  // namespace coffer::service
