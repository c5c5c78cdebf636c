// Which pages of other origins may use a bucket: its CORS rules, for whoever answers browsers.
#pragma once

#include <memory>
#include <vector>

#include "coffer/codec/cors.h"
#include "coffer/runtime/task.h"
#include "coffer/service/settings_cache.h"
#include "coffer/service/types.h"

namespace coffer::service {

struct Core;

using CorsRules = std::vector<codec::CorsRule>;

// Any thread may call it.
class BucketCors {
  public:
    explicit BucketCors(Core& core);

    // Null where the bucket has none, or where there is no such bucket. kCorrupt; errors of the
    // catalogue.
    Task<Result<std::shared_ptr<const CorsRules>>> Find(BucketName bucket);

  private:
    Core& core_;
    SettingsCache<CorsRules> rules_;
};

}  // namespace coffer::service
