#include "coffer/catalog/tables.h"

#include <array>

namespace coffer::catalog {

using enum db::ColumnKind;

const db::Table kSettings("settings", 1, {{"name", kText}, {"value", kText, true}});

const db::Table kBuckets("buckets", 1,
                         {{"id", kInt},
                          {"name", kText},
                          {"created_us", kInt},
                          {"versioning", kInt, true},
                          {"revision", kInt, true},
                          {"quota_bytes", kInt, true},
                          {"owner", kText}});

const db::Table kBucketSettings(
    "bucket_settings", 2,
    {{"bucket_id", kInt}, {"kind", kText}, {"document", kBytes, true}, {"changed_us", kInt, true}});

const db::Table kBlobs("blobs", 1,
                       {{"id", kInt},
                        {"sha256", kBytes, true},
                        {"size_bytes", kInt},
                        {"reference_count", kInt, true},
                        {"content", kBytesOrNull, true},
                        {"seal", kBytesOrNull, true}});

const db::Table kKeys("keys", 2, {{"name", kText}, {"key_id", kText}});

const db::Table kCopies("copies", 2,
                        {{"blob_id", kInt},
                         {"store_id", kInt},
                         {"key", kBytes, true},
                         {"state", kInt, true},
                         {"verified_us", kIntOrNull, true}});

const db::Table kVersions("versions", 3,
                          {{"bucket_id", kInt},
                           {"key", kBytes},
                           {"recency", kInt},
                           {"version_id", kText},
                           {"delete_marker", kInt},
                           {"size_bytes", kInt},
                           {"etag", kBytes},
                           {"modified_us", kInt},
                           {"headers", kBytesOrNull, true},
                           {"checksum", kBytesOrNull},
                           {"parts_count", kInt},
                           {"blob_id", kIntOrNull},
                           {"content_id", kIntOrNull},
                           {"encryption", kBytesOrNull}});

const db::Table kUploads("uploads", 1,
                         {{"id", kInt},
                          {"upload_id", kText},
                          {"bucket_id", kInt},
                          {"key", kBytes},
                          {"initiated_us", kInt},
                          {"completed", kInt, true},
                          {"headers", kBytesOrNull},
                          {"checksum_algorithm", kIntOrNull},
                          {"checksum_type", kInt},
                          {"encryption", kBytesOrNull},
                          {"initiator", kText}});

const db::Table kParts("parts", 2,
                       {{"content_id", kInt},
                        {"number", kInt},
                        {"size_bytes", kInt},
                        {"etag", kBytes},
                        {"modified_us", kInt},
                        {"checksum", kBytesOrNull}});

const db::Table kExtents("extents", 3,
                         {{"content_id", kInt},
                          {"part_number", kInt},
                          {"position", kInt},
                          {"blob_id", kInt},
                          {"offset_bytes", kInt},
                          {"length_bytes", kInt}});

const db::Table kUsage("usage", 2,
                       {{"bucket_id", kInt},
                        {"size_class", kInt},
                        {"version_count", kInt, true},
                        {"marker_count", kInt, true},
                        {"total_bytes", kInt, true}});

const db::Table kLifecycleDue("lifecycle_due", 2,
                              {{"bucket_id", kInt}, {"key", kBytes}, {"due_us", kInt, true}});

const db::Table kLifecycleWalks("lifecycle_walks", 1,
                                {{"bucket_id", kInt}, {"done_key", kBytes, true}});

const db::Table kHolders("holders", 2,
                         {{"kind", kInt},
                          {"name", kText},
                          {"id", kText},
                          {"path", kText},
                          {"enabled", kInt, true},
                          {"created_us", kInt},
                          {"changed_us", kInt, true}});

const db::Table kMemberships("memberships", 2, {{"user_name", kText}, {"group_name", kText}});

const db::Table kPolicies("policies", 1,
                          {{"name", kText},
                           {"id", kText},
                           {"path", kText},
                           {"document", kBytes, true},
                           {"created_us", kInt},
                           {"changed_us", kInt, true}});

const db::Table kHolderPolicies("holder_policies", 4,
                                {{"kind", kInt},
                                 {"holder", kText},
                                 {"attached", kInt},
                                 {"policy", kText},
                                 {"document", kBytesOrNull, true}});

const db::Table kAccessKeys("access_keys", 1,
                            {{"access_key", kText},
                             {"user_name", kText},
                             {"service", kInt},
                             {"secret", kBytes, true},
                             {"enabled", kInt, true},
                             {"created_us", kInt},
                             {"expires_us", kIntOrNull, true},
                             {"name", kText, true},
                             {"description", kText, true},
                             {"policy", kBytesOrNull, true}});

const db::Table kAccounts("accounts", 1,
                          {{"id", kText},
                           {"name", kText},
                           {"access_key", kText},
                           {"secret", kBytes},
                           {"created_us", kInt}});

const db::Table kEvents("events", 2,
                        {{"target", kText},
                         {"id", kInt},
                         {"bucket", kText},
                         {"key", kBytes},
                         {"name", kText},
                         {"queued_us", kInt},
                         {"document", kBytes}});

const db::Table kDeadEvents("dead_events", 1,
                            {{"id", kInt},
                             {"target", kText},
                             {"bucket", kText},
                             {"key", kBytes},
                             {"name", kText},
                             {"queued_us", kInt},
                             {"document", kBytes},
                             {"attempts", kInt},
                             {"died_us", kInt},
                             {"error", kText}});

std::span<const db::Table* const> AllTables() {
    static constexpr std::array kAll = {
        &kSettings,    &kBuckets,  &kBucketSettings, &kBlobs,      &kKeys,         &kCopies,
        &kVersions,    &kUploads,  &kParts,          &kExtents,    &kUsage,        &kHolders,
        &kMemberships, &kPolicies, &kHolderPolicies, &kAccessKeys, &kLifecycleDue, &kLifecycleWalks,
        &kAccounts,    &kEvents,   &kDeadEvents};
    return kAll;
}

}  // namespace coffer::catalog
