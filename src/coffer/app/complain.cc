#include "coffer/app/complain.h"

#include <fmt/format.h>

#include <cstdio>

namespace coffer::app {

int Complain(std::string_view command, const Error& error, int code) {
    fmt::print(stderr, "coffer{}{}: {}\n", command.empty() ? "" : " ", command, error.message());
    return code;
}

}  // namespace coffer::app
