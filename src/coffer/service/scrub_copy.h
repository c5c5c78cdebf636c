// The scrub of one copy: its bytes are read back, and what is wrong is put right as far as it can
// be.
//
// Damaged bytes are read twice, and those that failed once more while nobody else holds the blob,
// before anything is done about them. Where these are right then, all is read again, twice at most;
// a copy that fails each time, and is right there afterwards, counts as unreadable.
//
// Then the copy is marked (DamageLog), and written anew where another store has a whole copy of the
// blob; what was there is set aside (Store::Quarantine), never deleted. The blob is held meanwhile.
// Where somebody else goes on holding it, the copy is marked and no more.
#pragma once

#include <cstdint>
#include <string>

#include "coffer/catalog/copies.h"
#include "coffer/runtime/pace.h"
#include "coffer/service/copy_condition.h"
#include "coffer/service/core.h"

namespace coffer::service {

struct ScrubbedCopy {
    CopyCondition condition = CopyCondition::kWhole;
    std::string why;         // what the store said of a copy that is not whole
    std::string failure;     // what could not be done about it; empty: nothing was in the way
    bool revived = false;    // it was marked as damaged, is whole, and is live again
    bool healed = false;     // written anew from another copy
    std::string quarantine;  // where the damaged bytes are now; empty: where they were
    uint64_t bytes = 0;      // that were read
};

// `repair` false: only looks. `pace` is spent while it reads. Errors are the catalogue's (kCorrupt:
// the copy's rows are damaged; kIo) and what the server lacks just now (kBusy); those of the copy,
// and of what is done about it, are the result's.
Task<Result<ScrubbedCopy>> ScrubCopy(Core& core, catalog::StoredCopy stored, bool repair,
                                     runtime::Pace& pace);

}  // namespace coffer::service
