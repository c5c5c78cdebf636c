// The TOML file of settings. Home of toml++.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "coffer/base/result.h"

namespace coffer::app {

struct FileSetting {
    std::string value;  // lists are joined by commas
    int line = 0;
};

// Settings by name; a setting with `by_file` may stand as `<name>_file`. Errors say file, line and
// what would be right: kInvalid (not TOML, an unknown name, a value of another type), kTooLarge.
Result<std::map<std::string, FileSetting, std::less<>>> ParseConfigFile(std::string_view text,
                                                                        const std::string& path);

}  // namespace coffer::app
