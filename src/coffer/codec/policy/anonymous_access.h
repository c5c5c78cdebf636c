// What everybody may do with a bucket, by one word: the policies that `mc anonymous set` gives.
// Pure functions; any thread may call them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::codec::policy {

enum class AnonymousAccess : uint8_t {
    kNone,      // "none", "private"
    kDownload,  // list and read
    kUpload,    // write and delete, but not read
    kPublic,    // both
};

// Nothing for any other word.
std::optional<AnonymousAccess> ParseAnonymousAccess(std::string_view word);

// The bucket's policy; empty for kNone, which needs none.
std::string AnonymousPolicy(AnonymousAccess access, std::string_view bucket);

}  // namespace coffer::codec::policy
