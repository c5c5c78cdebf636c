// The record of an event, as S3's notifications carry it: JSON. Pure functions, any thread may call
// them.
//
// Source: the Amazon S3 User Guide, "Event message structure"; what MinIO sends, whose consumers
// this is for: its version and source, names that begin with "s3:", and the envelope around the
// records.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "coffer/base/clock.h"

namespace coffer::codec {

// Views live as long as the call.
struct EventRecord {
    std::string_view name;  // "s3:ObjectCreated:Put"
    Timestamp time;
    std::string_view region;

    // Who asked for it, from where; empty: nobody, it happened by itself.
    std::string_view principal;
    std::string_view address;
    std::string_view user_agent;
    std::string_view request_id;
    std::string_view host_id;

    std::string_view rule_id;
    std::string_view owner;  // of the bucket
    std::string_view bucket;
    std::string_view key;         // as it is
    std::string_view version_id;  // empty: it has none
    int64_t sequence = 0;         // greater for what came later

    // Of an object that is there; nothing of one that has gone.
    struct Object {
        uint64_t size_bytes = 0;
        std::string_view etag;
        std::string_view content_type;
        std::span<const std::pair<std::string, std::string>> metadata;  // without "x-amz-meta-"
    };
    std::optional<Object> object;
};

// What webhooks get: {"EventName", "Key": "<bucket>/<key>", "Records": [record]}. In the record the
// key is encoded as forms encode, "a b/c" as "a+b%2Fc".
std::string WriteWebhookEvent(const EventRecord& record);

// What listeners get, without the line's end: {"Records": [record]}, the key as it is.
std::string WriteListenedEvent(const EventRecord& record);

}  // namespace coffer::codec
