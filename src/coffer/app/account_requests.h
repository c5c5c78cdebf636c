// What can be asked of accounts, and the answers as JSON: by the control socket and by `coffer
// account`, in the same words.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "coffer/codec/json.h"
#include "coffer/runtime/task.h"
#include "coffer/service/accounts.h"

namespace coffer::app {

enum class AccountAction : uint8_t { kCreate, kList, kRemove };

// POST, GET and DELETE; nothing for others.
std::optional<AccountAction> ParseAccountMethod(std::string_view method);
std::string_view AccountMethod(AccountAction action);

// {"accounts": [...]} of kList, the new account with its keys of kCreate, {} of kRemove. Errors as
// service::Accounts has them. `accounts` outlives the task.
Task<Result<codec::JsonValue>> PerformAccountRequest(service::Accounts& accounts,
                                                     AccountAction action, std::string name);

}  // namespace coffer::app
