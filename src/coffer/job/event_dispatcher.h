// Tells the events of buckets: to webhooks, a delivery (event_delivery.h) for each, and to those
// who listen.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "coffer/job/event_delivery.h"
#include "coffer/job/listen_feed.h"
#include "coffer/job/webhook.h"
#include "coffer/service/core.h"

namespace coffer::job {

class EventDispatcher {
  public:
    // `core` outlives it, and calls it for events until it is stopped: it is made before anything
    // is written.
    EventDispatcher(service::Core& core, std::vector<WebhookTarget> targets,
                    DeliveryLimits limits = {});

    // Runs in the background on `executor` from now on; the log says where events wait for a target
    // that there is none of.
    void Start(runtime::Executor executor);

    // Ends the connections of those who listen, for good.
    void DropListeners();

    // Ends deliveries, all at once, as EventDelivery::Stop says.
    void Stop();

    // Events of any target may have been written.
    void Wake();

    const std::vector<std::unique_ptr<EventDelivery>>& deliveries() const { return deliveries_; }
    service::Core& core() const { return core_; }

  private:
    service::Core& core_;
    ListenFeed feed_{core_};
    std::vector<std::unique_ptr<EventDelivery>> deliveries_;
};

}  // namespace coffer::job
