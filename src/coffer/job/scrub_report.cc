#include "coffer/job/scrub_report.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace coffer::job {
namespace {

using codec::JsonMember;
using codec::JsonValue;

constexpr std::array<std::string_view, 5> kPhases = {"catalogue", "references", "copies", "orphans",
                                                     "done"};

// The numbers of a report by the names that they have in JSON.
constexpr std::array<std::pair<const char*, int64_t ScrubReport::*>, 22> kNumbers = {{
    {"bytes_per_second", &ScrubReport::bytes_per_second},
    {"started_us", &ScrubReport::started_us},
    {"finished_us", &ScrubReport::finished_us},
    {"at_blob", &ScrubReport::at_blob},
    {"at_store", &ScrubReport::at_store},
    {"total_copies", &ScrubReport::total_copies},
    {"total_bytes", &ScrubReport::total_bytes},
    {"rows", &ScrubReport::rows},
    {"copies", &ScrubReport::copies},
    {"bytes", &ScrubReport::bytes},
    {"damaged", &ScrubReport::damaged},
    {"missing", &ScrubReport::missing},
    {"unreadable", &ScrubReport::unreadable},
    {"healed", &ScrubReport::healed},
    {"quarantined", &ScrubReport::quarantined},
    {"revived", &ScrubReport::revived},
    {"orphans", &ScrubReport::orphans},
    {"orphan_bytes", &ScrubReport::orphan_bytes},
    {"orphans_removed", &ScrubReport::orphans_removed},
    {"references", &ScrubReport::references},
    {"usage", &ScrubReport::usage},
    {"catalogue", &ScrubReport::catalogue},
}};

constexpr std::array<std::pair<const char*, std::string Finding::*>, 6> kTexts = {{
    {"what", &Finding::what},
    {"blob", &Finding::blob},
    {"copy", &Finding::copy},
    {"detail", &Finding::detail},
    {"done", &Finding::done},
    {"quarantine", &Finding::quarantine},
}};

Error Malformed() {
    return Error(ErrorKind::kCorrupt, "the report of a scrub is not one");
}

Result<int64_t> IntOf(const JsonValue& json, const char* name) {
    const JsonValue* value = json.Find(name);
    if (value == nullptr || !value->AsInt()) return Malformed();
    return *value->AsInt();
}

Result<std::string> TextOf(const JsonValue& json, const char* name) {
    const JsonValue* value = json.Find(name);
    if (value == nullptr || value->AsString() == nullptr) return Malformed();
    return *value->AsString();
}

JsonValue FindingToJson(const Finding& finding) {
    JsonValue::Object object;
    for (const auto& [name, field] : kTexts)
        object.push_back({name, finding.*field});
    object.push_back({"blob_id", finding.blob_id});
    JsonValue::Array objects(finding.objects.begin(), finding.objects.end());
    object.push_back({"objects", std::move(objects)});
    return object;
}

Result<Finding> ParseFinding(const JsonValue& json) {
    Finding finding;
    for (const auto& [name, field] : kTexts) {
        TRY(finding.*field, TextOf(json, name));
    }
    TRY(finding.blob_id, IntOf(json, "blob_id"));
    const JsonValue* objects = json.Find("objects");
    if (objects == nullptr || objects->AsArray() == nullptr) return Malformed();
    for (const JsonValue& object : *objects->AsArray()) {
        if (object.AsString() == nullptr) return Malformed();
        finding.objects.push_back(*object.AsString());
    }
    return finding;
}

std::string Size(int64_t bytes) {
    constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    auto size = static_cast<double>(bytes);
    size_t unit = 0;
    for (; size >= 1024 && unit + 1 < kUnits.size(); ++unit)
        size /= 1024;
    return fmt::format("{:.{}f} {}", size, unit == 0 ? 0 : 1, kUnits[unit]);
}

std::string FindingLine(const Finding& finding) {
    std::string line =
        fmt::format("{:<12}  {:<12}", finding.what, finding.done.empty() ? "-" : finding.done);
    std::string of;
    for (const std::string& object : finding.objects)
        of += (of.empty() ? "" : ", ") + object;
    line += fmt::format("  {}\n", of.empty() ? finding.detail : of);
    if (!finding.blob.empty()) line += fmt::format("{:28}blob {}\n", "", finding.blob);
    if (!of.empty() && !finding.detail.empty())
        line += fmt::format("{:28}{}\n", "", finding.detail);
    if (!finding.quarantine.empty())
        line += fmt::format("{:28}its bytes are now {}\n", "", finding.quarantine);
    return line;
}

}  // namespace

std::string_view ToString(ScrubPhase phase) {
    return kPhases.at(static_cast<size_t>(phase));
}

bool ScrubReport::clean() const {
    return damaged + missing + unreadable + references + usage + catalogue == 0;
}

void ScrubReport::Add(Finding finding) {
    if (findings.size() < kMaxFindings)
        findings.push_back(std::move(finding));
    else
        ++findings_left_out;
}

JsonValue ToJson(const ScrubReport& report) {
    JsonValue::Object object;
    object.push_back({"clean", report.clean()});
    object.push_back({"repair", report.repair});
    object.push_back({"asked", report.asked});
    object.push_back({"phase", std::string(ToString(report.phase))});
    for (const auto& [name, field] : kNumbers)
        object.push_back({name, report.*field});
    object.push_back({"corrected", report.corrected});
    object.push_back({"at_key", report.at_key});
    object.push_back({"at_left_out", report.at_left_out});
    JsonValue::Array findings;
    for (const Finding& finding : report.findings)
        findings.push_back(FindingToJson(finding));
    object.push_back({"findings", std::move(findings)});
    object.push_back({"findings_left_out", report.findings_left_out});
    return object;
}

Result<ScrubReport> ParseScrubReport(const JsonValue& json) {
    ScrubReport report;
    const JsonValue* repair = json.Find("repair");
    const JsonValue* asked = json.Find("asked");
    const JsonValue* findings = json.Find("findings");
    if (repair == nullptr || !repair->AsBool() || asked == nullptr || !asked->AsBool() ||
        findings == nullptr || findings->AsArray() == nullptr)
        return Malformed();
    report.repair = *repair->AsBool();
    report.asked = *asked->AsBool();
    TRY(const std::string phase, TextOf(json, "phase"));
    for (size_t i = 0; i < kPhases.size(); ++i) {
        if (kPhases[i] == phase) report.phase = static_cast<ScrubPhase>(i);
    }
    for (const auto& [name, field] : kNumbers) {
        TRY(report.*field, IntOf(json, name));
    }
    TRY(report.corrected, IntOf(json, "corrected"));
    TRY(report.findings_left_out, IntOf(json, "findings_left_out"));
    TRY(report.at_key, TextOf(json, "at_key"));
    if (json.Find("at_left_out") != nullptr) {  // not in those of before it was kept
        TRY(report.at_left_out, TextOf(json, "at_left_out"));
    }
    for (const JsonValue& finding : *findings->AsArray()) {
        TRY(Finding parsed, ParseFinding(finding));
        report.findings.push_back(std::move(parsed));
    }
    return report;
}

std::string ToTable(const ScrubReport& report) {
    std::string table;
    const auto row = [&](std::string_view what, int64_t count, const std::string& more) {
        table += fmt::format("{:<22}{:>10}{}{}\n", what, count, more.empty() ? "" : "  ", more);
    };
    const auto some = [](int64_t count, std::string_view what) {
        return count == 0 ? std::string() : fmt::format("{} {}", count, what);
    };
    row("rows read", report.rows, "");
    row("copies read back", report.copies, Size(report.bytes));
    std::string done = some(report.quarantined, "quarantined");
    if (report.healed > 0) done += (done.empty() ? "" : ", ") + some(report.healed, "healed");
    row("damaged", report.damaged, done);
    row("missing", report.missing, "");
    row("unreadable", report.unreadable, "");
    row("wrong references", report.references, "");
    row("wrong usage", report.usage, some(report.corrected, "counts corrected"));
    row("damaged rows", report.catalogue, "");
    std::string removed = some(report.orphans_removed, "removed");
    if (report.orphans > 0) removed += fmt::format(" ({})", Size(report.orphan_bytes));
    row("unfinished writes", report.orphans, removed);
    if (report.revived > 0) row("whole after all", report.revived, "");
    if (!report.findings.empty()) table += "\nWHAT          DONE          OF\n";
    for (const Finding& finding : report.findings)
        table += FindingLine(finding);
    if (report.findings_left_out > 0)
        table += fmt::format("... and {} more\n", report.findings_left_out);
    return table;
}

}  // namespace coffer::job
