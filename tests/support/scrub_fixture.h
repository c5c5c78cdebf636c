// What tests of scrubs stand on: the services over a store in memory that can be hurt and told to
// fail, with a bucket "photos".
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "coffer/db/database.h"
#include "coffer/job/scrub_pass.h"
#include "coffer/job/scrub_report.h"
#include "coffer/runtime/pace.h"
#include "coffer/service/core.h"

#include "tests/support/failing_store.h"
#include "tests/support/run_task.h"
#include "tests/support/service_fixture.h"

namespace coffer::testing {

class ScrubFixture : public ::testing::Test {
  protected:
    ScrubFixture() { fixture.MakeBucket("photos"); }

    // The key of a content's copy.
    std::string KeyOf(const std::string& content) { return fixture.CopyOf(content).key; }

    void Write(const std::function<Result<>(db::Transaction&)>& fn) {
        ASSERT_TRUE(fixture.database->WriteBlocking(fn));
    }

    // Runs a pass that begins or goes on with `report`, until it ends or `control` interrupts it.
    job::ScrubReport Run(job::ScrubReport report) {
        job::ScrubPass pass(*fixture.core, control, pace, std::move(report));
        const auto finished = RunTask(pass.Run());
        EXPECT_TRUE(finished) << finished.error().ToString();
        return pass.report();
    }

    // What the store is asked to do with the copy of `content` fails.
    FailingStore::Check FailsFor(const std::string& content, ErrorKind kind) {
        return FailsForKey(KeyOf(content), kind);
    }
    static FailingStore::Check FailsForKey(const std::string& failing, ErrorKind kind) {
        return [failing, kind](const std::string& key) -> Result<> {
            if (key == failing) return Error(kind, "it can't be done");
            return Ok();
        };
    }

    // The same services over a database in front of the catalogue.
    service::Core CoreOver(db::Database& database) {
        return {database,        *fixture.store,     fixture.buffers,     fixture.clock,
                fixture.gate,    *fixture.reclaimer, fixture.directories, *fixture.stores,
                *fixture.damage, *fixture.encryptor, fixture.pool};
    }

    FailingStore& store() { return dynamic_cast<FailingStore&>(*fixture.store); }

    ServiceFixture fixture{std::make_unique<FailingStore>("engine")};
    job::ScrubControl control;
    runtime::Pace pace;
};

}  // namespace coffer::testing
