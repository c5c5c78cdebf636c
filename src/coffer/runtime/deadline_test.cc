#include "coffer/runtime/deadline.h"

#include <gtest/gtest.h>

#include <optional>

#include <boost/asio/io_context.hpp>

namespace coffer::runtime {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

class DeadlineTest : public ::testing::Test {
  protected:
    boost::asio::io_context context_{1};
    int expiries_ = 0;
    std::optional<Deadline> deadline_{std::in_place, context_.get_executor(),
                                      [this] { ++expiries_; }};
};

TEST_F(DeadlineTest, ExpiresOnce) {
    deadline_->Set(milliseconds(1));
    context_.run();
    EXPECT_EQ(expiries_, 1);
    EXPECT_TRUE(deadline_->expired());
}

TEST_F(DeadlineTest, IsSilentOnceCleared) {
    deadline_->Set(milliseconds(1));
    deadline_->Clear();
    context_.run();
    EXPECT_EQ(expiries_, 0);
    EXPECT_FALSE(deadline_->expired());
}

TEST_F(DeadlineTest, AnEarlierOneTakesThePlaceOfALaterOne) {
    deadline_->Set(hours(1));
    deadline_->Set(milliseconds(1));
    context_.run();
    EXPECT_EQ(expiries_, 1);
}

TEST_F(DeadlineTest, ALaterOneTakesThePlaceOfAnEarlierOne) {
    deadline_->Set(milliseconds(1));
    deadline_->Set(hours(1));
    context_.run_one();  // the timer of the first
    EXPECT_EQ(expiries_, 0);
}

TEST_F(DeadlineTest, CanBeSetAgainAfterExpiry) {
    deadline_->Set(milliseconds(1));
    context_.run();
    deadline_->Set(milliseconds(1));
    EXPECT_FALSE(deadline_->expired());
    context_.restart();
    context_.run();
    EXPECT_EQ(expiries_, 2);
}

TEST_F(DeadlineTest, IsSilentAndHoldsNothingUpOnceDestroyed) {
    deadline_->Set(hours(1));
    deadline_.reset();
    context_.run();
    EXPECT_EQ(expiries_, 0);
}

}  // namespace
}  // namespace coffer::runtime
