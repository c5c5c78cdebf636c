// A blob on its way into the engine: its digests once they are known, what came first of it in a
// temporary file, and its last bytes still in memory. A blob that fits into one buffer has no file
// before it is published.
//
// One thread at a time.
#pragma once

#include <memory>

#include "coffer/base/bytes.h"
#include "coffer/base/result.h"
#include "coffer/os/file_system.h"
#include "coffer/runtime/blocking_pool.h"
#include "coffer/runtime/buffer_pool.h"
#include "coffer/store/engine/blob_directory.h"
#include "coffer/store/store.h"

namespace coffer::store::engine {

class StagedBlob final : public Staged {
  public:
    // `pool` closes the file of a blob that is dropped: to free the space of a large one takes a
    // while.
    explicit StagedBlob(runtime::BlockingPool& pool) : pool_(pool) {}
    ~StagedBlob() override;

    const Digests& digests() const override { return digests_; }

    // Blocks. Takes the next bytes of a blob that is larger than one buffer.
    Result<> Append(BlobDirectory& directory, ByteView data);

    // `rest`: the last bytes, at the beginning of `buffer`. `table`: the chunks' checksums.
    void Finish(Digests digests, Bytes table, runtime::Buffer buffer, size_t rest);

    // Of a blob that has no file: all of its bytes.
    ByteView body() const { return buffer_.span().first(rest_bytes_); }
    ByteView table() const { return table_; }
    bool in_memory() const { return file_ == nullptr; }

    // Blocks. Writes what is left into a file, and makes that durable under the blob's name. Errors
    // as BlobDirectory has them.
    Result<> Publish(BlobDirectory& directory);

  private:
    runtime::BlockingPool& pool_;
    Digests digests_;
    std::unique_ptr<os::File> file_;
    uint64_t written_bytes_ = 0;
    Bytes table_;
    runtime::Buffer buffer_;
    size_t rest_bytes_ = 0;
};

}  // namespace coffer::store::engine
