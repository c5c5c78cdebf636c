// What `coffer config show` prints. Secrets are never in it.
#pragma once

#include <string>

#include "coffer/app/config.h"

namespace coffer::app {

// A table for people: setting, value, where it came from.
std::string ShowAsTable(const Resolution& resolution);

// [{"name": …, "value": …, "source": "flag|environment|file|default", "from": …}, …]; of a secret
// "value" is null, and "secret" true.
std::string ShowAsJson(const Resolution& resolution);

}  // namespace coffer::app
