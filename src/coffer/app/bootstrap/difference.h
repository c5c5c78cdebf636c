// What would have to change for a server to have what is declared, and changing it.
#pragma once

#include <map>
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
    std::vector<std::string> webhooks;                // ids of those that the server has
    std::map<std::string, std::string> webhooks_off;  // by id: the setting that switches it off
    std::string region;                               // the server's; empty: it has none
};

// Finds the steps that are missing, in the order in which they can be done, does them one after the
// other, and logs each: {"changes": [{"subject": "bucket photos", "aspect": "versioning", "before":
// …, "after": …}, …]}. An empty aspect is the subject itself, which is made; `before` and `after`
// are as it is kept, empty where it is not set. Secrets are in none of them. Every step is durable.
//
// `dry_run`: nothing is changed. kInvalid, and nothing is changed, where the declaration names what
// is neither declared nor there (a policy, a group, a webhook), or is another's (a bucket of
// another account, an access key). Ends at the first step that fails, with its error: those before
// it stay, and another run goes on from there. `target` outlives the task.
Task<Result<codec::JsonValue>> Reconcile(Target& target, Declaration declared, bool dry_run);

}  // namespace coffer::app::bootstrap
