#include "coffer/codec/event_record.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "coffer/codec/json.h"

namespace coffer::codec {
namespace {

const std::vector<std::pair<std::string, std::string>> kMetadata = {{"who", "\"me\""}};

EventRecord Record() {
    return {.name = "s3:ObjectCreated:Put",
            .time = FromMicros(1'767'225'600'123'456),
            .region = "eu-1",
            .principal = "alice",
            .address = "10.0.0.7",
            .user_agent = "curl/8",
            .request_id = "0123456789ABCDEF",
            .host_id = "host",
            .rule_id = "rule",
            .owner = "owner",
            .bucket = "photos",
            .key = "a b/\xc3\xa4+.jpg",
            .version_id = "v1",
            .sequence = 0x1234,
            .object = EventRecord::Object{7, "0f", "image/jpeg", kMetadata}};
}

std::string TextAt(const JsonValue& json, std::initializer_list<std::string_view> path) {
    const JsonValue* at = &json;
    for (const std::string_view name : path) {
        at = at->Find(name);
        if (at == nullptr) return "(nothing)";
    }
    return at->AsString() == nullptr ? WriteJson(*at) : *at->AsString();
}

// The one record, which must be valid JSON with what is around it.
JsonValue OnlyRecord(const std::string& text) {
    const JsonValue json = ParseJson(text).value();
    const JsonValue::Array& records = *json.Find("Records")->AsArray();
    EXPECT_EQ(records.size(), 1U);
    return records.front();
}

TEST(EventRecord, SaysWhatHappenedToWhatAndWhoAskedForIt) {
    const JsonValue record = OnlyRecord(WriteWebhookEvent(Record()));
    EXPECT_EQ(TextAt(record, {"eventVersion"}), "2.0");
    EXPECT_EQ(TextAt(record, {"eventSource"}), "minio:s3");
    EXPECT_EQ(TextAt(record, {"awsRegion"}), "eu-1");
    EXPECT_EQ(TextAt(record, {"eventTime"}), "2026-01-01T00:00:00.123Z");
    EXPECT_EQ(TextAt(record, {"eventName"}), "s3:ObjectCreated:Put");
    EXPECT_EQ(TextAt(record, {"userIdentity", "principalId"}), "alice");
    EXPECT_EQ(TextAt(record, {"requestParameters", "sourceIPAddress"}), "10.0.0.7");
    EXPECT_EQ(TextAt(record, {"responseElements", "x-amz-request-id"}), "0123456789ABCDEF");
    EXPECT_EQ(TextAt(record, {"s3", "configurationId"}), "rule");
    EXPECT_EQ(TextAt(record, {"s3", "bucket", "name"}), "photos");
    EXPECT_EQ(TextAt(record, {"s3", "bucket", "arn"}), "arn:aws:s3:::photos");
    EXPECT_EQ(TextAt(record, {"s3", "bucket", "ownerIdentity", "principalId"}), "owner");
    EXPECT_EQ(TextAt(record, {"s3", "object", "key"}), "a+b%2F%C3%A4%2B.jpg");
    EXPECT_EQ(TextAt(record, {"s3", "object", "size"}), "7");
    EXPECT_EQ(TextAt(record, {"s3", "object", "eTag"}), "0f");
    EXPECT_EQ(TextAt(record, {"s3", "object", "contentType"}), "image/jpeg");
    EXPECT_EQ(TextAt(record, {"s3", "object", "userMetadata", "X-Amz-Meta-who"}), "\"me\"");
    EXPECT_EQ(TextAt(record, {"s3", "object", "versionId"}), "v1");
    EXPECT_EQ(TextAt(record, {"s3", "object", "sequencer"}), "0000000000001234");
    EXPECT_EQ(TextAt(record, {"source", "userAgent"}), "curl/8");
}

TEST(EventRecord, StandsInAnEnvelopeThatNamesTheKeyAsItIs) {
    const JsonValue json = ParseJson(WriteWebhookEvent(Record())).value();
    EXPECT_EQ(TextAt(json, {"EventName"}), "s3:ObjectCreated:Put");
    EXPECT_EQ(TextAt(json, {"Key"}), "photos/a b/\xc3\xa4+.jpg");
}

TEST(EventRecord, OfWhatHasGoneSaysNothingOfTheObject) {
    EventRecord record = Record();
    record.object.reset();
    record.version_id = "";
    const JsonValue gone = OnlyRecord(WriteWebhookEvent(record));
    EXPECT_EQ(TextAt(gone, {"s3", "object", "size"}), "(nothing)");
    EXPECT_EQ(TextAt(gone, {"s3", "object", "eTag"}), "(nothing)");
    EXPECT_EQ(TextAt(gone, {"s3", "object", "versionId"}), "(nothing)");
    EXPECT_EQ(TextAt(gone, {"s3", "object", "sequencer"}), "0000000000001234");
}

TEST(EventRecord, OfListenersIsOneLineWithTheKeyAsItIs) {
    EventRecord record = Record();
    record.key = "line\nbreak \"quoted\"";
    const std::string line = WriteListenedEvent(record);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_EQ(TextAt(OnlyRecord(line), {"s3", "object", "key"}), "line\nbreak \"quoted\"");
    EXPECT_EQ(ParseJson(line).value().Find("EventName"), nullptr);
}

}  // namespace
}  // namespace coffer::codec
