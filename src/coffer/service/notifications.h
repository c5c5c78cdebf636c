// What the notification rules of buckets say of what happens to objects: its events are written
// into the catalogue, in the transaction that does it. Telling them is the job's
// (job/event_delivery.h).
//
// A bucket without rules costs nothing but a look into a cache, and none where nothing was ever
// set.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/codec/notification.h"
#include "coffer/service/settings_cache.h"
#include "coffer/service/types.h"

namespace coffer::service {

class Listeners;

// Who asked for what happens, as the records of its events tell it. Views that outlive the
// operation; all are empty where nobody asked.
struct Origin {
    std::string_view principal = {};  // a user's name, or root's access key
    std::string_view address = {};
    std::string_view user_agent = {};
    std::string_view request_id = {};
    std::string_view host_id = {};
};

// Any thread may use it; it waits for nothing but its mutex.
class Notifications {
  public:
    using Rules = std::vector<codec::NotificationRule>;

    // `region`: the server's, as records tell it.
    explicit Notifications(std::string region = {});
    ~Notifications();

    // Who is told as things happen. An event that somebody listens to is written, too, for the
    // target kListeners.
    static constexpr std::string_view kListeners = {};
    Listeners& listeners() const { return *listeners_; }

    // Is called inside a transaction that has written an event for `target`, before it is
    // committed; must not block. To be set before anything is noted.
    using OnEvent = std::function<void(std::string_view target)>;
    void CallOnEvent(OnEvent call) { on_event_ = std::move(call); }

    // Reads the rules of a bucket inside a transaction that only reads, so that they are known when
    // Note asks.
    Result<> Prepare(db::Transaction& tx, const catalog::Bucket& bucket);

    // Whether somebody asks for such an event; inside a transaction that only reads.
    Result<bool> AreWanted(db::Transaction& tx, const catalog::Bucket& bucket,
                           codec::ObjectEvent event, std::string_view key);

    // It happens in this transaction, at `now`, to `version`: its events are written, one for each
    // target that a rule names, and for those who listen.
    Result<> Note(db::Transaction& tx, const catalog::Bucket& bucket, codec::ObjectEvent event,
                  const catalog::Version& version, Timestamp now, const Origin& origin);

  private:
    static Result<Rules> Parse(std::string_view document, const catalog::Bucket&) {
        return codec::ParseNotification(document);
    }

    struct Happening;
    Result<> Write(db::Transaction& tx, const Happening& happening, std::string_view name,
                   const codec::NotificationRule* rule) const;

    const std::string region_;
    const std::unique_ptr<Listeners> listeners_;
    SettingsCache<Rules> rules_;
    OnEvent on_event_;
};

}  // namespace coffer::service
