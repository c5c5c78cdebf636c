#include "coffer/base/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <iterator>
#include <memory>

namespace coffer {
namespace {

struct State {
    LogFormat format = LogFormat::kText;
    std::shared_ptr<spdlog::logger> logger;
};

State& GetState() {
    static State state = [] {
        State s;
        s.logger = std::make_shared<spdlog::logger>(
            "coffer", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        s.logger->set_pattern("%v");
        s.logger->set_level(spdlog::level::info);
        return s;
    }();
    return state;
}

spdlog::level::level_enum ToSpdlog(LogLevel level) {
    switch (level) {
        case LogLevel::kDebug:
            return spdlog::level::debug;
        case LogLevel::kInfo:
            return spdlog::level::info;
        case LogLevel::kWarning:
            return spdlog::level::warn;
        case LogLevel::kError:
            return spdlog::level::err;
    }
    return spdlog::level::err;
}

std::string_view Name(LogLevel level) {
    switch (level) {
        case LogLevel::kDebug:
            return "debug";
        case LogLevel::kInfo:
            return "info";
        case LogLevel::kWarning:
            return "warning";
        case LogLevel::kError:
            return "error";
    }
    return "error";
}

// Escapes as JSON does (RFC 8259, 7); in text lines too, so that no value can forge a line or move
// the cursor.
void AppendEscaped(std::string& out, std::string_view text) {
    for (unsigned char c : text) {
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (c < 0x20 || c == 0x7f)
                    fmt::format_to(std::back_inserter(out), "\\u{:04x}", c);
                else
                    out += static_cast<char>(c);
        }
    }
}

bool NeedsQuotes(std::string_view text) {
    return text.empty() || text.find_first_of(" \"=\\") != std::string_view::npos;
}

std::string Now() {
    const auto now =
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const auto millis = now.time_since_epoch().count() % 1000;
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03d}Z",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(now)), millis);
}

std::string FormatJson(LogLevel level, std::string_view message,
                       std::initializer_list<LogField> fields) {
    std::string line = fmt::format(R"({{"time":"{}","level":"{}","message":")", Now(), Name(level));
    AppendEscaped(line, message);
    line += '"';
    for (const LogField& field : fields) {
        line += ",\"";
        AppendEscaped(line, field.name);
        line += "\":";
        if (!field.is_number) line += '"';
        AppendEscaped(line, field.text);
        if (!field.is_number) line += '"';
    }
    line += '}';
    return line;
}

std::string FormatText(LogLevel level, std::string_view message,
                       std::initializer_list<LogField> fields) {
    std::string line = fmt::format("{} {:<7} ", Now(), Name(level));
    AppendEscaped(line, message);
    for (const LogField& field : fields) {
        line += ' ';
        AppendEscaped(line, field.name);
        line += '=';
        const bool quote = NeedsQuotes(field.text);
        if (quote) line += '"';
        AppendEscaped(line, field.text);
        if (quote) line += '"';
    }
    return line;
}

}  // namespace

void ConfigureLog(LogFormat format, LogLevel least) {
    GetState().format = format;
    GetState().logger->set_level(ToSpdlog(least));
}

bool LogEnabled(LogLevel level) {
    return GetState().logger->should_log(ToSpdlog(level));
}

void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
    if (!LogEnabled(level)) return;
    State& state = GetState();
    state.logger->log(ToSpdlog(level), state.format == LogFormat::kJson
                                           ? FormatJson(level, message, fields)
                                           : FormatText(level, message, fields));
}

}  // namespace coffer
