#include "coffer/service/damage_log.h"

#include <string_view>
#include <utility>

#include "coffer/base/log.h"
#include "coffer/catalog/buckets.h"
#include "coffer/catalog/copies.h"
#include "coffer/codec/hex.h"

namespace coffer::service {
namespace {

std::string_view MessageOf(ErrorKind found) {
    switch (found) {
        case ErrorKind::kCorrupt:
            return "the bytes of a blob are damaged";
        case ErrorKind::kNotFound:
            return "the bytes of a blob are missing";
        default:
            return "the bytes of a blob can't be read";
    }
}

}  // namespace

Task<bool> DamageLog::Report(catalog::Copy copy, codec::Sha256Digest sha256, Error found,
                             std::optional<Wanted> wanted) {
    std::string bucket;
    const Result<catalog::Marked> marked = co_await database_.Write(
        [&](db::Transaction& tx) -> Result<catalog::Marked> {
            if (wanted) {
                TRY(bucket, catalog::FindBucketName(tx, wanted->bucket));
            }
            return catalog::MarkDamaged(tx, copy);
        },
        db::Purpose::kFreesSpace);
    if (marked && marked.value() == catalog::Marked::kChanged) co_return false;
    ++reports_;
    const bool known = marked && marked.value() == catalog::Marked::kBefore;
    Log(known ? LogLevel::kDebug : LogLevel::kError, MessageOf(found.kind()),
        {{"bucket", bucket},
         {"key", wanted ? wanted->key : std::string()},
         {"blob", codec::ToHex(sha256)},
         {"store", copy.store.value()},
         {"copy", copy.key},
         {"error", found.message()},
         {"marked", marked ? "yes" : marked.error().ToString()}});
    if (marked && !known && wake_) wake_();
    co_return true;
}

}  // namespace coffer::service
