// The TOML file of settings. Home of toml++.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "coffer/base/result.h"
#include "coffer/codec/json.h"

namespace coffer::app {

struct FileSetting {
    std::string value;   // lists are joined by commas
    std::string origin;  // "/etc/coffer.toml:7"
};
using FileSettings = std::map<std::string, FileSetting, std::less<>>;

// A bootstrap (bootstrap/declaration.h), and where it stands.
struct ResolvedBootstrap {
    codec::JsonValue document;
    std::string origin;  // "/etc/coffer.toml: bootstrap", "/etc/bootstrap.yaml"
};

struct ConfigFile {
    FileSettings settings;  // by name; a setting with `by_file` may stand as `<name>_file`
    std::optional<ResolvedBootstrap> bootstrap;  // the table of that name
};

// Errors say file, line and what would be right: kInvalid (not TOML, an unknown name, a value of
// another type), kTooLarge.
Result<ConfigFile> ParseConfigFile(std::string_view text, const std::string& path);

}  // namespace coffer::app
