#include "coffer/api/s3/tag_values.h"

#include <algorithm>
#include <string>
#include <vector>

namespace coffer::api::s3 {

using codec::policy::ConditionValues;
using codec::policy::KeyId;

bool IsTagKey(const codec::policy::ConditionKey& key) {
    return key.id == KeyId::kRequestObjectTag || key.id == KeyId::kRequestObjectTagKeys;
}

ConditionValues FindTagValue(const codec::policy::ConditionKey& key, const service::Tags& tags) {
    if (key.id == KeyId::kRequestObjectTag) {
        const auto tag = std::ranges::find(tags, key.detail, &service::Tags::value_type::first);
        if (tag == tags.end()) return std::nullopt;
        return std::vector{tag->second};
    }
    std::vector<std::string> names;
    for (const auto& [name, value] : tags)
        names.push_back(name);
    return names;
}

ConditionValues TagValues::Find(const codec::policy::ConditionKey& key) {
    return IsTagKey(key) ? FindTagValue(key, tags_) : others_.Find(key);
}

}  // namespace coffer::api::s3
