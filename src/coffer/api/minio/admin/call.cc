#include "coffer/api/minio/admin/call.h"

#include <fmt/format.h>

#include "coffer/codec/madmin.h"

namespace coffer::api::minio {
namespace {

Error InvalidArgument(std::string message) {
    return {ErrorKind::kInvalid, "XMinioAdminInvalidArgument", std::move(message)};
}

Result<codec::JsonValue> ParseObject(std::string_view text) {
    auto value = codec::ParseJson(text);
    if (value && value.value().AsObject() != nullptr) return value;
    return Error(ErrorKind::kInvalid, "XMinioAdminConfigBadJSON",
                 "JSON configuration provided is of incorrect format");
}

}  // namespace

Result<std::string> AdminCall::Need(std::string_view name) const {
    const auto value = parameters.Get(name);
    if (value && !value->empty()) return std::string(*value);
    return InvalidArgument(fmt::format("The request must have the parameter {}.", name));
}

std::vector<std::string> AdminCall::All(std::string_view name) const {
    std::vector<std::string> found;
    for (const codec::QueryParameter& parameter : parameters.parameters())
        if (parameter.name == name && !parameter.value.empty()) found.push_back(parameter.value);
    return found;
}

Result<bool> AdminCall::NeedStatus() const {
    TRY(const std::string status, Need("status"));
    if (status == "enabled" || status == "disabled") return status == "enabled";
    return InvalidArgument("The status is either enabled or disabled.");
}

Task<Result<>> AdminCall::Authorize(std::string_view action) const {
    co_return co_await dependencies.access.Check(*actor, {.action = action}, values);
}

Task<Result<>> AdminCall::AuthorizeFor(std::string_view action, std::string_view user) const {
    const Result<> may = co_await Authorize(action);
    if (may || user != actor->user) co_return may;
    co_return co_await dependencies.access.CheckOwn(*actor, {.action = action}, values);
}

Result<> AdminCall::RefuseNarrowed() const {
    if (actor->may_make_keys()) return Ok();
    return Error(ErrorKind::kDenied, "AccessDenied", "Access Denied.");
}

Result<codec::JsonValue> AdminCall::ReadPlain() const {
    return ParseObject(body);
}

Task<Result<codec::JsonValue>> AdminCall::ReadEncrypted() const {
    auto text = co_await dependencies.secrets.Run(
        [this] { return codec::MadminDecrypt(secret_key, body); });
    if (!text && text.error().kind() == ErrorKind::kInvalid)
        co_return InvalidArgument(text.error().message());
    CO_TRY(const Secret plain, std::move(text));
    co_return ParseObject(plain.Reveal());
}

std::string AdminCall::UserOf(std::string_view name) const {
    return name == dependencies.credentials.root_access_key() ? std::string() : std::string(name);
}

std::string AdminCall::NameOf(std::string_view user) const {
    return user.empty() ? dependencies.credentials.root_access_key() : std::string(user);
}

std::vector<std::string> ListOf(const codec::JsonValue& object, std::string_view name) {
    const codec::JsonValue* member = object.Find(name);
    const codec::JsonValue::Array* list = member == nullptr ? nullptr : member->AsArray();
    std::vector<std::string> texts;
    if (list == nullptr) return texts;
    for (const codec::JsonValue& each : *list)
        if (const std::string* text = each.AsString()) texts.push_back(*text);
    return texts;
}

codec::JsonValue ToJson(const std::vector<std::string>& names) {
    return codec::JsonValue(codec::JsonValue::Array(names.begin(), names.end()));
}

std::string Joined(const std::vector<std::string>& names) {
    return fmt::format("{}", fmt::join(names, ","));
}

}  // namespace coffer::api::minio
