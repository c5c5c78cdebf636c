// Policies of users and groups: managed ones, built in or made by somebody, and inline ones.
//
// Errors carry IAM's codes: kNotFound "NoSuchPolicy", "NoSuchUser" and "NoSuchGroup" (to
// IAM, all of them "NoSuchEntity"), kAlreadyExists "EntityAlreadyExists",
// kConflict "DeleteConflict", kInvalid "MalformedPolicyDocument" and "ValidationError"; or are the
// catalogue's. Every change is durable, and counts for the next request, when its task has
// returned.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "coffer/base/clock.h"
#include "coffer/catalog/policies.h"
#include "coffer/service/iam/credentials.h"

namespace coffer::service {

using catalog::HolderName;

struct PolicyInfo {
    catalog::ManagedPolicy policy;
    bool builtin = false;
    size_t holders = 0;  // how many it is attached to

    std::string Arn() const;
};

// Any thread may call it. What it is made of outlives it.
class Policies {
  public:
    Policies(db::Database& database, Clock& clock, Credentials& credentials)
        : database_(database), clock_(clock), credentials_(credentials) {}

    // Nothing that is there or built in may have the name; with `replace`, nothing built in.
    enum class Existing : uint8_t { kRefuse, kReplace };
    Task<Result<PolicyInfo>> Put(std::string name, std::string path, std::string document,
                                 Existing existing);
    Task<Result<PolicyInfo>> Get(std::string name);

    // All of them, by name.
    Task<Result<std::vector<PolicyInfo>>> List();

    // DeleteConflict where it is attached to anybody, or built in.
    Task<Result<>> Delete(std::string name);

    // All of `names`, or none. What changed, in their order: what was attached already, or is not
    // attached, is no error and not among it.
    Task<Result<std::vector<std::string>>> Attach(HolderName holder,
                                                  std::vector<std::string> names);
    Task<Result<std::vector<std::string>>> Detach(HolderName holder,
                                                  std::vector<std::string> names);

    // Names, in their order.
    Task<Result<std::vector<std::string>>> AttachedTo(HolderName holder);

    // Users before groups, by name.
    Task<Result<std::vector<HolderName>>> HoldersOf(std::string name);

    Task<Result<>> PutInline(HolderName holder, std::string name, std::string document);
    Task<Result<>> DeleteInline(HolderName holder, std::string name);
    Task<Result<std::string>> GetInline(HolderName holder, std::string name);

    // Names, in their order.
    Task<Result<std::vector<std::string>>> ListInline(HolderName holder);

  private:
    db::Database& database_;
    Clock& clock_;
    Credentials& credentials_;
};

}  // namespace coffer::service
