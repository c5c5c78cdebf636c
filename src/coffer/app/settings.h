// The settings of a server, in one table: what each is called, what it means, what it is when
// nobody says.
//
// One name serves everywhere: `console_address` in the TOML file, COFFER_CONSOLE_ADDRESS in the
// environment,
// --console-address on the command line. Variables of MinIO are aliases.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::app {

enum class SettingKind : uint8_t {
    kText,
    kSwitch,    // on or off
    kDuration,  // "30s", "1m30s", "500ms"
    kList,      // separated by commas; an array in the TOML file
};

struct Setting {
    std::string_view name;
    SettingKind kind = SettingKind::kText;
    std::string_view default_value = {};
    std::vector<std::string_view> aliases =
        {};                             // variables of MinIO, the one that counts most first
    std::string_view placeholder = {};  // what --help calls the value; empty: there is no flag
    std::string_view help = {};
    bool secret = false;  // hidden by `config show`
    bool by_file =
        false;  // each variable also as <variable>_FILE, and `<name>_file` in the TOML file
};

// All of them, in the order in which they are shown.
std::span<const Setting> Settings();

// Null where there is none of that name.
const Setting* FindSetting(std::string_view name);

std::string FlagName(const Setting& setting);      // "--console-address"
std::string VariableName(const Setting& setting);  // "COFFER_CONSOLE_ADDRESS"

// What is to be said of a variable that is no setting.
enum class VariableUse : uint8_t {
    kNone,        // not ours: no MINIO_ or COFFER_ before it
    kSetting,     // a setting, or one that says where settings are
    kIgnored,     // known, and without a meaning here: other programs or clusters set it
    kNotOffered,  // a setting of MinIO that Coffer does not have yet
    kUnknown,
};
VariableUse ClassifyVariable(std::string_view name);

// The nearest of `candidates`, if it is near enough to be what was meant; else empty.
std::string Nearest(std::string_view word, std::span<const std::string> candidates);

// Every variable that is read, for Nearest.
std::vector<std::string> KnownVariables();

}  // namespace coffer::app
