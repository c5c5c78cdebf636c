// What was read is written so that it is read as the same, and a retention that was read holds
// until its time.
#include "coffer/codec/object_lock.h"

#include "fuzz/fuzz.h"

namespace coffer::fuzz {

void Fuzz(std::string_view input) {
    if (const auto read = codec::ParseObjectLockConfiguration(input)) {
        const std::string written = codec::WriteObjectLockConfiguration(read.value());
        COFFER_CHECK(codec::ParseObjectLockConfiguration(written).value() == read.value());
        const Timestamp now = std::chrono::sys_days(std::chrono::year(2024) / 2 / 29);
        if (read.value().default_retention)
            COFFER_CHECK(codec::RetainUntil(*read.value().default_retention, now) > now);
    }
    if (const auto read = codec::ParseLegalHold(input))
        COFFER_CHECK(codec::ParseLegalHold(codec::WriteLegalHold(read.value())).value() ==
                     read.value());
    const auto read = codec::ParseRetention(input);
    if (!read || !read.value()) return;
    const codec::Retention& retention = *read.value();
    COFFER_CHECK(codec::ParseRetention(codec::WriteRetention(retention)).value() == retention);
    const codec::ObjectLock lock{.retention = retention};
    const Timestamp before = retention.until - std::chrono::milliseconds(1);
    COFFER_CHECK(!codec::CheckUnlocked(lock, {.now = before}));
    COFFER_CHECK(codec::CheckUnlocked(lock, {.now = retention.until}).has_value());
}

}  // namespace coffer::fuzz
