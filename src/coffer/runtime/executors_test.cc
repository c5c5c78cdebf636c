#include "coffer/runtime/executors.h"

#include <gtest/gtest.h>

#include <future>
#include <set>
#include <stdexcept>
#include <thread>

#include <boost/asio/post.hpp>

namespace coffer::runtime {
namespace {

TEST(Executors, EachHasAThreadOfItsOwn) {
    Executors executors(3);
    std::set<std::thread::id> threads{std::this_thread::get_id()};
    for (size_t i = 0; i < executors.size(); ++i) {
        std::promise<std::thread::id> id;
        std::future<std::thread::id> answer = id.get_future();
        boost::asio::post(executors.at(i), [id = std::move(id)]() mutable {
            id.set_value(std::this_thread::get_id());
        });
        threads.insert(answer.get());
    }
    EXPECT_EQ(threads.size(), 4u);
}

Task<Result<>> Refuse() {
    co_return Error(ErrorKind::kDenied, "no");
}
Task<Result<>> Throw() {
    throw std::runtime_error("library edge");
    co_return Ok();
}

TEST(RunBlocking, GivesTheTasksResult) {
    Executors executors(1);
    EXPECT_EQ(RunBlocking(executors, Refuse()).error().kind(), ErrorKind::kDenied);
}

TEST(RunBlocking, MakesAnExceptionAnInternalError) {
    Executors executors(1);
    const Result<> result = RunBlocking(executors, Throw());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().ToString(), "internal: library edge");
}

}  // namespace
}  // namespace coffer::runtime
