#include "coffer/service/tags.h"

#include <fmt/format.h>

#include <algorithm>

#include "coffer/codec/ascii.h"
#include "coffer/codec/names.h"

namespace coffer::service {
namespace {

constexpr size_t kMaxNameCharacters = 128;
constexpr size_t kMaxValueCharacters = 256;
constexpr std::string_view kReserved = "aws:";

Error InvalidTag(std::string message) {
    return Error(ErrorKind::kInvalid, "InvalidTag", std::move(message));
}

bool IsAllowed(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           static_cast<unsigned char>(c) >= 0x80 ||
           std::string_view(" +-=._:/@").find(c) != std::string_view::npos;
}

// At most `most` characters, all of them allowed.
bool IsTagText(std::string_view text, size_t most) {
    return codec::IsUtf8(text) && std::ranges::all_of(text, IsAllowed) &&
           codec::CountCharacters(text) <= most;
}

}  // namespace

Result<Tags> CheckTags(Tags tags, size_t most) {
    if (tags.size() > most) {
        return InvalidTag(fmt::format("{} tags cannot be greater than {}",
                                      most == kMaxObjectTags ? "Object" : "Bucket", most));
    }
    for (const auto& [name, value] : tags) {
        if (name.empty() || !IsTagText(name, kMaxNameCharacters))
            return InvalidTag("The TagKey you have provided is invalid");
        if (!IsTagText(value, kMaxValueCharacters))
            return InvalidTag("The TagValue you have provided is invalid");
        if (codec::ToLower(name).starts_with(kReserved))
            return InvalidTag("System tags cannot be added/updated by requester");
    }
    std::ranges::sort(tags);
    const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
    if (std::ranges::adjacent_find(tags, same) != tags.end())
        return InvalidTag("Cannot provide multiple Tags with the same key");
    return tags;
}

}  // namespace coffer::service
