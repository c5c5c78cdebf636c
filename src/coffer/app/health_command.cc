#include "coffer/app/health_command.h"

#include <fmt/format.h>

#include "coffer/app/exit_codes.h"

namespace coffer::app {

int RunHealth(const HealthRequest&) {
    fmt::print(stderr, "coffer health: not offered yet\n");
    return kExitFailure;
}

}  // namespace coffer::app
