#include "coffer/job/scrub_status.h"

#include <utility>

namespace coffer::job {
namespace {

using codec::JsonValue;

JsonValue ReportOrNull(const std::optional<ScrubReport>& report) {
    return report ? ToJson(*report) : JsonValue();
}

Result<std::optional<ScrubReport>> ParseReportOrNull(const JsonValue* json) {
    if (json == nullptr || json->IsNull()) return std::optional<ScrubReport>();
    TRY(ScrubReport report, ParseScrubReport(*json));
    return std::optional(std::move(report));
}

}  // namespace

JsonValue ToJson(const ScrubStatus& status) {
    return JsonValue::Object{{"running", status.running},
                             {"paused", status.paused},
                             {"failure", status.failure},
                             {"now", ReportOrNull(status.now)},
                             {"last", ReportOrNull(status.last)}};
}

Result<ScrubStatus> ParseScrubStatus(const JsonValue& json) {
    const JsonValue* running = json.Find("running");
    const JsonValue* paused = json.Find("paused");
    const JsonValue* failure = json.Find("failure");
    if (running == nullptr || !running->AsBool() || paused == nullptr || !paused->AsBool() ||
        failure == nullptr || failure->AsString() == nullptr)
        return Error(ErrorKind::kCorrupt, "the state of a scrub is not one");
    ScrubStatus status;
    status.running = *running->AsBool();
    status.paused = *paused->AsBool();
    status.failure = *failure->AsString();
    TRY(status.now, ParseReportOrNull(json.Find("now")));
    TRY(status.last, ParseReportOrNull(json.Find("last")));
    return status;
}

}  // namespace coffer::job
