// The entity tags of If-Match and If-None-Match (RFC 9110, 8.8.3 and 13.1), as clients send them.
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace coffer::codec {

struct EntityTag {
    std::string value;  // without quotes
    bool weak = false;

    bool operator==(const EntityTag&) const = default;
};

// "*", or a list of tags. Tags without quotes are taken too, since S3 and its clients do. What is
// malformed becomes a tag that nothing has, so that a condition on it does not hold; there is no
// error.
struct EntityTagList {
    bool any = false;  // "*"
    std::vector<EntityTag> tags;

    static EntityTagList Parse(std::string_view header);

    // Whether `etag` (without quotes, strong) is among them. If-Match compares strongly: a weak tag
    // matches nothing. If-None-Match compares weakly.
    bool MatchesStrongly(std::string_view etag) const;
    bool MatchesWeakly(std::string_view etag) const;
};

}  // namespace coffer::codec
