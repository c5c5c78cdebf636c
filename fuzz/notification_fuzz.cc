// Rules that were read are written so that they are read as the same rules, and tell events by
// names that rules may ask for.
#include "coffer/codec/event_record.h"
#include "coffer/codec/json.h"
#include "coffer/codec/notification.h"

#include "fuzz/fuzz.h"

namespace coffer::fuzz {

void Fuzz(std::string_view input) {
    const codec::EventRecord record{.name = input, .bucket = "bucket", .key = input};
    COFFER_CHECK(codec::ParseJson(codec::WriteWebhookEvent(record)).has_value());
    COFFER_CHECK(codec::ParseJson(codec::WriteListenedEvent(record)).has_value());

    const auto parsed = codec::ParseNotification(input);
    if (!parsed) return;
    const std::vector<codec::NotificationRule>& rules = parsed.value();
    COFFER_CHECK(codec::ParseNotification(codec::WriteNotification(rules)).value() == rules);
    for (const codec::NotificationRule& rule : rules) {
        COFFER_CHECK(codec::ParseTargetArn(codec::FormatTargetArn(rule.target)).value() ==
                     rule.target);
        const std::string key = rule.prefix.value_or("") + rule.suffix.value_or("");
        for (int i = 0; i <= static_cast<int>(codec::ObjectEvent::kGetAttributes); ++i) {
            const auto name = rule.Match(static_cast<codec::ObjectEvent>(i), key);
            COFFER_CHECK(name.empty() || codec::IsEventName(name));
        }
    }
}

}  // namespace coffer::fuzz
