// Invariants, checked in every build. A broken one ends the process: what comes after it can't be
// trusted with data.
#pragma once

#include <string_view>

namespace coffer {

// Prints the message with file and line to standard error, and aborts.
[[noreturn]] void Fatal(std::string_view message, const char* file, int line);

}  // namespace coffer

#define COFFER_FATAL(message) ::coffer::Fatal((message), __FILE__, __LINE__)
#define COFFER_CHECK(condition)                                                   \
    do {                                                                          \
        if (!(condition)) [[unlikely]]                                            \
            ::coffer::Fatal("broken invariant: " #condition, __FILE__, __LINE__); \
    } while (false)
