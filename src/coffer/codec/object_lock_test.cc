#include "coffer/codec/object_lock.h"

#include <gtest/gtest.h>

#include "coffer/codec/date.h"

namespace coffer::codec {
namespace {

using std::chrono::days;
using std::chrono::hours;

const Timestamp kNow = std::chrono::sys_days(std::chrono::year(2026) / 1 / 15);

ObjectLock Retained(LockMode mode, Timestamp until) {
    return {.retention = Retention{mode, until}};
}

TEST(ObjectLock, HoldsUntilItsTimeAndNotAtIt) {
    const ObjectLock lock = Retained(LockMode::kCompliance, kNow);
    EXPECT_EQ(CheckUnlocked(lock, {.now = kNow - hours(1)}).error().code(), "AccessDenied");
    EXPECT_TRUE(CheckUnlocked(lock, {.now = kNow}));
    // A clock that was put back locks it again.
    EXPECT_FALSE(CheckUnlocked(lock, {.now = kNow - days(4000)}));
}

TEST(ObjectLock, YieldsToWhoMayBypassGovernanceAndNothingElse) {
    const LockAuthority bypass{.now = kNow, .bypass_governance = true};
    EXPECT_TRUE(CheckUnlocked(Retained(LockMode::kGovernance, kNow + days(1)), bypass));
    EXPECT_FALSE(CheckUnlocked(Retained(LockMode::kGovernance, kNow + days(1)), {.now = kNow}));
    EXPECT_FALSE(CheckUnlocked(Retained(LockMode::kCompliance, kNow + days(1)), bypass));
    EXPECT_FALSE(CheckUnlocked({.legal_hold = true}, bypass));
    ObjectLock both = Retained(LockMode::kGovernance, kNow - days(1));
    both.legal_hold = true;
    EXPECT_FALSE(CheckUnlocked(both, bypass));
    both.legal_hold = false;
    EXPECT_TRUE(CheckUnlocked(both, {.now = kNow}));
    EXPECT_TRUE(CheckUnlocked({}, {.now = kNow}));
}

TEST(ObjectLock, OfComplianceIsOnlyProlonged) {
    const Retention old{LockMode::kCompliance, kNow + days(10)};
    for (const bool bypass : {false, true}) {
        const LockAuthority authority{kNow, bypass};
        const auto may = [&](const std::optional<Retention>& next) {
            return CheckRetentionChange(old, next, authority).has_value();
        };
        EXPECT_TRUE(may(old));
        EXPECT_TRUE(may(Retention{LockMode::kCompliance, kNow + days(11)}));
        EXPECT_FALSE(may(Retention{LockMode::kCompliance, kNow + days(9)}));
        EXPECT_FALSE(may(Retention{LockMode::kGovernance, kNow + days(11)}));
        EXPECT_FALSE(may(std::nullopt));
    }
    EXPECT_TRUE(CheckRetentionChange(old, std::nullopt, {.now = old.until}));
}

TEST(ObjectLock, OfGovernanceIsProlongedByAnybodyAndChangedByWhoMayBypassIt) {
    const Retention old{LockMode::kGovernance, kNow + days(10)};
    const std::optional<Retention> others[] = {
        std::nullopt,
        Retention{LockMode::kGovernance, kNow + days(9)},
        Retention{LockMode::kCompliance, kNow + days(10)},
    };
    for (const auto& other : others) {
        EXPECT_FALSE(CheckRetentionChange(old, other, {.now = kNow}));
        EXPECT_TRUE(CheckRetentionChange(old, other, {kNow, true}));
    }
    EXPECT_TRUE(CheckRetentionChange(old, Retention{LockMode::kGovernance, kNow + days(10)},
                                     {.now = kNow}));
    EXPECT_TRUE(CheckRetentionChange(std::nullopt, old, {.now = kNow}));
}

TEST(ObjectLock, PeriodsEndDaysOrCalendarYearsLater) {
    const auto end = [](DefaultRetention retention, std::string_view from) {
        return FormatIso8601(RetainUntil(retention, *ParseIso8601(from)));
    };
    const auto mode = LockMode::kGovernance;
    EXPECT_EQ(end({mode, 1}, "2026-12-31T23:59:59.123456Z"), "2027-01-01T23:59:59.123Z");
    EXPECT_EQ(end({mode, 1, true}, "2023-03-01T10:00:00Z"), "2024-03-01T10:00:00.000Z");
    EXPECT_EQ(end({mode, 1, true}, "2024-02-29T10:00:00Z"), "2025-03-01T10:00:00.000Z");
    EXPECT_EQ(end({mode, 4, true}, "2024-02-29T10:00:00Z"), "2028-02-29T10:00:00.000Z");
    EXPECT_EQ(end({mode, 100, true}, "2026-01-01T00:00:00Z"), "2126-01-01T00:00:00.000Z");
}

std::string Configuration(std::string_view retention) {
    return "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>"
           "<DefaultRetention>" +
           std::string(retention) + "</DefaultRetention></Rule></ObjectLockConfiguration>";
}

TEST(ObjectLockConfiguration, IsWrittenAsItWasRead) {
    const auto read = [](std::string_view document) {
        const ObjectLockConfiguration configuration =
            ParseObjectLockConfiguration(document).value();
        const std::string written = WriteObjectLockConfiguration(configuration);
        EXPECT_EQ(ParseObjectLockConfiguration(written).value(), configuration);
        return configuration.default_retention;
    };
    EXPECT_EQ(read(Configuration("<Mode>GOVERNANCE</Mode><Days>36500</Days>")),
              (DefaultRetention{LockMode::kGovernance, 36'500}));
    EXPECT_EQ(read(Configuration("<Mode>COMPLIANCE</Mode><Years>100</Years>")),
              (DefaultRetention{LockMode::kCompliance, 100, true}));
    EXPECT_EQ(read("<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>"
                   "</ObjectLockConfiguration>"),
              std::nullopt);
}

TEST(ObjectLockConfiguration, RefusesWhatIsNone) {
    const auto code = [](std::string_view document) {
        return ParseObjectLockConfiguration(document).error().code();
    };
    for (const std::string_view document :
         {"", "<Other/>", "<ObjectLockConfiguration/>",
          "<ObjectLockConfiguration><ObjectLockEnabled>Disabled</ObjectLockEnabled>"
          "</ObjectLockConfiguration>",
          "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule/>"
          "</ObjectLockConfiguration>"}) {
        EXPECT_EQ(code(document), "MalformedXML") << document;
    }
    for (const std::string_view retention :
         {"", "<Mode>GOVERNANCE</Mode>", "<Days>1</Days>", "<Mode>governance</Mode><Days>1</Days>",
          "<Mode>GOVERNANCE</Mode><Days>1</Days><Years>1</Years>",
          "<Mode>GOVERNANCE</Mode><Days>one</Days>", "<Mode>GOVERNANCE</Mode><Days></Days>",
          "<Mode>GOVERNANCE</Mode><Days>1</Days><Days>1</Days>"}) {
        EXPECT_EQ(code(Configuration(retention)), "MalformedXML") << retention;
    }
    for (const std::string_view period :
         {"<Days>0</Days>", "<Years>-1</Years>", "<Days>36501</Days>", "<Years>101</Years>",
          "<Days>99999999999999999999</Days>"}) {
        EXPECT_EQ(code(Configuration("<Mode>GOVERNANCE</Mode>" + std::string(period))),
                  "InvalidRetentionPeriod")
            << period;
    }
}

TEST(ObjectLock, RetentionIsReadAndWritten) {
    const auto read = ParseRetention(
        "<Retention><Mode>COMPLIANCE</Mode>"
        "<RetainUntilDate>2030-01-01T01:00:00.1239+01:00</RetainUntilDate></Retention>");
    ASSERT_TRUE(read);
    EXPECT_EQ(FormatIso8601(read.value()->until), "2030-01-01T00:00:00.123Z");
    EXPECT_EQ(ParseRetention(WriteRetention(*read.value())).value(), read.value());
    EXPECT_EQ(ParseRetention("<Retention/>").value(), std::nullopt);
    EXPECT_EQ(ParseRetention("<Retention><Mode></Mode></Retention>").value(), std::nullopt);
    for (const std::string_view document :
         {"", "<Other/>", "<Retention><Mode>GOVERNANCE</Mode></Retention>",
          "<Retention><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate></Retention>",
          "<Retention><Mode>abc</Mode><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate>"
          "</Retention>",
          "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>tomorrow</RetainUntilDate>"
          "</Retention>"}) {
        EXPECT_EQ(ParseRetention(document).error().code(), "MalformedXML") << document;
    }
}

TEST(ObjectLock, LegalHoldIsReadAndWritten) {
    EXPECT_TRUE(ParseLegalHold(WriteLegalHold(true)).value());
    EXPECT_FALSE(ParseLegalHold(WriteLegalHold(false)).value());
    for (const std::string_view document :
         {"", "<LegalHold/>", "<LegalHold><Status>on</Status></LegalHold>", "<Other/>"}) {
        EXPECT_EQ(ParseLegalHold(document).error().code(), "MalformedXML") << document;
    }
}

}  // namespace
}  // namespace coffer::codec
