// One call of the query API: its parameters, who makes it, and what it may ask for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/api/iam/handler.h"
#include "coffer/codec/policy/request.h"
#include "coffer/codec/uri.h"
#include "coffer/codec/xml.h"

namespace coffer::api::iam {

// It lives until its operation has returned.
struct Call {
    const IamDependencies& dependencies;
    const codec::Query& parameters;  // of the form, and of the query
    const std::shared_ptr<const service::Actor>& actor;
    codec::policy::ValueSource& values;

    // Empty where it is not there.
    std::string Optional(std::string_view name) const;

    // kInvalid "ValidationError" where it is not there, or empty.
    Result<std::string> Need(std::string_view name) const;

    // UserName, or the name of who calls; empty: root, who is no user.
    std::string UserOrSelf() const;

    // kDenied "AccessDenied" unless the caller may do `action` with `resource`, an ARN or "*". All
    // views outlive the task.
    Task<Result<>> Authorize(std::string_view action, std::string_view resource) const;

    // The same with the ARN of a user or a group, who need not be there. An empty name is root's.
    Task<Result<>> Authorize(std::string_view action, service::HolderKind kind,
                             std::string name) const;
};

// Which part of a list is asked for, by Marker and MaxItems. kInvalid "ValidationError".
struct Paging {
    std::string after;
    size_t limit = 100;
};
Result<Paging> ParsePaging(const Call& call);

// One operation: writes what stands in its Result element.
using Operation = Task<Result<>> (*)(const Call& call, codec::XmlWriter& xml);

}  // namespace coffer::api::iam
