// What the lifecycle did, as metrics.
#pragma once

#include "coffer/job/lifecycle.h"
#include "coffer/runtime/metrics.h"

namespace coffer::app {

void CollectLifecycle(runtime::Exposition& page, const job::Lifecycle& lifecycle);

}  // namespace coffer::app
