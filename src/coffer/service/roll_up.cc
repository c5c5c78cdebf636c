#include "coffer/service/roll_up.h"

#include "coffer/catalog/key_range.h"

namespace coffer::service {

std::optional<std::string_view> CommonPrefix(std::string_view key, std::string_view prefix,
                                             std::string_view delimiter) {
    if (delimiter.empty()) return std::nullopt;
    const size_t at = key.find(delimiter, prefix.size());
    if (at == std::string_view::npos) return std::nullopt;
    return key.substr(0, at + delimiter.size());
}

std::optional<std::string> FirstKey(std::string_view prefix, std::string_view delimiter,
                                    std::string_view after) {
    if (after.empty() || after < prefix) return std::string(prefix);
    if (after.starts_with(prefix) && CommonPrefix(after, prefix, delimiter) == after)
        return catalog::PrefixEnd(after);
    return std::string(after) + '\0';
}

}  // namespace coffer::service
