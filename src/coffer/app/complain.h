// How commands tell what went wrong.
#pragma once

#include <string_view>

#include "coffer/base/error.h"

namespace coffer::app {

// Prints "coffer <command>: <message>", or "coffer: <message>" where `command` is empty, to
// standard error; returns `code`.
int Complain(std::string_view command, const Error& error, int code);

}  // namespace coffer::app
