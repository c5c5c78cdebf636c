#include "coffer/app/account_requests.h"

#include <utility>

#include "coffer/codec/date.h"

namespace coffer::app {
namespace {

using codec::JsonValue;

constexpr std::pair<AccountAction, std::string_view> kMethods[] = {
    {AccountAction::kCreate, "POST"},
    {AccountAction::kList, "GET"},
    {AccountAction::kRemove, "DELETE"}};

JsonValue::Object ToJson(const service::AccountInfo& account) {
    return {{"id", account.id},
            {"name", account.name},
            {"canonical_id", account.canonical_id},
            {"access_key", account.access_key}};
}

}  // namespace

std::optional<AccountAction> ParseAccountMethod(std::string_view method) {
    for (const auto& [action, name] : kMethods)
        if (name == method) return action;
    return std::nullopt;
}

std::string_view AccountMethod(AccountAction action) {
    for (const auto& [known, name] : kMethods)
        if (known == action) return name;
    return "";
}

Task<Result<JsonValue>> PerformAccountRequest(service::Accounts& accounts, AccountAction action,
                                              std::string name) {
    if (action == AccountAction::kCreate) {
        CO_TRY(const auto created, co_await accounts.Create(std::move(name)));
        JsonValue::Object json = ToJson(created.account);
        json.push_back({"secret_key", std::string(created.key.secret_key.Reveal())});
        co_return JsonValue(std::move(json));
    }
    if (action == AccountAction::kRemove) {
        CO_TRY(co_await accounts.Remove(std::move(name)));
        co_return JsonValue(JsonValue::Object{});
    }
    JsonValue::Array all;
    for (const service::AccountInfo& account : accounts.directory()->all())
        all.push_back(JsonValue(ToJson(account)));
    co_return JsonValue(JsonValue::Object{{"accounts", JsonValue(std::move(all))}});
}

}  // namespace coffer::app
