// Rows of the catalogue's tables as values: the columns are those of tables.h, in their order.
#pragma once

#include "coffer/catalog/types.h"
#include "coffer/db/database.h"

namespace coffer::catalog {

Bucket ReadBucket(const db::Row& row);
Copy ReadCopy(const db::Row& row);

// kCorrupt where a column is not of the form that columns.h writes; so do those below.
Result<Blob> ReadBlob(const db::Row& row);

// Of a row of versions.
Sequence ReadSequence(const db::Row& row);

Result<Version> ReadVersion(const db::Row& row);

}  // namespace coffer::catalog
