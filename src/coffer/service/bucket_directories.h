// `mkdir -p DIR/bucket` before the start makes a bucket, as it does in a MinIO data directory.
//
// An empty directory beside .coffer/ whose name is a valid bucket name becomes a bucket when a
// server starts, and goes when that bucket is deleted. Any other directory is left alone, and named
// in a warning.
#pragma once

#include <string>
#include <vector>

#include "coffer/codec/ownership.h"
#include "coffer/db/database.h"
#include "coffer/os/file_system.h"

namespace coffer::service {

class BucketDirectories {
  public:
    // `directory` is the data directory. Both outlive this.
    BucketDirectories(os::FileSystem& files, std::string directory);

    // Makes the buckets, with that ownership, and returns the names of the new ones. Blocks.
    Result<std::vector<std::string>> MakeBuckets(
        db::Database& database, Timestamp now,
        codec::Ownership ownership = codec::Ownership::kBucketOwnerEnforced);

    // Removes the directory of a bucket that is about to be deleted, durably, so that no start
    // makes the bucket again. One that is not empty stays. A sync that fails ends the process;
    // kBusy: the data directory could not be opened, and the call is to be made again. Blocks for a
    // moment. Where the bucket stays after all, as somebody has put an object or made it anew
    // meanwhile, it lacks nothing: its row is what makes it, and no directory is needed beside it.
    Result<> Remove(const std::string& bucket);

  private:
    os::FileSystem& files_;
    std::string directory_;
};

}  // namespace coffer::service
