// Secrets in files, as containers get them.
#pragma once

#include <string>
#include <string_view>

#include "coffer/base/result.h"

namespace coffer::app {

// Where container engines put them.
inline constexpr std::string_view kSecretsDirectory = "/run/secrets/";

// Whether it is a name alone, as MinIO takes for the secrets of Docker and Compose.
bool IsBareName(std::string_view path);

// <kSecretsDirectory><path> for a bare name of which there is such a file, else `path`.
std::string SecretPath(const std::string& path);

// What stands in the file SecretPath names, without white space around it. kInvalid where that is
// nothing; errors of ReadSmallFile.
Result<std::string> ReadSecretFile(const std::string& path);

}  // namespace coffer::app
