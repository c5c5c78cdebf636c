// What the services stand on, wired once by app/ and outliving them all.
#pragma once

#include "coffer/base/clock.h"
#include "coffer/db/database.h"
#include "coffer/store/store.h"

namespace coffer::service {

class BlobGate;

struct Core {
    db::Database& database;
    store::Store& store;
    Clock& clock;
    BlobGate& gate;
};

}  // namespace coffer::service
