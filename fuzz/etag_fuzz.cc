// A list that was read is written so that it is read as the same list, and matches what is in it.
#include <algorithm>

#include "coffer/codec/etag.h"

#include "fuzz/fuzz.h"

namespace coffer::fuzz {

void Fuzz(std::string_view input) {
    const auto list = codec::EntityTagList::Parse(input);
    COFFER_CHECK(!list.any || list.tags.empty());
    std::string again = list.any ? "*" : "";
    bool writable = true;
    for (const codec::EntityTag& tag : list.tags) {
        COFFER_CHECK(list.MatchesWeakly(tag.value));
        COFFER_CHECK(tag.weak || list.MatchesStrongly(tag.value));
        // A tag of RFC 9110 has no quote in it; malformed ones may.
        writable = writable && tag.value.find('"') == tag.value.npos;
        again += (tag.weak ? "W/\"" : "\"") + tag.value + "\" , ";
    }
    if (writable) COFFER_CHECK(codec::EntityTagList::Parse(again).tags == list.tags);
}

}  // namespace coffer::fuzz
