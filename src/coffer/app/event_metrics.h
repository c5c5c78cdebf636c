// What was told to webhooks, as metrics.
#pragma once

#include "coffer/job/event_dispatcher.h"
#include "coffer/runtime/metrics.h"

namespace coffer::app {

void CollectEvents(runtime::Exposition& page, const job::EventDispatcher& events);

}  // namespace coffer::app
