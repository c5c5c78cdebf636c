#include "coffer/codec/lifecycle_due.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "coffer/codec/date.h"

namespace coffer::codec {
namespace {

Timestamp At(std::string_view text) {
    return *ParseIso8601(text);
}

const Timestamp kWritten = At("2026-01-15T10:30:00Z");

// "expire 2026-…" or "remove 2026-…", or "never".
std::string Due(const std::vector<LifecycleRule>& rules, const LifecycleVersion& version,
                LifecycleDay day = kLifecycleDay) {
    const auto due = NextDue(rules, version, day);
    if (!due) return "never";
    return (due->action == LifecycleAction::kExpire ? "expire " : "remove ") +
           FormatIso8601(due->at).substr(0, 16);
}

LifecycleVersion Current(std::string_view key = "logs/a") {
    return {.key = key, .size_bytes = 100, .modified = kWritten};
}

LifecycleVersion Noncurrent(int newer = 0) {
    return {.key = "logs/a",
            .modified = At("2020-01-01T00:00:00Z"),
            .is_latest = false,
            .noncurrent_since = kWritten,
            .newer_noncurrent = newer};
}

LifecycleVersion Marker(bool only) {
    return {
        .key = "logs/a", .modified = kWritten, .is_delete_marker = true, .is_only_version = only};
}

TEST(LifecycleDue, CountsDaysToTheNextMidnight) {
    // Source: the Amazon S3 User Guide, "Lifecycle rules: based on an object's age".
    EXPECT_EQ(EndOfDay(kWritten, 3), At("2026-01-19T00:00:00Z"));
    EXPECT_EQ(EndOfDay(At("2026-01-15T00:00:00Z"), 1), At("2026-01-17T00:00:00Z"));
    EXPECT_EQ(EndOfDay(At("2026-01-15T23:59:59.999999Z"), 1), At("2026-01-17T00:00:00Z"));
    EXPECT_EQ(EndOfDay(At("2026-02-28T12:00:00Z"), 1), At("2026-03-02T00:00:00Z"));
    EXPECT_EQ(EndOfDay(At("1969-12-31T12:00:00Z"), 1), At("1970-01-02T00:00:00Z"));
    EXPECT_EQ(EndOfDay(kWritten, 2'147'483'647), At("9999-12-31T00:00:00Z"));
    // A day of ten seconds, for tests.
    EXPECT_EQ(EndOfDay(At("2026-01-15T10:30:04Z"), 2, std::chrono::seconds(10)),
              At("2026-01-15T10:30:30Z"));
}

TEST(LifecycleDue, ExpiresCurrentVersionsByAgeOrDate) {
    EXPECT_EQ(Due({{.enabled = true, .expiration_days = 10}}, Current()),
              "expire 2026-01-26T00:00");
    EXPECT_EQ(Due({{.enabled = true, .expiration_date = At("2026-01-01T00:00:00Z")}}, Current()),
              "expire 2026-01-01T00:00");
    EXPECT_EQ(Due({{.enabled = false, .expiration_days = 10}}, Current()), "never");
    EXPECT_EQ(Due({{.enabled = true, .noncurrent_days = 1, .abort_upload_days = 1}}, Current()),
              "never");
    EXPECT_EQ(Due({{.enabled = true, .expired_object_delete_marker = true}}, Current()), "never");
}

TEST(LifecycleDue, IsAboutWhatItsFilterSays) {
    const auto due = [](const LifecycleFilter& filter, const LifecycleVersion& version) {
        return Due({{.enabled = true, .filter = filter, .expiration_days = 1}}, version) != "never";
    };
    EXPECT_TRUE(due({.prefix = "logs/"}, Current()));
    EXPECT_FALSE(due({.prefix = "Logs/"}, Current()));
    EXPECT_FALSE(due({.prefix = "logs/a/"}, Current()));

    const std::vector<LifecycleTag> tags = {{"a", "1"}, {"b", "2"}};
    LifecycleVersion tagged = Current();
    tagged.tags = tags;
    EXPECT_TRUE(due({.tags = {{"a", "1"}}}, tagged));
    EXPECT_TRUE(due({.tags = {{"b", "2"}, {"a", "1"}}}, tagged));
    EXPECT_FALSE(due({.tags = {{"a", "1"}, {"b", "1"}}}, tagged));
    EXPECT_FALSE(due({.tags = {{"a", "1"}}}, Current()));

    EXPECT_TRUE(due({.size_greater_than = 99, .size_less_than = 101}, Current()));
    EXPECT_FALSE(due({.size_greater_than = 100}, Current()));
    EXPECT_FALSE(due({.size_less_than = 100}, Current()));
    EXPECT_FALSE(due({.prefix = "x", .tags = {{"a", "1"}}}, tagged));
}

TEST(LifecycleDue, RemovesNoncurrentVersionsByAgeAndCount) {
    const LifecycleRule days = {.enabled = true, .noncurrent_days = 2};
    EXPECT_EQ(Due({days}, Noncurrent()), "remove 2026-01-18T00:00");
    LifecycleRule both = days;
    both.newer_noncurrent_versions = 3;
    EXPECT_EQ(Due({both}, Noncurrent(2)), "never");
    EXPECT_EQ(Due({both}, Noncurrent(3)), "remove 2026-01-18T00:00");
    EXPECT_EQ(Due({{.enabled = true, .newer_noncurrent_versions = 1}}, Noncurrent(1)),
              "remove 2026-01-15T10:30");
    EXPECT_EQ(Due({{.enabled = true, .expiration_days = 1}}, Noncurrent()), "never");
    LifecycleVersion marker = Noncurrent();
    marker.is_delete_marker = true;
    EXPECT_EQ(Due({days}, marker), "remove 2026-01-18T00:00");
}

TEST(LifecycleDue, RemovesMarkersThatHideNothing) {
    const LifecycleRule at_once = {.enabled = true, .expired_object_delete_marker = true};
    EXPECT_EQ(Due({at_once}, Marker(true)), "remove 2026-01-15T10:30");
    EXPECT_EQ(Due({at_once}, Marker(false)), "never");
    EXPECT_EQ(Due({{.enabled = true, .expired_object_delete_marker = false}}, Marker(true)),
              "never");
    EXPECT_EQ(Due({{.enabled = true, .expiration_days = 5}}, Marker(true)),
              "remove 2026-01-21T00:00");
    EXPECT_EQ(Due({{.enabled = true, .expiration_days = 5}}, Marker(false)), "never");
    EXPECT_EQ(Due({{.enabled = true, .expiration_date = kWritten}}, Marker(true)), "never");
    EXPECT_EQ(Due({{.enabled = true, .filter = {.tags = {{"a", "b"}}}, .expiration_days = 5}},
                  Marker(true)),
              "never");
}

TEST(LifecycleDue, TakesTheEarliestOfSeveralRules) {
    const std::vector<LifecycleRule> rules = {
        {.id = "late", .enabled = true, .expiration_days = 30},
        {.id = "early", .enabled = true, .filter = {.prefix = "logs/"}, .expiration_days = 3},
        {.id = "same", .enabled = true, .expiration_days = 3},
        {.id = "off", .enabled = false, .expiration_days = 1}};
    const auto due = NextDue(rules, Current());
    ASSERT_TRUE(due);
    EXPECT_EQ(due->rule->id, "early");
    EXPECT_EQ(NextDue(rules, Current("other"))->rule->id, "same");
    EXPECT_FALSE(NextDue({}, Current()));
}

TEST(LifecycleDue, AbortsUploads) {
    const std::vector<LifecycleRule> rules = {
        {.id = "tagged", .enabled = true, .filter = {.size_less_than = 5}, .abort_upload_days = 1},
        {.id = "logs", .enabled = true, .filter = {.prefix = "logs/"}, .abort_upload_days = 2},
        {.id = "all", .enabled = true, .abort_upload_days = 7}};
    const auto due = UploadIsDue(rules, "logs/a", kWritten);
    ASSERT_TRUE(due);
    EXPECT_EQ(due->rule->id, "logs");
    EXPECT_EQ(due->at, At("2026-01-18T00:00:00Z"));
    EXPECT_EQ(UploadIsDue(rules, "other", kWritten)->rule->id, "all");
    EXPECT_FALSE(UploadIsDue(std::span(rules).first(2), "other", kWritten));
}

TEST(LifecycleDue, IsToldInAHeader) {
    const std::vector<LifecycleRule> rules = {
        {.id = "clean up \"logs\"", .enabled = true, .expiration_days = 1}};
    EXPECT_EQ(ExpirationHeader(*NextDue(rules, Current())),
              "expiry-date=\"Sat, 17 Jan 2026 00:00:00 GMT\", "
              "rule-id=\"clean%20up%20%22logs%22\"");
}

}  // namespace
}  // namespace coffer::codec
