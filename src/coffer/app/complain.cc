#include "coffer/app/complain.h"

#include <fmt/format.h>

#include <cstdio>
#include <string>

namespace coffer::app {

int Complain(std::string_view command, const Error& error, int code) {
    const std::string line =
        fmt::format("coffer{}{}: {}\n", command.empty() ? "" : " ", command, error.message());
    std::fputs(line.c_str(), stderr);  // which throws nothing where stderr can't be written
    return code;
}

}  // namespace coffer::app
