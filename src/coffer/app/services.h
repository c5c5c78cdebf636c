// What speaks to the outside stands on these: the server's ports, and the commands that change what
// is kept.
#pragma once

#include "coffer/app/bootstrap/difference.h"
#include "coffer/app/config.h"
#include "coffer/codec/seal.h"
#include "coffer/service/access.h"
#include "coffer/service/accounts.h"
#include "coffer/service/bucket_cors.h"
#include "coffer/service/buckets.h"
#include "coffer/service/core.h"
#include "coffer/service/iam/access_keys.h"
#include "coffer/service/iam/holders.h"
#include "coffer/service/iam/policies.h"
#include "coffer/service/objects.h"
#include "coffer/service/uploads.h"

namespace coffer::app {

struct Services {
    // `core` and `seal` outlive it.
    Services(service::Core& core, const Config& config, const codec::Seal& seal);

    service::Buckets buckets;
    service::Objects objects;
    service::Uploads uploads;
    service::Access access;
    service::BucketCors cors;
    service::Credentials credentials;
    service::Holders holders;
    service::Policies policies;
    service::AccessKeys access_keys;
    service::Accounts accounts;
    bootstrap::Target bootstrap;
};

}  // namespace coffer::app
