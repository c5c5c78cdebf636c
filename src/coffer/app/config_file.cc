#include "coffer/app/config_file.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <optional>
#include <vector>

#include "coffer/app/settings.h"
#include "coffer/app/webhook_settings.h"

namespace coffer::app {
namespace {

std::vector<std::string> KnownNames() {
    std::vector<std::string> names;
    for (const Setting& setting : Settings()) {
        names.emplace_back(setting.name);
        if (setting.by_file) names.push_back(std::string(setting.name) + "_file");
    }
    return names;
}

std::optional<std::string> AsScalar(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* on = node.as_boolean()) return on->get() ? "on" : "off";
    if (const auto* number = node.as_integer()) return std::to_string(number->get());
    return std::nullopt;
}

std::optional<std::string> AsList(const toml::node& node) {
    const toml::array* array = node.as_array();
    if (array == nullptr) return AsScalar(node);
    std::string joined;
    for (const toml::node& item : *array) {
        if (!item.is_string()) return std::nullopt;
        if (!joined.empty()) joined += ',';
        joined += item.as_string()->get();
    }
    return joined;
}

Error Wrong(const std::string& path, int line, std::string_view what) {
    return Error(ErrorKind::kInvalid, fmt::format("{}:{}: {}", path, line, what));
}

// [notify_webhook.<id>]
Result<> ReadWebhooks(const toml::node& node, int line, const std::string& path,
                      std::map<std::string, FileSetting, std::less<>>& out) {
    const toml::table* webhooks = node.as_table();
    if (webhooks == nullptr)
        return Wrong(path, line,
                     "write [notify_webhook.<id>], and the webhook's settings under it");
    for (const auto& [id, settings] : *webhooks) {
        const toml::table* table = settings.as_table();
        if (table == nullptr || id.str().find('.') != std::string_view::npos)
            return Wrong(path, static_cast<int>(id.source().begin.line),
                         "write [notify_webhook.<id>], and the webhook's settings under it");
        for (const auto& [name, value] : *table) {
            const int at = static_cast<int>(name.source().begin.line);
            if (!IsWebhookSetting(name.str()))
                return Wrong(path, at, fmt::format("a webhook has no setting \"{}\"", name.str()));
            const std::optional<std::string> text = AsScalar(value);
            if (!text)
                return Wrong(path, at,
                             fmt::format("\"{}\" must be one value: a text in quotes, a number, "
                                         "true or false",
                                         name.str()));
            out[fmt::format("{}.{}.{}", kWebhookTable, id.str(), name.str())] = {*text, at};
        }
    }
    return Ok();
}

}  // namespace

Result<std::map<std::string, FileSetting, std::less<>>> ParseConfigFile(std::string_view text,
                                                                        const std::string& path) {
    toml::table table;
    try {
        table = toml::parse(text);
    } catch (const toml::parse_error& e) {
        return Wrong(path, static_cast<int>(e.source().begin.line), e.description());
    }
    const std::vector<std::string> known = KnownNames();
    std::map<std::string, FileSetting, std::less<>> out;
    for (const auto& [key, node] : table) {
        const std::string name(key.str());
        const int line = static_cast<int>(key.source().begin.line);
        if (name == kWebhookTable) {
            TRY(ReadWebhooks(node, line, path, out));
            continue;
        }
        std::string_view base = name;
        const Setting* setting = FindSetting(base);
        if (setting == nullptr && base.ends_with("_file")) {
            setting = FindSetting(base.substr(0, base.size() - 5));
            if (setting != nullptr && !setting->by_file) setting = nullptr;
        }
        if (setting == nullptr) {
            const std::string meant = Nearest(name, known);
            return Wrong(
                path, line,
                meant.empty()
                    ? fmt::format("there is no setting \"{}\"; `coffer config show` lists them",
                                  name)
                    : fmt::format("there is no setting \"{}\"; did you mean \"{}\"?", name, meant));
        }
        const std::optional<std::string> value =
            setting->kind == SettingKind::kList ? AsList(node) : AsScalar(node);
        if (!value)
            return Wrong(path, line,
                         fmt::format("\"{}\" must be {}", name,
                                     setting->kind == SettingKind::kList
                                         ? "a text or an array of texts"
                                         : "one value: a text in quotes, a number, true or false"));
        out[name] = {*value, line};
    }
    return out;
}

}  // namespace coffer::app
