// What policies ask of a request whose document says one thing more, such as how long a session is
// to last.
#pragma once

#include <utility>

#include "coffer/codec/policy/request.h"

namespace coffer::api {

// For one request, on one thread. `others` outlives it.
class AddedValue final : public codec::policy::ValueSource {
  public:
    AddedValue(codec::policy::ValueSource& others, codec::policy::KeyId key,
               codec::policy::ConditionValues values)
        : others_(others), key_(key), values_(std::move(values)) {}

    codec::policy::ConditionValues Find(const codec::policy::ConditionKey& key) override {
        return key.id == key_ ? values_ : others_.Find(key);
    }

  private:
    codec::policy::ValueSource& others_;
    const codec::policy::KeyId key_;
    const codec::policy::ConditionValues values_;
};

}  // namespace coffer::api
