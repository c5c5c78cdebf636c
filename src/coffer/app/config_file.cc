#include "coffer/app/config_file.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <optional>
#include <sstream>
#include <vector>

#include "coffer/app/settings.h"
#include "coffer/app/webhook_settings.h"

namespace coffer::app {
namespace {

// As the name of a setting, it names a file; as a table, it is a bootstrap itself.
constexpr std::string_view kBootstrapTable = "bootstrap";

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

std::string Place(const std::string& path, int line) {
    return fmt::format("{}:{}", path, line);
}

Error Wrong(const std::string& path, int line, std::string_view what) {
    return Error(ErrorKind::kInvalid, fmt::format("{}: {}", Place(path, line), what));
}

// Dates and numbers with a fraction become the texts that they were written as, near enough.
codec::JsonValue ToJson(const toml::node& node) {
    using codec::JsonValue;
    if (const toml::table* table = node.as_table()) {
        JsonValue::Object members;
        for (const auto& [name, value] : *table)
            members.push_back({std::string(name.str()), ToJson(value)});
        return JsonValue(std::move(members));
    }
    if (const toml::array* array = node.as_array()) {
        JsonValue::Array items;
        for (const toml::node& item : *array)
            items.push_back(ToJson(item));
        return JsonValue(std::move(items));
    }
    if (const auto* text = node.as_string()) return JsonValue(text->get());
    if (const auto* on = node.as_boolean()) return JsonValue(on->get());
    if (const auto* number = node.as_integer()) return JsonValue(number->get());
    std::ostringstream written;
    if (const auto* fraction = node.as_floating_point()) written << fraction->get();
    if (const auto* date = node.as_date()) written << date->get();
    if (const auto* time = node.as_time()) written << time->get();
    if (const auto* moment = node.as_date_time()) written << moment->get();
    return JsonValue(written.str());
}

// [notify_webhook.<id>]
Result<> ReadWebhooks(const toml::node& node, int line, const std::string& path,
                      FileSettings& out) {
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
            out[fmt::format("{}.{}.{}", kWebhookTable, id.str(), name.str())] = {*text,
                                                                                 Place(path, at)};
        }
    }
    return Ok();
}

}  // namespace

Result<ConfigFile> ParseConfigFile(std::string_view text, const std::string& path) {
    toml::table table;
    try {
        table = toml::parse(text);
    } catch (const toml::parse_error& e) {
        return Wrong(path, static_cast<int>(e.source().begin.line), e.description());
    }
    const std::vector<std::string> known = KnownNames();
    ConfigFile out;
    for (const auto& [key, node] : table) {
        const std::string name(key.str());
        const int line = static_cast<int>(key.source().begin.line);
        if (name == kWebhookTable) {
            TRY(ReadWebhooks(node, line, path, out.settings));
            continue;
        }
        if (name == kBootstrapTable && node.is_table()) {
            out.bootstrap = {ToJson(node), fmt::format("{}: {}", path, name)};
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
        out.settings[name] = {*value, Place(path, line)};
    }
    return out;
}

}  // namespace coffer::app
