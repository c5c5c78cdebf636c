#include "coffer/runtime/byte_stream.h"

#include <gtest/gtest.h>

#include "tests/support/run_task.h"

namespace coffer::runtime {
namespace {

using testing::RunTask;

TEST(StringSource, ComesPieceByPieceAndThenEnds) {
    StringSource source("abcdef");
    std::string out(4, '.');
    const auto span = std::as_writable_bytes(std::span(out));
    EXPECT_EQ(RunTask(source.Read(span)).value(), 4u);
    EXPECT_EQ(out, "abcd");
    EXPECT_EQ(RunTask(source.Read(span)).value(), 2u);
    EXPECT_EQ(out, "efcd");
    EXPECT_EQ(RunTask(source.Read(span)).value(), 0u);
    EXPECT_EQ(RunTask(source.Read(span)).value(), 0u);
}

TEST(ReadAll, ReadsToTheEnd) {
    const std::string text(100'000, 'x');
    StringSource source(text);
    EXPECT_EQ(RunTask(ReadAll(source, 100'000)).value(), text);
}

TEST(ReadAll, RefusesMoreThanTheLimit) {
    StringSource source(std::string(100'001, 'x'));
    EXPECT_EQ(RunTask(ReadAll(source, 100'000)).error().kind(), ErrorKind::kTooLarge);
}

// Fails after one byte.
class BrokenSource final : public ByteSource {
  public:
    Task<Result<size_t>> Read(ByteSpan out) override {
        if (read_++ > 0) co_return Error(ErrorKind::kClosed, "gone");
        out[0] = std::byte{'x'};
        co_return 1;
    }

  private:
    int read_ = 0;
};

TEST(ReadAll, PassesAnErrorOn) {
    BrokenSource source;
    EXPECT_EQ(RunTask(ReadAll(source, 10)).error().kind(), ErrorKind::kClosed);
}

}  // namespace
}  // namespace coffer::runtime
