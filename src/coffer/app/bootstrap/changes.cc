#include "coffer/app/bootstrap/changes.h"

#include <fmt/format.h>

#include "coffer/codec/json.h"

namespace coffer::app::bootstrap {

std::string Joined(const std::vector<std::string>& names) {
    return fmt::format("{}", fmt::join(names, ", "));
}

std::string WithoutWhiteSpace(const std::string& document) {
    const auto json = codec::ParseJson(document);
    return json ? codec::WriteJson(json.value()) : document;
}

}  // namespace coffer::app::bootstrap
