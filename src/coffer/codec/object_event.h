// What can happen to an object, and the names that notifications know it by. Pure functions, any
// thread may call them.
//
// Source: the Amazon S3 User Guide, "Supported event types for SQS, SNS, and Lambda"; and the names
// of MinIO, which has some events of its own and puts others under ObjectCreated and ObjectRemoved.
#pragma once

#include <cstdint>
#include <string_view>

namespace coffer::codec {

enum class ObjectEvent : uint8_t {
    kPut,
    kPost,
    kCopy,
    kCompleteMultipartUpload,
    kPutRetention,
    kPutLegalHold,
    kPutTagging,
    kDeleteTagging,
    kPutAcl,
    kDelete,        // of a version, or of an object that has none but one
    kDeleteMarker,  // one came to lie on an object
    kExpire,        // kDelete by a rule of the lifecycle
    kExpireMarker,  // kDeleteMarker likewise
    kGet,
    kHead,
    kGetRetention,
    kGetLegalHold,
    kGetAttributes,
};

// Whether a rule may ask for events by `name`: "s3:ObjectCreated:Put", or "s3:ObjectCreated:*".
// Names of what never happens here (replication, restoring, transitions, …) are among them.
bool IsEventName(std::string_view name);

// The name by which a rule that asks for `name` learns of `event`; empty where it does not. MinIO's
// name counts more than AWS's where `name` stands for both.
std::string_view MatchEventName(std::string_view name, ObjectEvent event);

// Whether there is a name that both stand for: they are the same, or one is the other's group.
bool EventNamesOverlap(std::string_view a, std::string_view b);

}  // namespace coffer::codec
