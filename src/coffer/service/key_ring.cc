#include "coffer/service/key_ring.h"

#include <algorithm>
#include <utility>

namespace coffer::service {

KeyRing::KeyRing(const codec::Seal& master, const std::vector<NamedKey>& named,
                 std::string default_name)
    : s3_(master.Derive("sse-s3")), default_name_(std::move(default_name)) {
    for (const NamedKey& key : named) {
        const codec::Seal seal(key.key);
        named_.push_back({key.name, seal.KeyId(), seal});
    }
}

const codec::Seal* KeyRing::Newest(std::string_view name) const {
    const auto found = std::ranges::find(named_, name, &Named::name);
    return found == named_.end() ? nullptr : &found->seal;
}

const codec::Seal* KeyRing::Find(std::string_view name, std::string_view key_id) const {
    const auto found = std::ranges::find_if(
        named_, [&](const Named& named) { return named.name == name && named.key_id == key_id; });
    return found == named_.end() ? nullptr : &found->seal;
}

}  // namespace coffer::service
