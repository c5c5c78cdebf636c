// `coffer accept-lost-commits DIR`: goes on without transactions that the catalogue has lost.
#pragma once

#include <string>

#include "coffer/base/result.h"

namespace coffer::app {

// Adds to the error of a start what to do about it, where that is lost transactions.
Error ExplainLostCommits(const Error& error, const std::string& directory);

// Opens the catalogue of `directory`, takes what it has for all that there is, and says what was
// lost. Blocks. Returns an exit code: kExitDirectory as for a server, kExitFailure where the
// catalogue can't be opened at all.
int RunAcceptLostCommits(const std::string& directory);

}  // namespace coffer::app
