// `coffer bootstrap`: makes a data directory have what a file declares, or shows what would change.
#pragma once

#include <string>

#include "coffer/app/config.h"

namespace coffer::app {

struct BootstrapCommand {
    std::string directory;
    bool dry_run = false;
    bool json = false;
};

// Has what `config` declares: by the server of the directory, where one runs; else this process
// opens it. Blocks; the exit code.
int RunBootstrap(const BootstrapCommand& command, const Config& config);

}  // namespace coffer::app
