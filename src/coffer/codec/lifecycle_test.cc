#include "coffer/codec/lifecycle.h"

#include <gtest/gtest.h>

#include <string>

#include "coffer/codec/date.h"

namespace coffer::codec {
namespace {

std::string Document(const std::string& rules) {
    return "<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + rules +
           "</LifecycleConfiguration>";
}

// A rule with these elements beside an empty filter and its status.
std::string Rule(const std::string& elements) {
    return Document("<Rule><Filter/><Status>Enabled</Status>" + elements + "</Rule>");
}

const std::string kTenDays = "<Expiration><Days>10</Days></Expiration>";

std::string Filtered(const std::string& filter) {
    return Document("<Rule><Status>Enabled</Status>" + filter + kTenDays + "</Rule>");
}

std::string Refusal(const std::string& document) {
    const auto rules = ParseLifecycle(document);
    if (rules) return "accepted";
    return std::string(rules.error().code()) + ": " + rules.error().message();
}

TEST(Lifecycle, IsReadAndWritten) {
    const std::string document = Document(
        "<Rule><ID>old</ID><Prefix>logs/</Prefix><Status>Disabled</Status>"
        "<Expiration><Days>31</Days></Expiration></Rule>"
        "<Rule><ID>all</ID><Filter><And><Prefix>a</Prefix><Tag><Key>k</Key><Value>v</Value></Tag>"
        "<Tag><Key>l</Key><Value></Value></Tag><ObjectSizeGreaterThan>500</ObjectSizeGreaterThan>"
        "<ObjectSizeLessThan>64000</ObjectSizeLessThan></And></Filter><Status>Enabled</Status>"
        "<Expiration><Date>2030-01-01T00:00:00.000Z</Date></Expiration>"
        "<NoncurrentVersionExpiration><NoncurrentDays>2</NoncurrentDays>"
        "<NewerNoncurrentVersions>5</NewerNoncurrentVersions></NoncurrentVersionExpiration></Rule>"
        "<Rule><Filter></Filter><Status>Enabled</Status>"
        "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>"
        "<AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation>"
        "</AbortIncompleteMultipartUpload></Rule>");
    const auto rules = ParseLifecycle(document);
    ASSERT_TRUE(rules) << rules.error().ToString();
    const std::vector<LifecycleRule> expected = {
        {.id = "old",
         .filter = {.form = LifecycleFilter::Form::kRulePrefix, .prefix = "logs/"},
         .expiration_days = 31},
        {.id = "all",
         .enabled = true,
         .filter = {.form = LifecycleFilter::Form::kAnd,
                    .prefix = "a",
                    .tags = {{"k", "v"}, {"l", ""}},
                    .size_greater_than = 500,
                    .size_less_than = 64000},
         .expiration_date = ParseIso8601("2030-01-01T00:00:00Z"),
         .noncurrent_days = 2,
         .newer_noncurrent_versions = 5},
        {.enabled = true, .expired_object_delete_marker = true, .abort_upload_days = 7}};
    EXPECT_EQ(rules.value(), expected);
    EXPECT_EQ(ParseLifecycle(WriteLifecycle(expected)).value(), expected);
    EXPECT_NE(WriteLifecycle(expected).find("<Filter/>"), std::string::npos)
        << WriteLifecycle(expected);
}

TEST(Lifecycle, CountsTheCharactersOfATag) {
    std::string longest;
    for (int i = 0; i < 128; ++i)
        longest += "\u20ac";
    const auto parsed =
        ParseLifecycle(Filtered("<Filter><Tag><Key>" + longest + "</Key><Value/></Tag></Filter>"));
    EXPECT_TRUE(parsed) << parsed.error().ToString();
}

TEST(Lifecycle, TakesEachFilter) {
    for (const std::string filter :
         {"<Prefix></Prefix>", "<Prefix>a</Prefix>", "<Filter/>", "<Filter><Prefix/></Filter>",
          "<Filter><Tag><Key>a</Key><Value/></Tag></Filter>",
          "<Filter><ObjectSizeGreaterThan>0</ObjectSizeGreaterThan></Filter>",
          "<Filter><ObjectSizeLessThan>5</ObjectSizeLessThan></Filter>",
          "<Filter><And><Prefix>a</Prefix><Tag><Key>a</Key><Value>b</Value></Tag></And></"
          "Filter>"}) {
        const auto rules = ParseLifecycle(Filtered(filter));
        ASSERT_TRUE(rules) << filter;
        EXPECT_NE(WriteLifecycle(rules.value()).find(filter.substr(0, 7)), std::string::npos);
        EXPECT_EQ(ParseLifecycle(WriteLifecycle(rules.value())).value(), rules.value());
    }
}

TEST(Lifecycle, RefusesWhatIsNoConfiguration) {
    for (const std::string& document : {
             std::string(),
             std::string("<Other/>"),
             Document(""),
             Document("<Other/>"),
             Document("<Rule/>"),
             Filtered(""),
             Filtered("<Prefix/><Filter/>"),
             Filtered("<Filter><Prefix/><Tag><Key>a</Key><Value/></Tag></Filter>"),
             Filtered("<Filter><And/></Filter>"),
             Filtered("<Filter><Tag><Key>a</Key></Tag></Filter>"),
             Filtered("<Filter><ObjectSizeLessThan>big</ObjectSizeLessThan></Filter>"),
             Filtered("<Filter><Other/></Filter>"),
             Document("<Rule><Filter/>" + kTenDays + "</Rule>"),
             Document("<Rule><Filter/><Status>enabled</Status>" + kTenDays + "</Rule>"),
             Document("<Rule><Filter/><Status/>" + kTenDays + "</Rule>"),
             Rule(kTenDays + kTenDays),
             Rule("<Expiration/>"),
             Rule("<Expiration><Days>1</Days><Date>2030-01-01</Date></Expiration>"),
             Rule("<Expiration><Days>1</Days><ExpiredObjectDeleteMarker>true"
                  "</ExpiredObjectDeleteMarker></Expiration>"),
             Rule("<Expiration><Days>1.5</Days></Expiration>"),
             Rule("<Expiration><Date>20300101</Date></Expiration>"),
             Rule("<Expiration><ExpiredObjectDeleteMarker>1</ExpiredObjectDeleteMarker>"
                  "</Expiration>"),
             Rule("<NoncurrentVersionExpiration/>"),
             Rule("<AbortIncompleteMultipartUpload/>"),
             Rule("<Transition><Date>20220927</Date><StorageClass>GLACIER</StorageClass>"
                  "</Transition>"),
             Rule("<Other/>"),
         }) {
        EXPECT_TRUE(Refusal(document).starts_with("MalformedXML: The XML you provided was not "))
            << document;
    }
}

TEST(Lifecycle, RefusesInTheWordsOfS3) {
    const auto id = [](const std::string& text) {
        return Rule("<ID>" + text + "</ID>" + kTenDays);
    };
    EXPECT_EQ(Refusal(id(std::string(255, 'a'))), "accepted");
    const std::string one =
        "<Rule><ID>a</ID><Filter/><Status>Enabled</Status>" + kTenDays + "</Rule>";
    const std::string without = "<Rule><Filter/><Status>Enabled</Status>" + kTenDays + "</Rule>";
    EXPECT_EQ(Refusal(Document(without + without)), "accepted");
    std::string many;
    for (int i = 0; i < 1000; ++i)
        many += without;
    EXPECT_EQ(Refusal(Document(many)), "accepted");
    const std::string tag = "<Tag><Key>a</Key><Value>b</Value></Tag>";
    const struct {
        std::string document;
        std::string message;
    } kCases[] = {
        {id(std::string(256, 'a')),
         "InvalidArgument: ID length should not exceed allowed limit of 255"},
        {Document(one + one),
         "InvalidArgument: Rule ID must be unique. Found same ID for more than one rule"},
        {Rule("<Expiration><Days>0</Days></Expiration>"),
         "InvalidArgument: 'Days' for Expiration action must be a positive integer"},
        {Rule("<Expiration><Days>-1</Days></Expiration>"),
         "InvalidArgument: 'Days' for Expiration action must be a positive integer"},
        {Rule("<Expiration><Days>9999999999</Days></Expiration>"),
         "InvalidArgument: 'Days' for Expiration action must be a positive integer"},
        {Rule("<Expiration><Date>2030-01-01T00:00:01Z</Date></Expiration>"),
         "InvalidArgument: 'Date' must be at midnight GMT"},
        {Rule("<NoncurrentVersionExpiration><NoncurrentDays>0</NoncurrentDays>"
              "</NoncurrentVersionExpiration>"),
         "InvalidArgument: 'NoncurrentDays' for NoncurrentVersionExpiration action must be a "
         "positive integer"},
        {Rule("<NoncurrentVersionExpiration><NewerNoncurrentVersions>101</NewerNoncurrentVersions>"
              "</NoncurrentVersionExpiration>"),
         "InvalidArgument: 'NewerNoncurrentVersions' for NoncurrentVersionExpiration action must "
         "not exceed 100"},
        {Rule("<AbortIncompleteMultipartUpload><DaysAfterInitiation>0</DaysAfterInitiation>"
              "</AbortIncompleteMultipartUpload>"),
         "InvalidArgument: 'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be "
         "a positive integer"},
        {Document(many + without),
         "InvalidRequest: The number of lifecycle rules must not exceed the allowed limit of 1000 "
         "rules"},
        {Rule(""), "InvalidRequest: At least one action needs to be specified in a rule"},
        {Filtered("<Filter><And>" + tag + tag + "</And></Filter>"),
         "InvalidRequest: Duplicate Tag Keys are not allowed."},
        {Filtered("<Filter><And><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan>"
                  "<ObjectSizeLessThan>5</ObjectSizeLessThan></And></Filter>"),
         "InvalidRequest: 'ObjectSizeLessThan' has to be a value greater than "
         "'ObjectSizeGreaterThan'"},
        {Filtered("<Filter><Tag><Key></Key><Value/></Tag></Filter>"),
         "InvalidTag: The TagKey you have provided is invalid"},
        {Filtered("<Filter><Tag><Key>" + std::string(129, 'k') + "</Key><Value/></Tag></Filter>"),
         "InvalidTag: The TagKey you have provided is invalid"},
        {Filtered("<Filter><Tag><Key>a</Key><Value>" + std::string(257, 'v') +
                  "</Value></Tag></Filter>"),
         "InvalidTag: The TagValue you have provided is invalid"},
        {Document("<Rule><Filter>" + tag +
                  "</Filter><Status>Enabled</Status>"
                  "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation>"
                  "</AbortIncompleteMultipartUpload></Rule>"),
         "InvalidRequest: AbortIncompleteMultipartUpload cannot be specified with Tags."},
        {Document("<Rule><Filter><ObjectSizeGreaterThan>1000</ObjectSizeGreaterThan></Filter>"
                  "<Status>Enabled</Status>"
                  "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation>"
                  "</AbortIncompleteMultipartUpload></Rule>"),
         "InvalidRequest: AbortIncompleteMultipartUpload cannot be specified with Object Size."},
        {Document(
             "<Rule><Filter>" + tag +
             "</Filter><Status>Enabled</Status><Expiration>"
             "<ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration></Rule>"),
         "InvalidRequest: ExpiredObjectDeleteMarker cannot be specified with Tags."},
    };
    for (const auto& [document, message] : kCases)
        EXPECT_EQ(Refusal(document), message);
}

TEST(Lifecycle, SaysWhatConflicts) {
    const std::string refused =
        "MalformedXML: The XML you provided was not well-formed or is not what this request "
        "takes: ";
    EXPECT_EQ(Refusal(Filtered("<Prefix/><Filter/>")),
              refused + "a Rule needs a Filter or a Prefix, and not both.");
    EXPECT_EQ(Refusal(Rule("<Expiration><Days>1</Days><Date>2030-01-01</Date></Expiration>")),
              refused +
                  "an Expiration needs one of Days, Date and ExpiredObjectDeleteMarker, and "
                  "only one.");
}

TEST(Lifecycle, SaysWhatIsNotOffered) {
    EXPECT_EQ(Refusal(Rule("<Transition><Date>1970-08-23T00:55:27Z</Date>"
                           "<StorageClass>GLACIER</StorageClass></Transition>")),
              "InvalidArgument: 'Date' must be at midnight GMT");
    EXPECT_EQ(Refusal(Rule("<Transition><Days>1</Days><StorageClass>GLACIER</StorageClass>"
                           "</Transition>")),
              "NotImplemented: Transition: other storage classes than STANDARD are not offered.");
    EXPECT_EQ(Refusal(Rule("<Expiration><Days>1</Days><ExpiredObjectAllVersions>true"
                           "</ExpiredObjectAllVersions></Expiration>")),
              "NotImplemented: ExpiredObjectAllVersions is not offered.");
    EXPECT_EQ(Refusal(Rule(kTenDays + "<DelMarkerExpiration><Days>1</Days></DelMarkerExpiration>")),
              "NotImplemented: DelMarkerExpiration is not offered.");
}

}  // namespace
}  // namespace coffer::codec
