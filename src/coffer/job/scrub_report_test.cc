#include "coffer/job/scrub_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::job {
namespace {

using ::testing::HasSubstr;

ScrubReport Example() {
    ScrubReport report;
    report.repair = false;
    report.asked = true;
    report.phase = ScrubPhase::kOrphans;
    report.at_key = "ab/\"key\"";
    report.at_left_out = "aa";
    report.at_blob = -1;
    report.copies = 12;
    report.damaged = 1;
    report.Add({.what = "damaged",
                .blob = "abcd",
                .blob_id = 7,
                .copy = "ab/abcd",
                .detail = "chunk 0 does not match its checksum",
                .done = "quarantined",
                .quarantine = "/data/.coffer/quarantine/abcd.blob",
                .objects = {"photos/cat.jpg", "photos/\xff"}});
    return report;
}

TEST(ScrubReport, IsTheSameAfterJson) {
    ScrubReport report = Example();
    report.findings[0].objects.pop_back();  // JSON is UTF-8
    const std::string text = codec::WriteJson(ToJson(report));
    const ScrubReport again = ParseScrubReport(codec::ParseJson(text).value()).value();
    EXPECT_EQ(codec::WriteJson(ToJson(again)), text);
    EXPECT_EQ(again.phase, ScrubPhase::kOrphans);
    EXPECT_EQ(again.at_key, report.at_key);
    EXPECT_EQ(again.at_left_out, report.at_left_out);
    EXPECT_EQ(again.findings.at(0).objects, report.findings.at(0).objects);
}

TEST(ScrubReport, ThatIsNotOneIsRefused) {
    for (const char* text : {"null", "{}", "[]", R"({"repair": true, "asked": true})"}) {
        EXPECT_FALSE(ParseScrubReport(codec::ParseJson(text).value())) << text;
    }
}

TEST(ScrubReport, SaysWhatIsWrongAndWhoseItIs) {
    const std::string table = ToTable(Example());
    EXPECT_THAT(table, HasSubstr("photos/cat.jpg"));
    EXPECT_THAT(table, HasSubstr("/data/.coffer/quarantine/abcd.blob"));
    EXPECT_FALSE(Example().clean());
}

TEST(ScrubReport, IsCleanWithOrphans) {
    ScrubReport report;
    report.orphans = 3;
    EXPECT_TRUE(report.clean());
    report.usage = 1;
    EXPECT_FALSE(report.clean());
}

TEST(ScrubReport, KeepsABoundedNumberOfFindings) {
    ScrubReport report;
    for (size_t i = 0; i < ScrubReport::kMaxFindings + 5; ++i)
        report.Add({.what = "missing"});
    EXPECT_EQ(report.findings.size(), ScrubReport::kMaxFindings);
    EXPECT_EQ(report.findings_left_out, 5);
}

}  // namespace
}  // namespace coffer::job
