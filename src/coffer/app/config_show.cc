#include "coffer/app/config_show.h"

#include <fmt/format.h>

#include <algorithm>

#include "coffer/codec/json.h"

namespace coffer::app {
namespace {

std::string Shown(const ResolvedSetting& setting) {
    if (setting.setting->secret) return "(hidden)";
    return setting.value.empty() ? "-" : setting.value;
}

std::string Quoted(std::string_view text) {
    std::string out;
    codec::AppendJsonString(&out, text);
    return out;
}

}  // namespace

std::string ShowAsTable(const Resolution& resolution) {
    size_t name_width = 7;
    size_t value_width = 5;
    for (const ResolvedSetting& setting : resolution.settings) {
        name_width = std::max(name_width, setting.setting->name.size());
        value_width = std::max(value_width, std::min<size_t>(Shown(setting).size(), 40));
    }
    std::string out =
        fmt::format("{:<{}}  {:<{}}  {}\n", "SETTING", name_width, "VALUE", value_width, "FROM");
    for (const ResolvedSetting& setting : resolution.settings)
        out += fmt::format("{:<{}}  {:<{}}  {}\n", setting.setting->name, name_width,
                           Shown(setting), value_width, setting.origin);
    return out;
}

std::string ShowAsJson(const Resolution& resolution) {
    std::string out = "[";
    for (const ResolvedSetting& setting : resolution.settings) {
        if (out.size() > 1) out += ",";
        const bool secret = setting.setting->secret;
        out += fmt::format("\n  {{\"name\": {}, \"value\": {}, \"source\": {}, \"from\": {}{}}}",
                           Quoted(setting.setting->name), secret ? "null" : Quoted(setting.value),
                           Quoted(ToString(setting.source)), Quoted(setting.origin),
                           secret ? ", \"secret\": true" : "");
    }
    return out + "\n]\n";
}

}  // namespace coffer::app
