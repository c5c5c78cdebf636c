// The stores that this process has open, by the numbers that the catalogue has for them. New bytes
// go to the engine (Core::store); what is read may lie on any of them.
//
// Wired once at the start; read from any thread after that.
#pragma once

#include <map>

#include "coffer/catalog/types.h"
#include "coffer/store/store.h"

namespace coffer::service {

class Stores {
  public:
    // `engine` outlives it.
    explicit Stores(store::Store& engine) { Add(catalog::kEngineStore, engine); }

    void Add(catalog::StoreId id, store::Store& store) { stores_.emplace(id.value(), &store); }

    // Null where this process does not have it open.
    store::Store* Find(catalog::StoreId id) const {
        const auto found = stores_.find(id.value());
        return found == stores_.end() ? nullptr : found->second;
    }

  private:
    std::map<int64_t, store::Store*> stores_;
};

}  // namespace coffer::service
