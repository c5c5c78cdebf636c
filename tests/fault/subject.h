// The services of an Instance, as a model test sees them: operations in, lines of text out, in the
// words of the Model.
#pragma once

#include <string>
#include <vector>

#include "tests/fault/model.h"
#include "tests/fault/operation.h"
#include "tests/support/instance.h"

namespace coffer::testing {

// Ids of the uploads that were made, in their order; what outlives an Instance.
using UploadIds = std::vector<std::string>;

// Makes the bucket that all operations are about.
Result<> MakeModelBucket(Instance& instance);

// Runs it, and gives the answer as Model::Do gives it; other errors as their text. `before` is the
// model before the operation: what the client knows.
std::string Do(Instance& instance, const Operation& operation, const Model& before,
               UploadIds& uploads);

// Runs a scrub that mends, to its end: "ok" where it found nothing wrong and no orphan, else what
// it found; an error where that is only what could not be read.
std::string Scrub(Instance& instance);

// All that can be seen, after the bytes of what was deleted are gone, as Model::Describe gives it.
// What contradicts itself is told in lines of its own: references that are counted wrongly, copies
// without bytes.
std::string Describe(Instance& instance);

}  // namespace coffer::testing
