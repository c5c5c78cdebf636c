// How the program ends, as docs/configuration.md lists it.
#pragma once

namespace coffer::app {

inline constexpr int kExitOk = 0;       // done, or stopped when asked to
inline constexpr int kExitFailure = 1;  // it could not be done; `coffer health`: not healthy
inline constexpr int kExitUsage = 2;    // the command line or the configuration is wrong
inline constexpr int kExitDirectory =
    3;  // the data directory is in use, not ours, or can't be written

}  // namespace coffer::app
