// The notification configuration of a bucket, and who is told to have done what.
#include "coffer/codec/notification.h"

#include <gtest/gtest.h>

#include "coffer/catalog/events.h"
#include "coffer/codec/json.h"

#include "tests/support/s3_fixture.h"

namespace coffer::api::s3 {
namespace {

S3Options Options() {
    S3Options options;
    options.webhooks = {"one", "two"};
    return options;
}

class NotificationApiTest : public ::testing::Test {
  protected:
    NotificationApiTest() { EXPECT_EQ(s3.Send("PUT", "/bucket").status, 200); }

    static std::string Rule(std::string_view id, std::string_view event) {
        return fmt::format(
            "<QueueConfiguration><Id>rule</Id><Queue>arn:minio:sqs::{}:webhook</Queue><Event>{}"
            "</Event></QueueConfiguration>",
            id, event);
    }
    TestReply Put(const std::string& rules) {
        return s3.Send("PUT", "/bucket?notification",
                       "<NotificationConfiguration>" + rules + "</NotificationConfiguration>");
    }
    std::string Get() { return s3.Send("GET", "/bucket?notification").body; }
    codec::JsonValue LastRecord() {
        std::string document;
        EXPECT_TRUE(s3.services.database->ReadBlocking([&](db::Transaction& tx) -> Result<> {
            TRY(const auto events, catalog::ListEvents(tx, "one", 0, 100));
            if (events.empty()) return Ok();
            TRY(const auto event, catalog::FindEvent(tx, "one", events.back().id));
            document = event->document;
            return Ok();
        }));
        if (document.empty()) return {};
        return codec::ParseJson(document).value().Find("Records")->AsArray()->front();
    }
    static std::string Text(const codec::JsonValue& record, std::string_view in,
                            std::string_view name) {
        const codec::JsonValue* found = record.Find(in);
        if (found != nullptr) found = found->Find(name);
        return found == nullptr || found->AsString() == nullptr ? "(nothing)" : *found->AsString();
    }

    S3Fixture s3{Options()};
};

TEST_F(NotificationApiTest, IsEmptyUntilItIsSetAndReplacedWhole) {
    const std::string empty = codec::WriteNotification({});
    EXPECT_EQ(Get(), empty);
    EXPECT_EQ(Put(Rule("one", "s3:ObjectCreated:*")).status, 200);
    EXPECT_NE(Get().find("<Queue>arn:minio:sqs::one:webhook</Queue>"), std::string::npos);
    EXPECT_EQ(Put(Rule("two", "s3:ObjectCreated:*")).status, 200);
    EXPECT_EQ(Get().find("::one:"), std::string::npos);
    EXPECT_EQ(Put("").status, 200);
    EXPECT_EQ(Get(), empty);
    EXPECT_EQ(s3.Send("GET", "/missing?notification").Element("Code"), "NoSuchBucket");
}

TEST_F(NotificationApiTest, ThatIsRefusedChangesNothing) {
    ASSERT_EQ(Put(Rule("one", "s3:ObjectCreated:*")).status, 200);
    const std::string before = Get();
    const TestReply unknown = Put(Rule("three", "s3:ObjectCreated:*"));
    EXPECT_EQ(unknown.status, 400);
    EXPECT_EQ(unknown.Element("Code"), "InvalidArgument");
    EXPECT_EQ(unknown.Element("Message"),
              "A specified destination ARN does not exist or is not well-formed. Verify the "
              "destination ARN.");
    EXPECT_EQ(Put(Rule("one", "s3:Nothing")).Element("Code"), "InvalidArgument");
    EXPECT_EQ(Put("<Rule/>").Element("Code"), "MalformedXML");
    EXPECT_EQ(Put("<TopicConfiguration/>").Element("Code"), "UnsupportedNotification");
    const TestReply bridge = Put("<EventBridgeConfiguration/>");
    EXPECT_EQ(bridge.status, 501);
    EXPECT_EQ(bridge.Element("Code"), "NotImplemented");
    EXPECT_EQ(Get(), before);
}

TEST_F(NotificationApiTest, RecordsTellTheRequest) {
    ASSERT_EQ(Put(Rule("one", "s3:ObjectCreated:*")).status, 200);
    const TestReply put =
        s3.Send("PUT", "/bucket/key", "body", {{"User-Agent", "agent"}, {"x-amz-meta-a", "b"}});
    ASSERT_EQ(put.status, 200);
    const codec::JsonValue record = LastRecord();
    EXPECT_EQ(Text(record, "userIdentity", "principalId"), s3.credentials.root_access_key());
    EXPECT_EQ(Text(record, "responseElements", "x-amz-request-id"), put.Header("x-amz-request-id"));
    EXPECT_EQ(Text(record, "responseElements", "x-amz-id-2"), put.Header("x-amz-id-2"));
    EXPECT_EQ(Text(record, "source", "userAgent"), "agent");
    const codec::JsonValue* object = record.Find("s3")->Find("object");
    EXPECT_EQ("\"" + *object->Find("eTag")->AsString() + "\"", put.Header("ETag"));
    EXPECT_EQ(Text(*object, "userMetadata", "X-Amz-Meta-a"), "b");
}

TEST_F(NotificationApiTest, EachOperationIsToldByItsName) {
    ASSERT_EQ(Put(Rule("one", "s3:ObjectCreated:*") +
                  "<QueueConfiguration><Queue>arn:minio:sqs::one:webhook</Queue>"
                  "<Event>s3:ObjectRemoved:*</Event><Event>s3:ObjectAccessed:*</Event>"
                  "</QueueConfiguration>")
                  .status,
              200);
    const auto told = [&](TestReply reply) {
        EXPECT_LT(reply.status, 300);
        const codec::JsonValue record = LastRecord();
        return record.Find("eventName") == nullptr ? "" : *record.Find("eventName")->AsString();
    };
    EXPECT_EQ(told(s3.Send("PUT", "/bucket/a", "body")), "s3:ObjectCreated:Put");
    EXPECT_EQ(told(s3.Send("GET", "/bucket/a")), "s3:ObjectAccessed:Get");
    EXPECT_EQ(told(s3.Send("HEAD", "/bucket/a")), "s3:ObjectAccessed:Head");
    EXPECT_EQ(
        told(s3.Send("GET", "/bucket/a?attributes", "", {{"x-amz-object-attributes", "ETag"}})),
        "s3:ObjectAccessed:Attributes");
    EXPECT_EQ(told(s3.Send("PUT", "/bucket/b", "", {{"x-amz-copy-source", "/bucket/a"}})),
              "s3:ObjectCreated:Copy");
    EXPECT_EQ(told(s3.Send("PUT", "/bucket/b?tagging",
                           "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet>"
                           "</Tagging>")),
              "s3:ObjectCreated:PutTagging");
    EXPECT_EQ(told(s3.Send("DELETE", "/bucket/b?tagging")), "s3:ObjectCreated:DeleteTagging");
    EXPECT_EQ(told(s3.Send("DELETE", "/bucket/b")), "s3:ObjectRemoved:Delete");
}

}  // namespace
}  // namespace coffer::api::s3
