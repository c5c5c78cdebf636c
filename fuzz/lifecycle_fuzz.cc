// Rules that were read are written so that they are read as the same rules, and nothing is due
// before the day after its time.
#include "coffer/codec/lifecycle.h"
#include "coffer/codec/lifecycle_due.h"

#include "fuzz/fuzz.h"

namespace coffer::fuzz {

void Fuzz(std::string_view input) {
    const auto parsed = codec::ParseLifecycle(input);
    if (!parsed) return;
    const std::vector<codec::LifecycleRule>& rules = parsed.value();
    COFFER_CHECK(codec::ParseLifecycle(codec::WriteLifecycle(rules)).value() == rules);

    const Timestamp written = std::chrono::sys_days(std::chrono::year(2026) / 1 / 15);
    for (int i = 0; i < 8; ++i) {
        const codec::LifecycleVersion version = {.key = input.substr(0, 9),
                                                 .size_bytes = input.size(),
                                                 .modified = written,
                                                 .is_latest = (i & 1) != 0,
                                                 .is_delete_marker = (i & 2) != 0,
                                                 .is_only_version = (i & 4) != 0,
                                                 .noncurrent_since = written,
                                                 .newer_noncurrent = 3};
        const auto due = codec::NextDue(rules, version);
        if (!due) continue;
        COFFER_CHECK(due->rule->enabled);
        COFFER_CHECK(due->rule->expiration_date || due->at >= written);
        codec::ExpirationHeader(*due);
    }
    codec::UploadIsDue(rules, input.substr(0, 9), written);
}

}  // namespace coffer::fuzz
