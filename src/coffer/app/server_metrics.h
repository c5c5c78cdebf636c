// What the ports and the packs tell on the page of metrics.
#pragma once

#include <string>

#include "coffer/http/server.h"
#include "coffer/runtime/metrics.h"
#include "coffer/service/compactor.h"
#include "coffer/store/compaction.h"

namespace coffer::app {

// `port`: the value of the label that tells the ports apart.
void CollectServer(runtime::Exposition& page, const http::Server& server, const std::string& port);

void CollectPacks(runtime::Exposition& page, const store::PackStats& stats,
                  const service::Compactor& compactor);

}  // namespace coffer::app
