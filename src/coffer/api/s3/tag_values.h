// What policies ask of the tags that a request brings: "s3:RequestObjectTag/<name>" and
// "s3:RequestObjectTagKeys".
#pragma once

#include "coffer/codec/policy/request.h"
#include "coffer/service/types.h"

namespace coffer::api::s3 {

// Whether a key is one of such tags.
bool IsTagKey(const codec::policy::ConditionKey& key);

// The value of such a key; nothing where there is no such tag.
codec::policy::ConditionValues FindTagValue(const codec::policy::ConditionKey& key,
                                            const service::Tags& tags);

// The values of a request whose tags stand in its document. What it is made of outlives it.
class TagValues final : public codec::policy::ValueSource {
  public:
    TagValues(codec::policy::ValueSource& others, const service::Tags& tags)
        : others_(others), tags_(tags) {}

    codec::policy::ConditionValues Find(const codec::policy::ConditionKey& key) override;

  private:
    codec::policy::ValueSource& others_;
    const service::Tags& tags_;
};

}  // namespace coffer::api::s3
