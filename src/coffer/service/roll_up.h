// How listings roll keys up into common prefixes, and where a page goes on.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace coffer::service {

// The part of `key` up to and with the first `delimiter` after `prefix`; nothing where there is
// none, or no delimiter. `key` begins with `prefix`; the view is of it.
std::optional<std::string_view> CommonPrefix(std::string_view key, std::string_view prefix,
                                             std::string_view delimiter);

// The least key that a page has to look at: the first with `prefix`, or what follows `after`, which
// is a key, or a common prefix that an earlier page ended with. Nothing where no key can follow.
std::optional<std::string> FirstKey(std::string_view prefix, std::string_view delimiter,
                                    std::string_view after);

}  // namespace coffer::service
