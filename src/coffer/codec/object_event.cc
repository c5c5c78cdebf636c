#include "coffer/codec/object_event.h"

#include <algorithm>
#include <array>

namespace coffer::codec {
namespace {

struct Names {
    ObjectEvent event;
    std::string_view minio;  // empty: it has none
    std::string_view aws;
};

constexpr auto kNames = std::to_array<Names>({
    {ObjectEvent::kPut, "s3:ObjectCreated:Put", "s3:ObjectCreated:Put"},
    {ObjectEvent::kPost, "s3:ObjectCreated:Post", "s3:ObjectCreated:Post"},
    {ObjectEvent::kCopy, "s3:ObjectCreated:Copy", "s3:ObjectCreated:Copy"},
    {ObjectEvent::kCompleteMultipartUpload, "s3:ObjectCreated:CompleteMultipartUpload",
     "s3:ObjectCreated:CompleteMultipartUpload"},
    {ObjectEvent::kPutRetention, "s3:ObjectCreated:PutRetention", ""},
    {ObjectEvent::kPutLegalHold, "s3:ObjectCreated:PutLegalHold", ""},
    {ObjectEvent::kPutTagging, "s3:ObjectCreated:PutTagging", "s3:ObjectTagging:Put"},
    {ObjectEvent::kDeleteTagging, "s3:ObjectCreated:DeleteTagging", "s3:ObjectTagging:Delete"},
    {ObjectEvent::kPutAcl, "", "s3:ObjectAcl:Put"},
    {ObjectEvent::kDelete, "s3:ObjectRemoved:Delete", "s3:ObjectRemoved:Delete"},
    {ObjectEvent::kDeleteMarker, "s3:ObjectRemoved:DeleteMarkerCreated",
     "s3:ObjectRemoved:DeleteMarkerCreated"},
    {ObjectEvent::kExpire, "s3:ObjectRemoved:Delete", "s3:LifecycleExpiration:Delete"},
    {ObjectEvent::kExpireMarker, "s3:ObjectRemoved:DeleteMarkerCreated",
     "s3:LifecycleExpiration:DeleteMarkerCreated"},
    {ObjectEvent::kGet, "s3:ObjectAccessed:Get", ""},
    {ObjectEvent::kHead, "s3:ObjectAccessed:Head", ""},
    {ObjectEvent::kGetRetention, "s3:ObjectAccessed:GetRetention", ""},
    {ObjectEvent::kGetLegalHold, "s3:ObjectAccessed:GetLegalHold", ""},
    {ObjectEvent::kGetAttributes, "s3:ObjectAccessed:Attributes", ""},
});

// What clients may ask for besides: groups, and what never happens here.
constexpr auto kOthers = std::to_array<std::string_view>({
    "s3:ObjectCreated:*",
    "s3:ObjectRemoved:*",
    "s3:ObjectAccessed:*",
    "s3:ObjectTagging:*",
    "s3:LifecycleExpiration:*",
    "s3:ObjectRemoved:NoOP",
    "s3:ObjectRemoved:DeleteAllVersions",
    "s3:LifecycleDelMarkerExpiration:Delete",
    "s3:LifecycleTransition",
    "s3:IntelligentTiering",
    "s3:ReducedRedundancyLostObject",
    "s3:ObjectRestore:*",
    "s3:ObjectRestore:Post",
    "s3:ObjectRestore:Completed",
    "s3:ObjectRestore:Delete",
    "s3:ObjectTransition:*",
    "s3:ObjectTransition:Failed",
    "s3:ObjectTransition:Complete",
    "s3:Replication:*",
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationCompletedReplication",
    "s3:Replication:OperationNotTracked",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationReplicatedAfterThreshold",
    "s3:Scanner:ManyVersions",
    "s3:Scanner:LargeVersions",
    "s3:Scanner:BigPrefix",
    "s3:BucketCreated:*",
    "s3:BucketRemoved:*",
});

// Whether `name` is `asked`, or of the group that it is.
bool StandsFor(std::string_view asked, std::string_view name) {
    if (asked.ends_with(":*")) return name.starts_with(asked.substr(0, asked.size() - 1));
    return asked == name;
}

}  // namespace

bool IsEventName(std::string_view name) {
    if (name.empty()) return false;
    const auto has = [name](const Names& names) {
        return names.minio == name || names.aws == name;
    };
    return std::ranges::any_of(kNames, has) || std::ranges::find(kOthers, name) != kOthers.end();
}

std::string_view MatchEventName(std::string_view name, ObjectEvent event) {
    const Names& names = kNames[static_cast<size_t>(event)];
    if (!names.minio.empty() && StandsFor(name, names.minio)) return names.minio;
    if (!names.aws.empty() && StandsFor(name, names.aws)) return names.aws;
    return {};
}

bool EventNamesOverlap(std::string_view a, std::string_view b) {
    return StandsFor(a, b) || StandsFor(b, a);
}

}  // namespace coffer::codec
