// Gives a blob a copy on a store of its own, for tests of what serves or heals from another copy.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "coffer/catalog/copies.h"
#include "coffer/runtime/byte_stream.h"

#include "tests/support/run_task.h"
#include "tests/support/service_fixture.h"

namespace coffer::testing {

// A live copy of a stored content on `store`, which is one of the fixture's stores from now on.
// Returns its key.
inline std::string AddSecondCopy(ServiceFixture& fixture, const std::string& content,
                                 catalog::StoreId id, store::Store& store) {
    fixture.stores->Add(id, store);
    runtime::StringSource source(content);
    const std::string key = RunTask(store.Commit(RunTask(store.Stage(source, {})).value())).value();
    EXPECT_TRUE(fixture.database->WriteBlocking([&](db::Transaction& tx) {
        return catalog::AddCopy(tx,
                                {fixture.CopyOf(content).blob, id, key, catalog::CopyState::kLive});
    }));
    return key;
}

}  // namespace coffer::testing
