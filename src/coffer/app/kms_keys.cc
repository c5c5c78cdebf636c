#include "coffer/app/kms_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "coffer/app/environment.h"
#include "coffer/codec/ascii.h"
#include "coffer/codec/base64.h"

namespace coffer::app {
namespace {

bool IsName(std::string_view name) {
    constexpr size_t kMost = 128;
    return !name.empty() && name.size() <= kMost && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.' || c == '/';
    });
}

}  // namespace

std::optional<service::KeyRing::NamedKey> ParseKmsKey(std::string_view text) {
    const size_t colon = text.find(':');
    if (colon == std::string_view::npos || !IsName(text.substr(0, colon))) return std::nullopt;
    service::KeyRing::NamedKey key{std::string(text.substr(0, colon)), {}};
    if (!codec::Base64Decode(text.substr(colon + 1), key.key)) return std::nullopt;
    return key;
}

Result<std::vector<service::KeyRing::NamedKey>> ReadKmsKeyFile(const std::string& path) {
    TRY(const std::string text, ReadSmallFile(path));
    std::vector<service::KeyRing::NamedKey> keys;
    int number = 0;
    for (const std::string_view raw : codec::Split(text, '\n')) {
        ++number;
        const std::string_view line = codec::TrimSpaces(raw.substr(0, raw.find('\r')));
        if (line.empty() || line.starts_with('#')) continue;
        auto key = ParseKmsKey(line);
        if (!key)
            return Error(ErrorKind::kInvalid,
                         fmt::format("{}:{}: <name>:<32 bytes in Base64> is wanted, as `echo "
                                     "\"my-key:$(openssl rand -base64 32)\"` prints it",
                                     path, number));
        keys.push_back(*std::move(key));
    }
    return keys;
}

}  // namespace coffer::app
