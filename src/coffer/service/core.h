// What the services stand on: wired once by app/, and outliving them all.
#pragma once

#include <memory>

#include "coffer/base/clock.h"
#include "coffer/db/database.h"
#include "coffer/runtime/blocking_pool.h"
#include "coffer/runtime/buffer_pool.h"
#include "coffer/service/acl_rules.h"
#include "coffer/service/blob_gate.h"
#include "coffer/service/damage_log.h"
#include "coffer/service/lifecycle_rules.h"
#include "coffer/service/lock_rules.h"
#include "coffer/service/notifications.h"
#include "coffer/service/stores.h"
#include "coffer/store/store.h"

namespace coffer::service {

class BucketDirectories;
class Encryptor;
class Reclaimer;

struct Core {
    db::Database& database;
    store::Store& store;  // the engine: where new bytes go
    runtime::BufferPool& buffers;
    Clock& clock;
    BlobGate& gate;
    Reclaimer& reclaimer;
    BucketDirectories& directories;
    const Stores& stores;
    DamageLog& damage;
    Encryptor& encryptor;
    runtime::BlockingPool& pool;  // for what takes long to compute
    std::unique_ptr<LifecycleRules> lifecycle = std::make_unique<LifecycleRules>();
    std::unique_ptr<LockRules> locks = std::make_unique<LockRules>();
    std::unique_ptr<AclRules> acls = std::make_unique<AclRules>();
    std::unique_ptr<Notifications> notifications = std::make_unique<Notifications>();
};

}  // namespace coffer::service
