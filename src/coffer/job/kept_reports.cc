#include "coffer/job/kept_reports.h"

#include <string>
#include <string_view>
#include <utility>

#include "coffer/catalog/settings.h"
#include "coffer/codec/json.h"

namespace coffer::job {
namespace {

constexpr std::string_view kUnfinishedSetting = "scrub";
constexpr std::string_view kLastSetting = "scrub.last";

Result<std::optional<ScrubReport>> ReadReport(db::Transaction& tx, std::string_view name) {
    TRY(const std::optional<std::string> text, catalog::GetSetting(tx, name));
    if (!text) return std::optional<ScrubReport>();
    const auto json = codec::ParseJson(*text);
    if (!json) return Error(ErrorKind::kCorrupt, "the report of a scrub is not JSON");
    TRY(ScrubReport report, ParseScrubReport(json.value()));
    return std::optional(std::move(report));
}

}  // namespace

Result<KeptReports> ReadReports(db::Transaction& tx) {
    KeptReports kept;
    TRY(kept.unfinished, ReadReport(tx, kUnfinishedSetting));
    TRY(kept.last, ReadReport(tx, kLastSetting));
    return kept;
}

Result<> KeepReport(db::Transaction& tx, const ScrubReport& report) {
    const bool finished = report.finished_us != 0;
    if (finished) {
        TRY(DropUnfinished(tx));
    }
    return catalog::SetSetting(tx, finished ? kLastSetting : kUnfinishedSetting,
                               codec::WriteJson(ToJson(report)));
}

Result<> DropUnfinished(db::Transaction& tx) {
    return catalog::DeleteSetting(tx, kUnfinishedSetting);
}

}  // namespace coffer::job
