#include "coffer/store/engine/blob_source.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "coffer/os/memory_file_system.h"
#include "coffer/store/engine/engine.h"

#include "tests/support/random_bytes.h"
#include "tests/support/run_task.h"

namespace coffer::store::engine {
namespace {

using testing::RunTask;

class BlobSourceTest : public ::testing::Test {
  protected:
    std::unique_ptr<ByteSource> Read(const std::string& content, ByteRange range) {
        runtime::StringSource source(content);
        auto staged = RunTask(store_->Stage(source, {}));
        EXPECT_TRUE(staged);
        const auto key = RunTask(store_->Commit(std::move(staged).value()));
        EXPECT_TRUE(key);
        return RunTask(store_->Read(key.value(), range)).value();
    }

    os::MemoryFileSystem files_;
    runtime::BlockingPool pool_{"store", 1, 16};
    runtime::BufferPool buffers_{4 * runtime::kBufferBytes};
    std::unique_ptr<Store> store_ = OpenEngine(files_, "", pool_, buffers_, {}).value();
};

// A client that takes its time holds one buffer, that of its answer; and what it was promised comes
// though others have taken all of them meanwhile.
TEST_F(BlobSourceTest, HoldsNoBufferWhileItReadsIntoTheCallers) {
    const std::string content = testing::RandomText(1'000'003, 1);
    const auto source = Read(content, {100, 900'000});  // it ends inside a chunk
    std::vector<std::byte> out(runtime::kBufferBytes);
    std::string got;
    std::vector<runtime::Buffer> taken;
    while (true) {
        const size_t n = RunTask(source->Read(out)).value();
        if (n == 0) break;
        got += AsText(ByteView(out).first(n));
        if (got.size() > 2 * runtime::kBufferBytes && taken.empty()) {
            EXPECT_EQ(buffers_.taken_bytes(), 0U);
            while (auto buffer = buffers_.Take())
                taken.push_back(std::move(buffer).value());
            EXPECT_EQ(taken.size(), 4U);
        }
        if (got.size() == 900'000) break;
        // As the writer of a response asks, at its end, for no more than it promised.
        if (900'000 - got.size() < out.size()) out.resize(900'000 - got.size());
    }
    EXPECT_FALSE(taken.empty());
    EXPECT_TRUE(got == content.substr(100, 900'000));
}

}  // namespace
}  // namespace coffer::store::engine
