#include "coffer/app/services.h"

namespace coffer::app {
namespace {

std::vector<std::string> IdsOf(const std::vector<job::WebhookTarget>& webhooks) {
    std::vector<std::string> ids;
    for (const job::WebhookTarget& webhook : webhooks)
        ids.push_back(webhook.id);
    return ids;
}

}  // namespace

Services::Services(service::Core& core, const Config& config, const codec::Seal& seal)
    : buckets(core, config.object_ownership),
      objects(core),
      uploads(core),
      access(core),
      cors(core),
      credentials(config.root_user, config.root_password, core.database, seal),
      holders(core.database, core.clock, credentials),
      policies(core.database, core.clock, credentials),
      access_keys(core.database, core.clock, credentials),
      accounts(core.database, core.clock, credentials),
      bootstrap{buckets,
                access,
                holders,
                policies,
                access_keys,
                credentials,
                IdsOf(config.webhooks),
                config.webhooks_off,
                config.region} {}

}  // namespace coffer::app
