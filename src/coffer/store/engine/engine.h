// The embedded store: a file for each blob, named by its SHA-256, in a directory of this machine.
// The form of the files is docs/formats/blob-file.md.
//
// A blob is written to a temporary file, synced, linked to its name, and its directory synced. A
// copy's key is its path below blobs/: "ab/abcdef…". Nothing is kept in memory but what is in
// flight.
#pragma once

#include <memory>
#include <string>

#include "coffer/os/file_system.h"
#include "coffer/runtime/blocking_pool.h"
#include "coffer/runtime/buffer_pool.h"
#include "coffer/store/store.h"

namespace coffer::store {

// `directory` exists, is durable, and is this process's alone while the store lives; the store
// keeps its blobs in blobs/ there, makes that if need be, and removes what a crash left unfinished.
// Blocks; call it at start-up. What it is given outlives it, and so do the buffers what it gives
// out. Errors: those of os::FileSystem.
//
// Stage and Commit block in `pool`, one hop for each buffer of a large body and one for the commit.
// Read goes there for what is not in the system's cache.
// Each body on its way holds one buffer, two while it is longer than one. A reader holds one.
Result<std::unique_ptr<Store>> OpenEngine(os::FileSystem& file_system, std::string directory,
                                          runtime::BlockingPool& pool,
                                          runtime::BufferPool& buffers);

}  // namespace coffer::store
