// The embedded store, in a directory of this machine. Small blobs are records in packs, where one
// sync serves all that are written at the same time; each larger one is a file named by its
// SHA-256. The form of the files is docs/formats/pack.md and blob-file.md.
//
// A copy's key says where it is: "p0000002a/00001040/400/ba7816bf" in a pack, or "ab/abcdef…" below
// blobs/. Nothing is kept in memory but what is in flight, and a few numbers for each segment of
// the packs.
#pragma once

#include <memory>
#include <string>

#include "coffer/os/file_system.h"
#include "coffer/runtime/blocking_pool.h"
#include "coffer/runtime/buffer_pool.h"
#include "coffer/store/engine/packs.h"
#include "coffer/store/store.h"

namespace coffer::store {

struct EngineOptions {
    // Blobs of at most as many bytes go to the packs; 0: none do. At most engine::kMaxPackedBytes.
    uint64_t pack_limit_bytes = 64_KiB;
    engine::PackOptions packs = {};
};

// `directory` exists, is durable, and is this process's alone while the store lives; the store
// keeps its blobs in packs/ and blobs/ there, makes them if need be, and removes what a crash left
// unfinished.
// Blocks; call it at start-up. What it is given outlives it, and so do the buffers what it gives
// out. Errors: those of os::FileSystem.
//
// Stage and Commit block in `pool`, one hop for each buffer of a large body and one for the commit.
// The packs have a thread that appends, and one that makes segments ahead of use.
// Read goes there for what is not in the system's cache.
// Each body on its way holds one buffer, two while it is longer than one. A reader holds one.
Result<std::unique_ptr<Store>> OpenEngine(os::FileSystem& file_system, std::string directory,
                                          runtime::BlockingPool& pool, runtime::BufferPool& buffers,
                                          EngineOptions options = {});

}  // namespace coffer::store
