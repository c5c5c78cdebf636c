#include "coffer/app/environment.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>

#include "coffer/base/bytes.h"

namespace coffer::app {
namespace {

constexpr size_t kFileLimitBytes = 1_MiB;

std::string_view Trim(std::string_view text) {
    const size_t first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::string_view Unquote(std::string_view value) {
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
        value.back() == value.front())
        return value.substr(1, value.size() - 2);
    return value;
}

}  // namespace

Result<std::vector<std::pair<std::string, std::string>>> ParseEnvFile(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> out;
    for (int number = 1; !text.empty(); ++number) {
        const size_t end = text.find('\n');
        std::string_view line = Trim(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (line.empty() || line.front() == '#') continue;
        if (line.starts_with("export ") || line.starts_with("export\t"))
            line = Trim(line.substr(7));
        const size_t equals = line.find('=');
        // The line itself is not shown: what was meant to be a password may be in it.
        if (equals == std::string_view::npos || equals == 0)
            return Error(ErrorKind::kInvalid,
                         fmt::format("line {} is not of the form NAME=value", number));
        out.emplace_back(Trim(line.substr(0, equals)), Unquote(Trim(line.substr(equals + 1))));
    }
    return out;
}

Result<std::vector<std::string>> SplitWords(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    bool in_word = false;
    char quote = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != 0 && c == quote) {
            quote = 0;
        } else if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
            word += text[++i];
            in_word = true;
        } else if (quote != 0) {
            word += c;
        } else if (c == '"' || c == '\'') {
            quote = c;
            in_word = true;
        } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            if (in_word) words.push_back(std::exchange(word, {}));
            in_word = false;
        } else {
            word += c;
            in_word = true;
        }
    }
    if (quote != 0) return Error(ErrorKind::kInvalid, "a quote is not closed");
    if (in_word) words.push_back(std::move(word));
    return words;
}

Environment::Environment(std::map<std::string, std::string> variables) {
    for (auto& [name, value] : variables)
        variables_[name] = {std::move(value), ""};
}

Environment Environment::OfProcess() {
    Environment out;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const size_t equals = text.find('=');
        if (equals == std::string_view::npos) continue;
        out.variables_[std::string(text.substr(0, equals))] = {std::string(text.substr(equals + 1)),
                                                               ""};
    }
    return out;
}

Result<> Environment::AddFile(const std::string& path) {
    TRY(const std::string text, ReadSmallFile(path));
    auto parsed = ParseEnvFile(text);
    if (!parsed) return parsed.error().Wrap(path);
    for (auto& [name, value] : parsed.value())
        variables_[name] = {std::move(value), path};
    return Ok();
}

const Environment::Variable* Environment::Find(std::string_view name) const {
    const auto found = variables_.find(name);
    return found == variables_.end() || found->second.value.empty() ? nullptr : &found->second;
}

Result<std::string> ReadSmallFile(const std::string& path) {
    const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "re"), &std::fclose);
    if (file == nullptr) return ErrnoError(errno, "open " + path);
    std::string text(kFileLimitBytes + 1, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file.get()));
    if (std::ferror(file.get()) != 0) return ErrnoError(errno, "read " + path);
    if (text.size() > kFileLimitBytes)
        return Error(ErrorKind::kTooLarge, path + " is over 1 MiB, which no file of this kind is");
    return text;
}

}  // namespace coffer::app
