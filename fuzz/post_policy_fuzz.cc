// A policy lets no form through that has a field beside its conditions, and none after its time.
#include "coffer/codec/base64.h"
#include "coffer/codec/post_policy.h"

#include "fuzz/fuzz.h"

namespace coffer::fuzz {

void Fuzz(std::string_view input) {
    (void)codec::PostPolicy::Parse(input);
    const auto policy = codec::PostPolicy::Parse(codec::Base64Encode(AsBytes(input)));
    codec::PutInFileName(input.substr(0, input.size() / 2), input.substr(input.size() / 2));
    if (!policy) return;
    const std::string text(input);
    const std::vector<codec::FormField> fields = {{"key", text.substr(0, 8)}, {"acl", "private"}};
    (void)policy.value().Check(fields, "b", Timestamp());
    const Timestamp never = Timestamp::max();
    COFFER_CHECK(!policy.value().Check(fields, "b", never));
    COFFER_CHECK(policy.value().CheckSize(policy.value().max_bytes()).has_value() ||
                 policy.value().min_bytes() > policy.value().max_bytes());
}

}  // namespace coffer::fuzz
