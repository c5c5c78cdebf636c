#include "coffer/codec/etag.h"

#include <algorithm>

namespace coffer::codec {
namespace {

std::string_view Trim(std::string_view text) {
    const size_t first = text.find_first_not_of(" \t");
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// The end of the list element that `text` begins with: a comma inside quotes does not end it.
size_t ElementEnd(std::string_view text) {
    const size_t comma = text.find(',');
    const size_t open = text.substr(0, comma).find('"');
    if (open == text.npos) return std::min(comma, text.size());
    const size_t close = text.find('"', open + 1);
    return close == text.npos ? text.size() : std::min(text.find(',', close), text.size());
}

}  // namespace

EntityTagList EntityTagList::Parse(std::string_view header) {
    EntityTagList list;
    if (Trim(header) == "*") {
        list.any = true;
        return list;
    }
    while (!header.empty()) {
        const size_t end = ElementEnd(header);
        std::string_view element = Trim(header.substr(0, end));
        header.remove_prefix(std::min(end + 1, header.size()));
        if (element.empty()) continue;
        EntityTag tag;
        if (element.starts_with("W/\"")) {
            tag.weak = true;
            element.remove_prefix(2);
        }
        if (element.size() >= 2 && element.front() == '"' && element.back() == '"') {
            element = element.substr(1, element.size() - 2);
        }
        tag.value = element;
        list.tags.push_back(std::move(tag));
    }
    return list;
}

bool EntityTagList::MatchesStrongly(std::string_view etag) const {
    return any || std::ranges::any_of(
                      tags, [&](const EntityTag& tag) { return !tag.weak && tag.value == etag; });
}

bool EntityTagList::MatchesWeakly(std::string_view etag) const {
    return any ||
           std::ranges::any_of(tags, [&](const EntityTag& tag) { return tag.value == etag; });
}

}  // namespace coffer::codec
