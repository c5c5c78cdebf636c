#include "coffer/codec/object_lock.h"

#include <charconv>

#include "coffer/codec/date.h"
#include "coffer/codec/s3_xml.h"
#include "coffer/codec/xml.h"

namespace coffer::codec {
namespace {

constexpr int kMaxDays = 36'500;
constexpr int kMaxYears = 100;

Error Malformed() {
    return {ErrorKind::kInvalid, "MalformedXML", ""};
}

Error Locked() {
    return {ErrorKind::kDenied, "AccessDenied",
            "Access Denied because object protected by object lock."};
}

Error InvalidPeriod(std::string message) {
    return {ErrorKind::kInvalid, "InvalidRetentionPeriod", std::move(message)};
}

// The root of a document that has to have that name.
Result<XmlDocument> ParseDocument(std::string_view text, std::string_view root) {
    TRY(XmlDocument document, ParseXml(text));
    if (document.root().name() != root) return Malformed();
    return document;
}

Result<int> ParsePeriod(std::string_view text, int most) {
    int count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    const bool number = end == text.data() + text.size() && !text.empty();
    if (!number || (error != std::errc() && error != std::errc::result_out_of_range))
        return Malformed();
    if (error == std::errc() && count < 1)
        return InvalidPeriod("Default retention period must be a positive integer value.");
    if (error != std::errc() || count > most)
        return InvalidPeriod(
            "Default retention period is too large: it may be 36500 days, or 100 "
            "years, at most.");
    return count;
}

Result<DefaultRetention> ParseDefaultRetention(const XmlNode& node) {
    TRY(node.Expect({"Mode", "Days", "Years"}));
    TRY(const auto mode, node.ChildText("Mode"));
    TRY(const auto days, node.ChildText("Days"));
    TRY(const auto years, node.ChildText("Years"));
    const std::optional<LockMode> parsed = ParseLockMode(mode.value_or(""));
    if (!parsed || days.has_value() == years.has_value()) return Malformed();
    DefaultRetention retention{.mode = *parsed, .years = years.has_value()};
    TRY(retention.count, years ? ParsePeriod(*years, kMaxYears) : ParsePeriod(*days, kMaxDays));
    return retention;
}

}  // namespace

std::string_view LockModeName(LockMode mode) {
    return mode == LockMode::kCompliance ? "COMPLIANCE" : "GOVERNANCE";
}

std::optional<LockMode> ParseLockMode(std::string_view name) {
    for (const LockMode mode : {LockMode::kGovernance, LockMode::kCompliance})
        if (name == LockModeName(mode)) return mode;
    return std::nullopt;
}

std::optional<Timestamp> ParseRetainUntil(std::string_view text) {
    const std::optional<Timestamp> until = ParseIso8601(text);
    if (!until) return std::nullopt;
    return std::chrono::floor<std::chrono::milliseconds>(*until);
}

Result<> CheckUnlocked(const ObjectLock& lock, const LockAuthority& authority) {
    if (lock.legal_hold.value_or(false)) return Locked();
    if (!lock.retention || lock.retention->until <= authority.now) return Ok();
    if (lock.retention->mode == LockMode::kGovernance && authority.bypass_governance) return Ok();
    return Locked();
}

Result<> CheckRetentionChange(const std::optional<Retention>& old,
                              const std::optional<Retention>& next,
                              const LockAuthority& authority) {
    if (!old || old->until <= authority.now) return Ok();
    if (old->mode == LockMode::kGovernance && authority.bypass_governance) return Ok();
    if (next && next->mode == old->mode && next->until >= old->until) return Ok();
    return Locked();
}

Timestamp RetainUntil(const DefaultRetention& retention, Timestamp from) {
    using std::chrono::days;
    from = std::chrono::floor<std::chrono::milliseconds>(from);
    if (!retention.years) return from + days(retention.count);
    const auto day = std::chrono::floor<days>(from);
    const std::chrono::year_month_day date(day);
    auto end = date + std::chrono::years(retention.count);
    // The 29th of February is followed by the 1st of March where its year has none.
    if (!end.ok()) end = end.year() / std::chrono::March / 1;
    return std::chrono::sys_days(end) + (from - day);
}

Result<ObjectLockConfiguration> ParseObjectLockConfiguration(std::string_view text) {
    TRY(const auto document, ParseDocument(text, "ObjectLockConfiguration"));
    const XmlNode root = document.root();
    TRY(root.Expect({"ObjectLockEnabled", "Rule"}));
    TRY(const auto enabled, root.ChildText("ObjectLockEnabled"));
    if (enabled != "Enabled") return Malformed();
    ObjectLockConfiguration configuration;
    const auto rule = root.Child("Rule");
    if (!rule) return configuration;
    TRY(rule->Expect({"DefaultRetention"}));
    const auto retention = rule->Child("DefaultRetention");
    if (!retention) return Malformed();
    TRY(configuration.default_retention, ParseDefaultRetention(*retention));
    return configuration;
}

std::string WriteObjectLockConfiguration(const ObjectLockConfiguration& configuration) {
    XmlWriter xml;
    xml.Open("ObjectLockConfiguration").Attribute("xmlns", kS3Namespace);
    xml.Element("ObjectLockEnabled", "Enabled");
    if (const auto& retention = configuration.default_retention) {
        xml.Open("Rule").Open("DefaultRetention");
        xml.Element("Mode", LockModeName(retention->mode));
        xml.Element(retention->years ? "Years" : "Days", retention->count);
        xml.Close().Close();
    }
    return xml.Close().Finish();
}

Result<std::optional<Retention>> ParseRetention(std::string_view text) {
    TRY(const auto document, ParseDocument(text, "Retention"));
    const XmlNode root = document.root();
    TRY(root.Expect({"Mode", "RetainUntilDate"}));
    TRY(const auto mode, root.ChildText("Mode"));
    TRY(const auto until, root.ChildText("RetainUntilDate"));
    // Clients write what they do not set as an empty element.
    if (mode.value_or("").empty() && until.value_or("").empty()) return std::optional<Retention>();
    const std::optional<LockMode> parsed_mode = ParseLockMode(mode.value_or(""));
    const std::optional<Timestamp> parsed_until = ParseRetainUntil(until.value_or(""));
    if (!parsed_mode || !parsed_until) return Malformed();
    return std::optional<Retention>({*parsed_mode, *parsed_until});
}

std::string WriteRetention(const Retention& retention) {
    XmlWriter xml;
    xml.Open("Retention").Attribute("xmlns", kS3Namespace);
    xml.Element("Mode", LockModeName(retention.mode));
    xml.Element("RetainUntilDate", FormatIso8601(retention.until));
    return xml.Close().Finish();
}

Result<bool> ParseLegalHold(std::string_view text) {
    TRY(const auto document, ParseDocument(text, "LegalHold"));
    TRY(document.root().Expect({"Status"}));
    TRY(const auto status, document.root().ChildText("Status"));
    if (status == "ON") return true;
    if (status == "OFF") return false;
    return Malformed();
}

std::string WriteLegalHold(bool on) {
    XmlWriter xml;
    xml.Open("LegalHold").Attribute("xmlns", kS3Namespace);
    return xml.Element("Status", on ? "ON" : "OFF").Close().Finish();
}

}  // namespace coffer::codec
