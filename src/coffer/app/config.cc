#include "coffer/app/config.h"

#include <fmt/format.h>

#include <algorithm>

#include "coffer/app/bootstrap/yaml.h"
#include "coffer/app/config_file.h"
#include "coffer/app/secret_file.h"
#include "coffer/base/check.h"

namespace coffer::app {
namespace {

struct Found {
    std::string value;
    std::string origin;
};

// The value in the file that `variable` names. Nothing where a bare name has no file: MinIO's image
// sets MINIO_ROOT_USER_FILE=access_key whether or not there is such a secret.
Result<std::optional<Found>> ReadValueFile(const std::string& path, const std::string& origin,
                                           std::vector<std::string>& warnings) {
    auto value = ReadSecretFile(path);
    if (value)
        return Found{std::move(value).value(), fmt::format("{} ({})", origin, SecretPath(path))};
    if (value.error().kind() == ErrorKind::kNotFound && IsBareName(path)) {
        warnings.push_back(
            fmt::format("{} is ignored: there is no file {}{}", origin, kSecretsDirectory, path));
        return std::nullopt;
    }
    if (value.error().kind() == ErrorKind::kInvalid)
        return Error(ErrorKind::kInvalid,
                     fmt::format("{}: {}. Write the value into it, or take the setting away.",
                                 origin, value.error().message()));
    return value.error().Wrap(origin + " names a file that can't be read");
}

std::string Described(std::string_view name, const Environment::Variable& variable) {
    return variable.file.empty() ? std::string(name) : fmt::format("{} in {}", name, variable.file);
}

Result<std::optional<Found>> FromEnvironment(const Setting& setting, const Environment& environment,
                                             std::vector<std::string>& warnings) {
    std::vector<std::string> names = {VariableName(setting)};
    names.insert(names.end(), setting.aliases.begin(), setting.aliases.end());
    std::optional<Found> winner;
    for (const std::string& name : names) {
        const Environment::Variable* direct = environment.Find(name);
        const Environment::Variable* by_file =
            setting.by_file ? environment.Find(name + "_FILE") : nullptr;
        std::optional<Found> found;
        if (by_file != nullptr) {
            TRY(found,
                ReadValueFile(by_file->value, Described(name + "_FILE", *by_file), warnings));
            if (found && direct != nullptr)
                warnings.push_back(
                    fmt::format("{0} is ignored: {0}_FILE is set too, and counts more", name));
        }
        if (!found && direct != nullptr) found = Found{direct->value, Described(name, *direct)};
        if (!found) continue;
        if (name == "MINIO_ACCESS_KEY" || name == "MINIO_SECRET_KEY")
            warnings.push_back(
                fmt::format("{} is an old name; use {}", name, setting.aliases.front()));
        if (!winner)
            winner = std::move(found);
        else if (winner->value != found->value)
            warnings.push_back(fmt::format("{} is ignored: {} says something else, and counts more",
                                           found->origin, winner->origin));
    }
    return winner;
}

std::optional<Found> FromFlags(const Setting& setting, std::span<const Flags> layers) {
    for (const Flags& flags : layers) {
        const std::string in = flags.variable.empty() ? "" : " in " + flags.variable;
        if (setting.name == "directory" && !flags.directories.empty())
            return Found{flags.directories.front(), "argument" + in};
        const auto found = flags.values.find(setting.name);
        if (found != flags.values.end()) return Found{found->second, FlagName(setting) + in};
    }
    return std::nullopt;
}

Result<std::optional<Found>> FromFile(const Setting& setting, const FileSettings& file,
                                      std::vector<std::string>& warnings) {
    const std::string by_file_name = std::string(setting.name) + "_file";
    if (const auto found = file.find(by_file_name); found != file.end())
        return ReadValueFile(found->second.value, found->second.origin, warnings);
    if (const auto found = file.find(setting.name);
        found != file.end() && !found->second.value.empty())
        return Found{found->second.value, found->second.origin};
    return std::nullopt;
}

// The bootstrap that the setting names, or else the configuration file's own. Its webhooks are put
// beside those of that file, which count more.
Result<std::optional<ResolvedBootstrap>> ReadBootstrap(const ResolvedSetting& setting,
                                                       ConfigFile& file) {
    ResolvedBootstrap out;
    if (!setting.value.empty()) {
        out.origin = setting.value;
        const auto text = ReadSmallFile(setting.value);
        if (!text) return text.error().Wrap(setting.origin + " names a file that can't be read");
        auto document = bootstrap::ReadYaml(text.value());
        if (!document) return document.error().Wrap(out.origin);
        out.document = std::move(document).value();
    } else if (file.bootstrap) {
        out.origin = file.bootstrap->origin;
        out.document = std::move(file.bootstrap->document);
    } else {
        return std::nullopt;
    }
    const auto webhooks = bootstrap::WebhooksOf(out.document);
    if (!webhooks) return webhooks.error().Wrap(out.origin);
    for (const auto& [name, value] : webhooks.value())
        file.settings.try_emplace(fmt::format("{}.{}", kWebhookTable, name), value,
                                  fmt::format("{}: webhooks.{}", out.origin, name));
    return out;
}

void WarnOfVariables(const Environment& environment, std::vector<std::string>& warnings) {
    const std::vector<std::string> known = KnownVariables();
    for (const auto& [name, variable] : environment.variables()) {
        switch (ClassifyVariable(name)) {
            case VariableUse::kNone:
            case VariableUse::kSetting:
            case VariableUse::kIgnored:
                break;
            case VariableUse::kNotOffered:
                warnings.push_back(fmt::format("{} has no effect: not offered yet", name));
                break;
            case VariableUse::kUnknown:
                const std::string meant = Nearest(name, known);
                warnings.push_back(
                    meant.empty()
                        ? fmt::format("{} has no effect: no such setting", name)
                        : fmt::format("{} has no effect: no such setting. Did you mean {}?", name,
                                      meant));
                break;
        }
    }
}

std::string ConfigFilePath(std::span<const Flags> layers, const Environment& environment) {
    for (const Flags& flags : layers)
        if (!flags.config_file.empty()) return flags.config_file;
    const Environment::Variable* variable = environment.Find("COFFER_CONFIG_FILE");
    return variable == nullptr ? "" : variable->value;
}

Result<ConfigFile> ReadConfigFile(std::span<const Flags> flags, const Environment& environment) {
    const std::string path = ConfigFilePath(flags, environment);
    if (path.empty()) return ConfigFile();
    auto text = ReadSmallFile(path);
    if (!text) return text.error().Wrap("the configuration file can't be read");
    return ParseConfigFile(text.value(), path);
}

Result<std::optional<ResolvedSetting>> FromFlagsOrEnvironment(const Setting& setting,
                                                              std::span<const Flags> flags,
                                                              const Environment& environment,
                                                              std::vector<std::string>& warnings) {
    TRY(std::optional<Found> in_environment, FromEnvironment(setting, environment, warnings));
    std::optional<Found> in_flags = FromFlags(setting, flags);
    const Source source = in_flags ? Source::kFlag : Source::kEnvironment;
    std::optional<Found> found = in_flags ? std::move(in_flags) : std::move(in_environment);
    if (!found) return std::nullopt;
    return ResolvedSetting{&setting, std::move(found->value), source, std::move(found->origin)};
}

Result<ResolvedSetting> FromFileOrDefault(const Setting& setting, const FileSettings& file,
                                          std::vector<std::string>& warnings) {
    TRY(std::optional<Found> found, FromFile(setting, file, warnings));
    if (!found)
        return ResolvedSetting{&setting, std::string(setting.default_value), Source::kDefault,
                               "default"};
    return ResolvedSetting{&setting, std::move(found->value), Source::kFile,
                           std::move(found->origin)};
}

}  // namespace

std::string_view ToString(Source source) {
    switch (source) {
        case Source::kDefault:
            return "default";
        case Source::kFile:
            return "file";
        case Source::kEnvironment:
            return "environment";
        case Source::kFlag:
            return "flag";
    }
    return "default";
}

const ResolvedSetting& Resolution::at(std::string_view name) const {
    const auto found = std::ranges::find_if(
        settings, [&](const ResolvedSetting& s) { return s.setting->name == name; });
    COFFER_CHECK(found != settings.end());
    return *found;
}

Result<> AddEnvFile(Environment& environment, std::vector<std::string>& warnings) {
    for (const char* name : {"COFFER_CONFIG_ENV_FILE", "MINIO_CONFIG_ENV_FILE"}) {
        const Environment::Variable* variable = environment.Find(name);
        if (variable == nullptr) continue;
        const std::string path = variable->value;
        auto added = environment.AddFile(SecretPath(path));
        if (added) return Ok();
        if (added.error().kind() != ErrorKind::kNotFound || !IsBareName(path))
            return added.error().Wrap(std::string(name) + " names a file that can't be read");
        warnings.push_back(fmt::format("{} is ignored: there is no file {}", name, path));
    }
    return Ok();
}

Result<Resolution> Resolve(std::span<const Flags> flags, const Environment& environment) {
    for (const Flags& layer : flags)
        if (layer.directories.size() > 1)
            return OneDirectory(layer.variable.empty() ? "argument" : layer.variable,
                                fmt::format("there are {}, {}", layer.directories.size(),
                                            fmt::join(layer.directories, " and ")));
    Resolution out;
    TRY(ConfigFile file, ReadConfigFile(flags, environment));
    for (const Setting& setting : Settings()) {
        TRY(std::optional<ResolvedSetting> resolved,
            FromFlagsOrEnvironment(setting, flags, environment, out.warnings));
        if (!resolved) {
            TRY(resolved, FromFileOrDefault(setting, file.settings, out.warnings));
        }
        out.settings.push_back(*std::move(resolved));
    }
    TRY(out.bootstrap, ReadBootstrap(out.at("bootstrap"), file));
    out.webhooks = ResolveWebhooks(environment, file.settings);
    WarnOfVariables(environment, out.warnings);
    return out;
}

Result<ResolvedSetting> ResolveOne(std::string_view name, std::span<const Flags> flags,
                                   const Environment& environment) {
    const Setting* const setting = FindSetting(name);
    COFFER_CHECK(setting != nullptr);
    std::vector<std::string> warnings;  // the server's own
    TRY(std::optional<ResolvedSetting> resolved,
        FromFlagsOrEnvironment(*setting, flags, environment, warnings));
    if (resolved) return *std::move(resolved);
    TRY(const ConfigFile file, ReadConfigFile(flags, environment));
    return FromFileOrDefault(*setting, file.settings, warnings);
}

}  // namespace coffer::app
