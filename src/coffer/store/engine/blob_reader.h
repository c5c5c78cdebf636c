// Reads a range of one blob's file, and gives out no byte that its chunk's CRC32C does not vouch
// for. May block; one thread at a time.
#pragma once

#include <memory>

#include "coffer/base/bytes.h"
#include "coffer/base/result.h"
#include "coffer/os/file_system.h"
#include "coffer/store/engine/access.h"
#include "coffer/store/engine/blob_format.h"
#include "coffer/store/store.h"

namespace coffer::store::engine {

// The footer of an open file that is named `sha256`. kCorrupt when it is damaged or another blob's.
Result<Footer> ReadFooter(os::File& file, const codec::Sha256Digest& sha256);

class BlobReader {
  public:
    // Checks the footer, and reads and checks the first piece. `buffer` holds at least 128 KiB +
    // 72; `piece` is set to a part of it, empty only where `range` is. A small blob costs one read,
    // and its file is closed when this returns. kCorrupt; kIo; kInvalid when the range is not
    // inside the blob.
    static Result<BlobReader> Open(std::unique_ptr<os::File> file,
                                   const codec::Sha256Digest& sha256, ByteRange range,
                                   ByteSpan buffer, ByteView& piece, Access access);

    // The next piece, as a part of `buffer`, which holds at least a chunk: its beginning, where the
    // piece begins with a chunk, as every piece after the first does. Empty at the end of the
    // range. kCorrupt and kIo are final.
    Result<ByteView> Next(ByteSpan buffer, Access access);

    uint64_t remaining_bytes() const { return end_ - position_; }

  private:
    BlobReader(std::unique_ptr<os::File> file, uint64_t size_bytes, ByteRange range)
        : file_(std::move(file)),
          size_bytes_(size_bytes),
          position_(range.offset),
          end_(range.offset + range.length) {}

    // Checks `chunks`, which begin with chunk `first`, and takes from them what the range wants.
    Result<ByteView> Take(uint64_t first, ByteView chunks, ByteView crcs);

    // The checksums of `count` chunks from `first` on: at least one of them.
    Result<ByteView> Crcs(uint64_t first, uint64_t count, Access access);

    std::unique_ptr<os::File> file_;  // null once nothing remains
    uint64_t size_bytes_;
    uint64_t position_;
    uint64_t end_;
    Bytes table_;  // a window of the file's table, which begins with that of chunk table_first_
    uint64_t table_first_ = 0;
};

}  // namespace coffer::store::engine
