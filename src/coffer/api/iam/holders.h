// What the operations on users and on groups have in common.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "coffer/api/iam/call.h"

namespace coffer::api::iam {

// CreateUser, CreateGroup: makes the one that the call names, and writes it.
Task<Result<>> CreateHolder(const Call& call, codec::XmlWriter& xml, service::HolderKind kind);

// ListUsers, ListGroups: writes the page of all that is asked for.
Task<Result<>> ListHolders(const Call& call, codec::XmlWriter& xml, service::HolderKind kind);

// DeleteUser, DeleteGroup: refused where it still has something.
Task<Result<>> DeleteHolder(const Call& call, service::HolderKind kind);

// Writes a page of those that are called `names` (in their order), but for those who are gone.
Task<Result<>> WriteHolders(const Call& call, codec::XmlWriter& xml, service::HolderKind kind,
                            std::vector<std::string> names, Paging paging);

}  // namespace coffer::api::iam
