#include "coffer/db/sqlite/sqlite_fixture.h"

#include <future>
#include <optional>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

namespace coffer::db {
namespace {

Task<void> WriteAndKeepResult(Database* database, Function fn, std::optional<Result<>>* out) {
    out->emplace(co_await database->Write(std::move(fn)));
}

}  // namespace

std::vector<Result<>> SqliteTest::WriteTogether(std::vector<Function> writes,
                                                const std::function<void()>& meanwhile) {
    std::promise<void> entered;
    std::promise<void> leave;
    auto holding = std::async(std::launch::async, [&] {
        Must(Write([&](Transaction&) -> Result<> {
            entered.set_value();
            leave.get_future().wait();
            return Ok();
        }));
    });
    entered.get_future().wait();

    boost::asio::io_context context(1);
    std::vector<std::optional<Result<>>> results(writes.size());
    for (size_t i = 0; i < writes.size(); ++i) {
        boost::asio::co_spawn(
            context.get_executor(),
            WriteAndKeepResult(database_.get(), std::move(writes[i]), &results[i]),
            boost::asio::detached);
    }
    context.poll();  // each is in the queue now
    meanwhile();
    leave.set_value();
    context.run();
    holding.get();

    std::vector<Result<>> ended;
    for (auto& result : results)
        ended.push_back(std::move(result).value());
    return ended;
}

}  // namespace coffer::db
