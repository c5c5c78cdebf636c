// The named keys of SSE-KMS, as the configuration has them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/base/result.h"
#include "coffer/service/key_ring.h"

namespace coffer::app {

// "<name>:<32 bytes in Base64>", MinIO's form; the name is of letters, digits, '-', '_', '.', '/'.
// Nothing for another text.
std::optional<service::KeyRing::NamedKey> ParseKmsKey(std::string_view text);

// A file of such lines; empty ones and those that begin with '#' mean nothing. kInvalid names the
// line, never what is in it; errors of reading.
Result<std::vector<service::KeyRing::NamedKey>> ReadKmsKeyFile(const std::string& path);

}  // namespace coffer::app
