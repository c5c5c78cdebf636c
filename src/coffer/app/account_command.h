// `coffer account`: makes, lists and removes accounts beside the server's own, through the server
// of a data directory, or itself where no server runs.
#pragma once

#include <string>

#include "coffer/app/account_requests.h"
#include "coffer/base/secret.h"

namespace coffer::app {

struct AccountCommand {
    AccountAction action = AccountAction::kList;
    std::string directory;
    std::string name;  // kCreate, kRemove
    bool json = false;
};

// Prints what was asked for, and returns the exit code: 0, 1 where it was refused or failed, 3
// where the directory can't be used. `master_key`: as the server's setting; asked for where no
// server runs.
int RunAccount(const AccountCommand& command, const Secret& master_key);

}  // namespace coffer::app
