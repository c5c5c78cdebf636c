// The master key: what all secrets that Coffer keeps are sealed with (codec/seal.h).
//
// It is given by the user (the setting `master_key`), or made at the first start and kept in the
// data directory; docs/formats/sealed.md says how. Which one a catalogue belongs to stands in the
// catalogue, so that another is noticed before it is used.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "coffer/base/result.h"
#include "coffer/base/secret.h"
#include "coffer/codec/seal.h"
#include "coffer/db/database.h"
#include "coffer/os/file_system.h"

namespace coffer::app {

// 32 bytes in Base64, as `openssl rand -base64 32` prints them. Nothing for another text.
std::optional<codec::Seal::Key> ParseMasterKey(std::string_view text);

// The master key of a catalogue: `given`, or where that is empty the one in `directory` (Coffer's
// own), which is made, durably, where neither is there and the catalogue has none yet. Blocks.
// kInvalid where it is not the key that the catalogue's secrets were sealed with, or missing:
// the message says which key is wanted, which was found where, and what to do; nothing is changed.
// Errors of the disk and the catalogue.
Result<codec::Seal> OpenMasterKey(os::FileSystem& files, const std::string& directory,
                                  const Secret& given, db::Database& database);

}  // namespace coffer::app
