#include "coffer/codec/notification.h"

#include <gtest/gtest.h>

#include <string>

namespace coffer::codec {
namespace {

const std::string kQueue = "<Queue>arn:minio:sqs::one:webhook</Queue>";
const std::string kPut = "<Event>s3:ObjectCreated:Put</Event>";

std::string Document(const std::string& rules) {
    return "<NotificationConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + rules +
           "</NotificationConfiguration>";
}

std::string Rule(const std::string& elements) {
    return "<QueueConfiguration>" + elements + "</QueueConfiguration>";
}

std::string FilterRule(const std::string& name, const std::string& value) {
    return "<FilterRule><Name>" + name + "</Name><Value>" + value + "</Value></FilterRule>";
}

std::string Filtered(const std::string& filter_rules, const std::string& events = kPut) {
    return Rule(kQueue + events + "<Filter><S3Key>" + filter_rules + "</S3Key></Filter>");
}

std::string Refusal(const std::string& document) {
    const auto rules = ParseNotification(document);
    if (rules) return "accepted";
    return std::string(rules.error().code()) + ": " + rules.error().message();
}

const std::string kOverlap =
    "InvalidArgument: An object key name filtering rule defined with overlapping prefixes, "
    "overlapping suffixes, or overlapping combinations of prefixes and suffixes for the same event "
    "types.";
const std::string kNoTarget =
    "InvalidArgument: A specified destination ARN does not exist or is not well-formed. Verify the "
    "destination ARN.";

TEST(Notification, IsReadAndWritten) {
    const std::string document = Document(
        "<QueueConfiguration><Id>first</Id><Queue>arn:minio:sqs:eu:one:webhook</Queue>"
        "<Event>s3:ObjectCreated:*</Event><Event>s3:ObjectRemoved:Delete</Event>"
        "<Filter><S3Key><FilterRule><Name>prefix</Name><Value>photos/</Value></FilterRule>"
        "<FilterRule><Name>suffix</Name><Value>.jpg</Value></FilterRule></S3Key></Filter>"
        "</QueueConfiguration><QueueConfiguration><Queue>arn:minio:sqs::_:webhook</Queue>"
        "<Event>s3:ObjectAccessed:*</Event></QueueConfiguration>");
    const auto rules = ParseNotification(document);
    ASSERT_TRUE(rules) << rules.error().ToString();
    const std::vector<NotificationRule> expected = {
        {.id = "first",
         .target = {"eu", "one", "webhook"},
         .events = {"s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"},
         .prefix = "photos/",
         .suffix = ".jpg"},
        {.target = {"", "_", "webhook"}, .events = {"s3:ObjectAccessed:*"}}};
    EXPECT_EQ(rules.value(), expected);
    EXPECT_NE(WriteNotification(expected).find(document), std::string::npos);
}

TEST(Notification, WithoutARuleTellsNothing) {
    const auto rules = ParseNotification(Document(""));
    ASSERT_TRUE(rules);
    EXPECT_TRUE(rules.value().empty());
    EXPECT_TRUE(ParseNotification("<NotificationConfiguration/>"));
}

TEST(Notification, RefusesWhatIsNoConfiguration) {
    EXPECT_EQ(Refusal("{}").substr(0, 12), "MalformedXML");
    EXPECT_EQ(Refusal("<Notification/>").substr(0, 12), "MalformedXML");
    EXPECT_EQ(Refusal(Document("<Queue/>")).substr(0, 12), "MalformedXML");
    EXPECT_EQ(Refusal(Document(Rule(kPut))).substr(0, 12), "MalformedXML");
    EXPECT_EQ(Refusal(Document(Rule(kQueue))).substr(0, 12), "MalformedXML");
    EXPECT_EQ(Refusal(Document(Rule(kQueue + kQueue + kPut))).substr(0, 12), "MalformedXML");
    EXPECT_EQ(Refusal(Document(Rule(kQueue + kPut + "<State/>"))).substr(0, 12), "MalformedXML");
}

TEST(Notification, RefusesWhatIsNotOffered) {
    EXPECT_EQ(Refusal(Document("<EventBridgeConfiguration/>")),
              "NotImplemented: EventBridge is not offered: events go to webhooks.");
    for (const char* kind : {"Topic", "CloudFunction"}) {
        const std::string name = std::string(kind) + "Configuration";
        EXPECT_EQ(Refusal(Document("<" + name + "/>")).substr(0, 23), "UnsupportedNotification");
    }
}

TEST(Notification, RefusesUnknownAndRepeatedEvents) {
    for (const char* name : {"s3:ObjectCreated", "ObjectCreated:Put", "s3:*", "s3:ObjectEaten:*",
                             "s3:ObjectCreated:Put ", ""}) {
        EXPECT_EQ(Refusal(Document(Rule(kQueue + "<Event>" + name + "</Event>"))),
                  "InvalidArgument: A specified event is not supported for notifications.")
            << name;
    }
    EXPECT_EQ(Refusal(Document(Rule(kQueue + kPut + kPut))),
              "InvalidArgument: Configurations overlap. Configurations on the same bucket cannot "
              "share a common event type.");
}

TEST(Notification, RefusesFiltersThatAreNone) {
    EXPECT_EQ(Refusal(Document(Filtered(FilterRule("size", "9")))),
              "InvalidArgument: filter rule name must be either prefix or suffix");
    EXPECT_EQ(Refusal(Document(Filtered(FilterRule("prefix", "a") + FilterRule("Prefix", "b")))),
              "InvalidArgument: Cannot specify more than one prefix rule in a filter.");
    EXPECT_EQ(Refusal(Document(Filtered(FilterRule("suffix", "a") + FilterRule("suffix", "b")))),
              "InvalidArgument: Cannot specify more than one suffix rule in a filter.");
    EXPECT_EQ(Refusal(Document(Filtered(FilterRule("prefix", std::string(1025, 'a'))))),
              "InvalidArgument: Size of filter rule value cannot exceed 1024 bytes in UTF-8 "
              "representation");
    EXPECT_EQ(Refusal(Document(Filtered(FilterRule("prefix", std::string(1024, 'a'))))),
              "accepted");
    EXPECT_EQ(
        Refusal(Document(Filtered("<FilterRule><Name>prefix</Name></FilterRule>"))).substr(0, 12),
        "MalformedXML");
}

TEST(Notification, RefusesRulesOfOneTargetThatOverlap) {
    EXPECT_EQ(Refusal(Document(Rule(kQueue + kPut) + Rule(kQueue + kPut))), kOverlap);
    EXPECT_EQ(Refusal(Document(Filtered(FilterRule("prefix", "a/")) +
                               Filtered(FilterRule("prefix", "a/b/")))),
              kOverlap);
    EXPECT_EQ(
        Refusal(Document(Filtered(FilterRule("prefix", "a/"), "<Event>s3:ObjectCreated:*</Event>") +
                         Filtered(FilterRule("suffix", ".jpg")))),
        kOverlap);
    EXPECT_EQ(Refusal(Document(Filtered(FilterRule("prefix", "a/")) +
                               Filtered(FilterRule("prefix", "b/")))),
              "accepted");
    EXPECT_EQ(Refusal(Document(Filtered(FilterRule("suffix", ".jpg")) +
                               Filtered(FilterRule("suffix", ".png")))),
              "accepted");
    EXPECT_EQ(Refusal(Document(Rule(kQueue + kPut) +
                               Rule(kQueue + "<Event>s3:ObjectCreated:Copy</Event>"))),
              "accepted");
    EXPECT_EQ(Refusal(Document(Rule(kQueue + kPut) +
                               Rule("<Queue>arn:minio:sqs::two:webhook</Queue>" + kPut))),
              "accepted");
}

TEST(Notification, RefusesTooManyRulesAndIds) {
    std::string rules;
    for (int i = 0; i < 100; ++i)
        rules += Filtered(FilterRule("prefix", std::to_string(1000 + i)));
    EXPECT_EQ(Refusal(Document(rules)), "accepted");
    EXPECT_EQ(Refusal(Document(rules + Filtered(FilterRule("prefix", "x")))),
              "InvalidArgument: The number of notification configurations must not exceed the "
              "allowed limit of 100.");
    const std::string id = "<Id>" + std::string(255, 'i') + "</Id>";
    EXPECT_EQ(Refusal(Document(Rule(id + kQueue + kPut))), "accepted");
    EXPECT_EQ(Refusal(Document(Rule(id + kQueue + kPut) +
                               Rule(id + kQueue + "<Event>s3:ObjectCreated:Copy</Event>"))),
              "InvalidArgument: Same ID used for multiple configurations. IDs must be unique");
    EXPECT_EQ(Refusal(Document(Rule("<Id>" + std::string(256, 'i') + "</Id>" + kQueue + kPut))),
              "InvalidArgument: ID length should not exceed allowed limit of 255");
}

TEST(Notification, KnowsArnsByTheirForm) {
    for (const char* arn : {"", "arn:aws:sqs:us-east-1:444455556666:queue", "arn:minio:sqs::one",
                            "arn:minio:sqs:one", "arn:minio:sqs:::webhook", "arn:minio:sqs::one:",
                            "arn:minio:sqs::one:webhook:x", "arn:minio:sns::one:webhook"}) {
        const auto refused = ParseTargetArn(arn);
        ASSERT_FALSE(refused) << arn;
        EXPECT_EQ(std::string(refused.error().code()) + ": " + refused.error().message(),
                  kNoTarget);
    }
    const auto arn = ParseTargetArn("arn:minio:sqs:eu-1:one:webhook");
    ASSERT_TRUE(arn);
    EXPECT_EQ(arn.value(), (TargetArn{"eu-1", "one", "webhook"}));
    EXPECT_EQ(FormatTargetArn(arn.value()), "arn:minio:sqs:eu-1:one:webhook");
}

TEST(Notification, IsCheckedAgainstTheTargetsThatThereAre) {
    const std::vector<std::string> ids = {"one"};
    const auto check = [&](const TargetArn& target, std::string_view region) {
        std::vector<NotificationRule> rules = {{.target = target}};
        const Result<> checked = CheckTargets(rules, ids, region);
        return checked ? FormatTargetArn(rules.front().target) : checked.error().message();
    };
    EXPECT_EQ(check({"", "one", "webhook"}, ""), "arn:minio:sqs::one:webhook");
    EXPECT_EQ(check({"", "one", "webhook"}, "eu-1"), "arn:minio:sqs:eu-1:one:webhook");
    EXPECT_EQ(check({"eu-1", "one", "webhook"}, ""), "arn:minio:sqs::one:webhook");
    EXPECT_EQ(check({"us-1", "one", "webhook"}, "eu-1").substr(0, 52),
              "A specified destination is in a different region tha");
    EXPECT_EQ("InvalidArgument: " + check({"", "two", "webhook"}, ""), kNoTarget);
    EXPECT_EQ("InvalidArgument: " + check({"", "one", "kafka"}, ""), kNoTarget);
}

TEST(NotificationRule, MatchesByNameAndKey) {
    const NotificationRule rule{.events = {"s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"},
                                .prefix = "photos/",
                                .suffix = ".jpg"};
    EXPECT_EQ(rule.Match(ObjectEvent::kPut, "photos/a.jpg"), "s3:ObjectCreated:Put");
    EXPECT_EQ(rule.Match(ObjectEvent::kPutTagging, "photos/a.jpg"), "s3:ObjectCreated:PutTagging");
    EXPECT_EQ(rule.Match(ObjectEvent::kDelete, "photos/a.jpg"), "s3:ObjectRemoved:Delete");
    EXPECT_EQ(rule.Match(ObjectEvent::kDeleteMarker, "photos/a.jpg"), "");
    EXPECT_EQ(rule.Match(ObjectEvent::kGet, "photos/a.jpg"), "");
    EXPECT_EQ(rule.Match(ObjectEvent::kPut, "photos/a.png"), "");
    EXPECT_EQ(rule.Match(ObjectEvent::kPut, "Photos/a.jpg"), "");
    EXPECT_EQ(rule.Match(ObjectEvent::kPut, "photos/.jpg"), "s3:ObjectCreated:Put");
}

TEST(NotificationRule, TellsAnEventByTheNameThatWasAskedFor) {
    const auto told = [](const std::string& asked, ObjectEvent event) {
        return std::string(NotificationRule{.events = {asked}}.Match(event, "key"));
    };
    EXPECT_EQ(told("s3:ObjectTagging:Put", ObjectEvent::kPutTagging), "s3:ObjectTagging:Put");
    EXPECT_EQ(told("s3:ObjectTagging:*", ObjectEvent::kDeleteTagging), "s3:ObjectTagging:Delete");
    EXPECT_EQ(told("s3:ObjectAcl:Put", ObjectEvent::kPutAcl), "s3:ObjectAcl:Put");
    EXPECT_EQ(told("s3:ObjectCreated:*", ObjectEvent::kPutAcl), "");
    EXPECT_EQ(told("s3:LifecycleExpiration:*", ObjectEvent::kExpire),
              "s3:LifecycleExpiration:Delete");
    EXPECT_EQ(told("s3:LifecycleExpiration:*", ObjectEvent::kDelete), "");
    EXPECT_EQ(told("s3:ObjectRemoved:*", ObjectEvent::kExpireMarker),
              "s3:ObjectRemoved:DeleteMarkerCreated");
    EXPECT_EQ(told("s3:Replication:*", ObjectEvent::kPut), "");
}

TEST(ObjectEvent, NamesAreOfTheirEvents) {
    // The table is looked up by the event's number.
    EXPECT_EQ(MatchEventName("s3:ObjectAccessed:*", ObjectEvent::kGetAttributes),
              "s3:ObjectAccessed:Attributes");
    EXPECT_EQ(MatchEventName("s3:ObjectAccessed:*", ObjectEvent::kHead), "s3:ObjectAccessed:Head");
    EXPECT_EQ(MatchEventName("s3:ObjectCreated:*", ObjectEvent::kCompleteMultipartUpload),
              "s3:ObjectCreated:CompleteMultipartUpload");
    EXPECT_EQ(MatchEventName("s3:ObjectRemoved:*", ObjectEvent::kDeleteMarker),
              "s3:ObjectRemoved:DeleteMarkerCreated");
}

}  // namespace
}  // namespace coffer::codec
