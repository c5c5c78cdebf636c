// The program `coffer`.
#include <fmt/format.h>

#include <cstdio>
#include <span>
#include <system_error>

#include "coffer/app/accept_command.h"
#include "coffer/app/account_command.h"
#include "coffer/app/bootstrap_command.h"
#include "coffer/app/command_line.h"
#include "coffer/app/complain.h"
#include "coffer/app/config.h"
#include "coffer/app/config_show.h"
#include "coffer/app/events_command.h"
#include "coffer/app/exit_codes.h"
#include "coffer/app/health_command.h"
#include "coffer/app/run_server.h"
#include "coffer/app/scrub_command.h"
#include "coffer/app/version.h"

namespace coffer::app {
namespace {

struct Loaded {
    Resolution resolution;
    Config config;
};

Result<Loaded> Load(const Flags& flags) {
    Environment environment = Environment::OfProcess();
    std::vector<std::string> warnings;
    TRY(AddEnvFile(environment, warnings));
    std::vector<Flags> layers;
    TRY(layers, FlagsOfEnvironment(environment));
    layers.insert(layers.begin(), flags);
    Loaded out;
    TRY(out.resolution, Resolve(layers, environment));
    out.resolution.warnings.insert(out.resolution.warnings.begin(), warnings.begin(),
                                   warnings.end());
    TRY(out.config, MakeConfig(out.resolution, environment));
    return out;
}

int Run(const CommandLine& line) {
    switch (line.command) {
        case Command::kHelp:
            fmt::print(line.asked ? stdout : stderr, "{}", line.help);
            return line.asked ? kExitOk : kExitUsage;
        case Command::kVersion:
            if (line.json)
                fmt::print("{{\"name\": \"coffer\", \"version\": \"{}\"}}\n", kVersion);
            else
                fmt::print("coffer {}\n", kVersion);
            return kExitOk;
        case Command::kHealth:
            return RunHealth({line.url, line.insecure, line.timeout});
        case Command::kAcceptLostCommits:
            return RunAcceptLostCommits(line.directory);
        case Command::kScrub:
            return RunScrub(line.scrub);
        case Command::kAccount: {
            auto loaded = Load(line.flags);
            if (!loaded) return Complain("", loaded.error(), kExitUsage);
            return RunAccount(line.account, loaded.value().config.master_key);
        }
        case Command::kBootstrap: {
            auto loaded = Load(line.flags);
            if (!loaded) return Complain("", loaded.error(), kExitUsage);
            return RunBootstrap(line.bootstrap, loaded.value().config);
        }
        case Command::kEvents:
            return RunEvents(line.events);
        case Command::kServer: {
            auto loaded = Load(line.flags);
            if (!loaded) return Complain("", loaded.error(), kExitUsage);
            return RunServer(loaded.value().config, loaded.value().resolution.warnings);
        }
        case Command::kConfigShow: {
            auto loaded = Load(line.flags);
            if (!loaded) return Complain("", loaded.error(), kExitUsage);
            const Resolution& resolution = loaded.value().resolution;
            fmt::print("{}", line.json ? ShowAsJson(resolution) : ShowAsTable(resolution));
            for (const std::string& warning : resolution.warnings)
                fmt::print(stderr, "warning: {}\n", warning);
            return kExitOk;
        }
    }
    return kExitFailure;
}

int Main(int argc, char** argv) {
    auto parsed = ParseCommandLine(argc, argv);
    if (!parsed) return Complain("", parsed.error(), kExitUsage);
    int code = kExitFailure;
    try {
        code = Run(parsed.value());
    } catch (const std::system_error&) {
        // fmt's, where it can't write.
        if (std::ferror(stdout) == 0 && std::ferror(stderr) == 0) throw;
    }
    // A server goes on, and ends well, though nobody reads what it says at its start.
    if (parsed.value().command == Command::kServer) return code;
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
    std::fputs("coffer: could not write the output\n", stderr);
    return kExitFailure;
}

}  // namespace
}  // namespace coffer::app

int main(int argc, char** argv) {
    return coffer::app::Main(argc, argv);
}
