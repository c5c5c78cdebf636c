#include "coffer/app/secret_file.h"

#include <unistd.h>

#include "coffer/app/environment.h"

namespace coffer::app {
namespace {

std::string Trimmed(std::string_view text) {
    const size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

}  // namespace

bool IsBareName(std::string_view path) {
    return path.find('/') == std::string_view::npos;
}

std::string SecretPath(const std::string& path) {
    if (!IsBareName(path)) return path;
    std::string there = std::string(kSecretsDirectory) + path;
    return ::access(there.c_str(), F_OK) == 0 ? there : path;
}

Result<std::string> ReadSecretFile(const std::string& path) {
    const std::string where = SecretPath(path);
    TRY(const std::string text, ReadSmallFile(where));
    std::string secret = Trimmed(text);
    if (secret.empty()) return Error(ErrorKind::kInvalid, where + " is empty");
    return secret;
}

}  // namespace coffer::app
