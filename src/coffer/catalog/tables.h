// The tables of the catalogue, as schema.cc makes them: names and columns for what reads and writes
// their rows with checksums.
#pragma once

#include <span>

#include "coffer/db/table.h"

namespace coffer::catalog {

extern const db::Table kSettings;
extern const db::Table kBuckets;
extern const db::Table kBucketSettings;
extern const db::Table kBlobs;
extern const db::Table kKeys;
extern const db::Table kCopies;
extern const db::Table kVersions;
extern const db::Table kUploads;
extern const db::Table kParts;
extern const db::Table kExtents;
extern const db::Table kUsage;
extern const db::Table kLifecycleDue;
extern const db::Table kLifecycleWalks;
extern const db::Table kHolders;
extern const db::Table kMemberships;
extern const db::Table kPolicies;
extern const db::Table kHolderPolicies;
extern const db::Table kAccessKeys;
extern const db::Table kAccounts;
extern const db::Table kEvents;
extern const db::Table kDeadEvents;

std::span<const db::Table* const> AllTables();

}  // namespace coffer::catalog
