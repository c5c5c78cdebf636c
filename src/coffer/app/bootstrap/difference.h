// What would have to change for a server to have what is declared, and changing it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "coffer/app/bootstrap/declaration.h"
#include "coffer/codec/json.h"
#include "coffer/runtime/task.h"
#include "coffer/service/access.h"
#include "coffer/service/buckets.h"
#include "coffer/service/iam/access_keys.h"
#include "coffer/service/iam/holders.h"
#include "coffer/service/iam/policies.h"

namespace coffer::app::bootstrap {

// What a declaration is compared with, and changes.
struct Target {
    service::Buckets& buckets;
    service::Access& access;
    service::Holders& holders;
    service::Policies& policies;
    service::AccessKeys& access_keys;
    service::Credentials& credentials;
    std::vector<std::string> webhooks;  // ids of those that the server has
    std::string region;                 // the server's; empty: it has none
};

// One step. Secrets are in none of its texts.
struct Change {
    std::string subject;  // "bucket photos"
    std::string aspect;   // "versioning"; empty: the subject itself, which is made
    std::string before;   // as it is kept; empty: it is not set
    std::string after;    // empty: it is not set any more

    // Durable when its task has returned; makes the same of every state that it may meet.
    std::function<Task<Result<>>()> apply;
};

// The steps, in the order in which they can be done: none where everything is as declared. Changes
// nothing. kInvalid where the declaration names what is neither declared nor there (a policy, a
// group, a webhook). `target` outlives the task and the changes.
Task<Result<std::vector<Change>>> FindDifference(Target& target, Declaration declared);

// Does them one after the other, and logs each. Ends at the first that fails, with its error: those
// before it stay, and another run goes on from there.
Task<Result<>> Apply(const std::vector<Change>& changes);

// Both: {"changes": [{"subject": …, "aspect": …, "before": …, "after": …}, …]}. `dry_run`: nothing
// is changed. `target` outlives the task.
Task<Result<codec::JsonValue>> Reconcile(Target& target, Declaration declared, bool dry_run);

}  // namespace coffer::app::bootstrap
