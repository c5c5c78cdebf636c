// What the page of metrics says of damaged copies and of scrubs.
#pragma once

#include "coffer/job/scrubber.h"
#include "coffer/runtime/metrics.h"
#include "coffer/service/core.h"

namespace coffer::app {

// One indexed read of the catalogue, on the calling thread.
void CollectScrub(runtime::Exposition& page, service::Core& core, const job::Scrubber& scrubber);

}  // namespace coffer::app
