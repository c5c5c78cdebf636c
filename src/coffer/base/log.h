// The log: lines for people, or one JSON object a line. Any thread may write; a write is one system
// call to standard error. Nothing that is a secret gets here: Secret has no conversion to text.
//
//     Log(LogLevel::kWarning, "the disk is full", {{"path", path}, {"free_bytes", free}});
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace coffer {

enum class LogLevel : uint8_t { kDebug, kInfo, kWarning, kError };
enum class LogFormat : uint8_t { kText, kJson };

struct LogField {
    LogField(std::string_view key, std::string_view value) : name(key), text(value) {}
    LogField(std::string_view key, const char* value) : name(key), text(value) {}
    LogField(std::string_view key, const std::string& value) : name(key), text(value) {}
    template <class T>
        requires std::is_integral_v<T>
    LogField(std::string_view key, T value)
        : name(key), text(std::to_string(value)), is_number(true) {}

    std::string_view name;
    std::string text;
    bool is_number = false;
};

// Chooses form and least level for the whole process; before it is called: text, kInfo.
void ConfigureLog(LogFormat format, LogLevel least);

bool LogEnabled(LogLevel level);

// `message` is a sentence without values; values are fields. Control characters in either are
// escaped, so that a line is always one line.
void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

}  // namespace coffer
