#include "coffer/app/config_show.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "coffer/codec/json.h"
#include "coffer/http/client.h"

namespace coffer::app {
namespace {

// A line of what is shown.
struct Line {
    std::string name;
    std::string value;
    std::string_view source;
    std::string origin;
    bool secret = false;
};

std::vector<Line> LinesOf(const Resolution& resolution) {
    std::vector<Line> lines;
    for (const ResolvedSetting& setting : resolution.settings)
        lines.push_back({std::string(setting.setting->name), setting.value,
                         ToString(setting.source), setting.origin, setting.setting->secret});
    for (const ResolvedWebhook& webhook : resolution.webhooks) {
        for (const auto& [name, value] : webhook.values) {
            const bool variable =
                value.origin.starts_with("MINIO_") || value.origin.starts_with("COFFER_");
            // A URL may have a token in it.
            lines.push_back({fmt::format("{}.{}.{}", kWebhookTable, webhook.id, name),
                             name == "endpoint" ? http::WithoutSecrets(value.text) : value.text,
                             ToString(variable ? Source::kEnvironment : Source::kFile),
                             value.origin, name == "auth_token"});
        }
    }
    return lines;
}

std::string Shown(const Line& line) {
    if (line.secret) return "(hidden)";
    return line.value.empty() ? "-" : line.value;
}

std::string Quoted(std::string_view text) {
    std::string out;
    codec::AppendJsonString(&out, text);
    return out;
}

}  // namespace

std::string ShowAsTable(const Resolution& resolution) {
    const std::vector<Line> lines = LinesOf(resolution);
    size_t name_width = 7;
    size_t value_width = 5;
    for (const Line& line : lines) {
        name_width = std::max(name_width, line.name.size());
        value_width = std::max(value_width, std::min<size_t>(Shown(line).size(), 40));
    }
    std::string out =
        fmt::format("{:<{}}  {:<{}}  {}\n", "SETTING", name_width, "VALUE", value_width, "FROM");
    for (const Line& line : lines)
        out += fmt::format("{:<{}}  {:<{}}  {}\n", line.name, name_width, Shown(line), value_width,
                           line.origin);
    return out;
}

std::string ShowAsJson(const Resolution& resolution) {
    std::string out = "[";
    for (const Line& line : LinesOf(resolution)) {
        if (out.size() > 1) out += ",";
        out += fmt::format("\n  {{\"name\": {}, \"value\": {}, \"source\": {}, \"from\": {}{}}}",
                           Quoted(line.name), line.secret ? "null" : Quoted(line.value),
                           Quoted(line.source), Quoted(line.origin),
                           line.secret ? ", \"secret\": true" : "");
    }
    return out + "\n]\n";
}

}  // namespace coffer::app
