// The environment variables of the program, and files that hold more of them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "coffer/base/result.h"

namespace coffer::app {

// Name and value of each line of an env file, as MinIO and systemd write them: KEY=value, export
// KEY="value", comments with #, empty lines. Quotes around a whole value are taken off; nothing is
// expanded. kInvalid names the line.
Result<std::vector<std::pair<std::string, std::string>>> ParseEnvFile(std::string_view text);

// Splits `text` into words as a shell does: by white space, with '…', "…" and \ quoting. kInvalid:
// an open quote.
Result<std::vector<std::string>> SplitWords(std::string_view text);

class Environment {
  public:
    struct Variable {
        std::string value;
        std::string file;  // the env file that it stood in; empty: the process got it
    };

    Environment() = default;
    explicit Environment(std::map<std::string, std::string> variables);

    // Of this process.
    static Environment OfProcess();

    // Puts the variables of the env file at `path` over those that are there, as MinIO does with
    // MINIO_CONFIG_ENV_FILE. Errors: kNotFound, kIo, kInvalid.
    Result<> AddFile(const std::string& path);

    // Null where it is not set, or empty: compose files write VARIABLE: ${NOT_SET:-}.
    const Variable* Find(std::string_view name) const;

    const std::map<std::string, Variable, std::less<>>& variables() const { return variables_; }

  private:
    std::map<std::string, Variable, std::less<>> variables_;
};

// The whole of a small file. Errors: kNotFound, kDenied, kIo; kTooLarge over 1 MiB.
Result<std::string> ReadSmallFile(const std::string& path);

}  // namespace coffer::app
