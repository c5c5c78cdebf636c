#include "coffer/api/iam/call.h"

#include <fmt/format.h>

#include <charconv>

#include "coffer/service/iam/names.h"

namespace coffer::api::iam {
namespace {

constexpr size_t kMaxItems = 1000;

}  // namespace

std::string Call::Optional(std::string_view name) const {
    return std::string(parameters.Get(name).value_or(""));
}

Result<std::string> Call::Need(std::string_view name) const {
    std::string value = Optional(name);
    if (!value.empty()) return value;
    return Error(ErrorKind::kInvalid, "ValidationError",
                 fmt::format("The request must contain the parameter {}.", name));
}

std::string Call::UserOrSelf() const {
    const std::string name = Optional("UserName");
    return name.empty() ? actor->user : name;
}

Task<Result<>> Call::Authorize(std::string_view action, std::string_view resource) const {
    co_return co_await dependencies.access.Check(*actor, {.action = action, .resource = resource},
                                                 values);
}

Task<Result<>> Call::Authorize(std::string_view action, service::HolderKind kind,
                               std::string name) const {
    std::string arn = fmt::format("arn:aws:iam::{}:root", service::kAccount);
    if (!name.empty()) {
        const auto holder = co_await dependencies.holders.Get(kind, name);
        arn = holder ? service::ArnOf(holder.value())
                     : service::ArnOf({.kind = kind, .name = std::move(name)});
    }
    co_return co_await Authorize(action, arn);
}

Result<Paging> ParsePaging(const Call& call) {
    Paging paging{.after = call.Optional("Marker")};
    const std::string text = call.Optional("MaxItems");
    if (text.empty()) return paging;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), paging.limit);
    if (error != std::errc() || end != text.data() + text.size() || paging.limit == 0 ||
        paging.limit > kMaxItems)
        return Error(ErrorKind::kInvalid, "ValidationError",
                     fmt::format("MaxItems must be a number from 1 to {}.", kMaxItems));
    return paging;
}

}  // namespace coffer::api::iam
