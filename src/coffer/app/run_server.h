// `coffer server`, from a finished configuration to the end of the process.
#pragma once

#include <string>
#include <vector>

#include "coffer/app/config.h"

namespace coffer::app {

// Serves until SIGTERM or SIGINT, and returns the exit code (exit_codes.h). `warnings` go to the
// log. A second signal ends the process at once. To be called before there are other threads: they
// inherit its signal mask.
int RunServer(const Config& config, const std::vector<std::string>& warnings);

}  // namespace coffer::app
