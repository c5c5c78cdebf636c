// The command line: which command, with what. Home of CLI11.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/app/account_command.h"
#include "coffer/app/bootstrap_command.h"
#include "coffer/app/config.h"
#include "coffer/app/events_command.h"
#include "coffer/app/scrub_command.h"
#include "coffer/base/result.h"

namespace coffer::app {

enum class Command : uint8_t {
    kHelp,
    kServer,
    kConfigShow,
    kHealth,
    kScrub,
    kAccount,
    kEvents,
    kBootstrap,
    kAcceptLostCommits,
    kVersion
};

struct CommandLine {
    Command command = Command::kHelp;
    std::string help;                         // kHelp: what to print
    bool asked = true;                        // kHelp: false where a command is missing
    Flags flags;                              // kServer, kConfigShow, kBootstrap
    std::string directory;                    // kAcceptLostCommits
    bool json = false;                        // kConfigShow, kVersion
    std::string url;                          // kHealth
    bool insecure = false;                    // kHealth: take any certificate
    std::chrono::milliseconds timeout{5000};  // kHealth
    ScrubCommand scrub;                       // kScrub
    AccountCommand account;                   // kAccount
    EventsCommand events;                     // kEvents
    BootstrapCommand bootstrap;               // kBootstrap
};

// kInvalid: the message says what is wrong, and what would be right.
Result<CommandLine> ParseCommandLine(int argc, const char* const* argv);

// The flags of `coffer server` that the variable of that name holds: "--address :9000 /data".
Result<Flags> ParseFlagsVariable(std::string_view text, const std::string& variable);

// Those of COFFER_OPTS and MINIO_OPTS, where they are set, the one that counts more first.
Result<std::vector<Flags>> FlagsOfEnvironment(const Environment& environment);

}  // namespace coffer::app
