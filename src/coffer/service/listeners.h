// Clients that are told events as they happen, for as long as they listen: MinIO's
// ListenNotification and ListenBucketNotification.
//
// A listener that takes nothing for too long is dropped: what waits for one is bounded. Any thread
// may call these.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/base/clock.h"
#include "coffer/base/mutex.h"
#include "coffer/codec/object_event.h"
#include "coffer/runtime/task.h"

namespace coffer::service {

// What a client listens to.
struct ListenRequest {
    std::string bucket;               // empty: every one of the account
    std::string account;              // who listens
    std::vector<std::string> events;  // names, as rules have them
    std::string prefix;
    std::string suffix;

    // How often it is sent something though nothing happens, and what.
    std::chrono::milliseconds ping_interval{500};
    std::string ping = " ";

    // Whether it is about a bucket of this account's.
    bool IsAbout(std::string_view of_bucket, std::string_view owner) const;

    // The name by which it learns of this event; empty where it does not.
    std::string_view Match(std::string_view of_bucket, std::string_view owner,
                           codec::ObjectEvent event, std::string_view key) const;
};

// One client. It listens until it is destroyed.
class EventListener {
  public:
    virtual ~EventListener() = default;

    // What is to be sent, as soon as there is something; nothing when it is over.
    virtual Task<std::optional<std::string>> Next() = 0;
};

class Listeners {
  public:
    // How much may wait for a listener, and how many there may be.
    static constexpr size_t kMostBytes = 1 << 20;
    static constexpr size_t kMostListeners = 1000;

    Listeners();
    ~Listeners();  // after every EventListener

    // Is called after each Add. To be set before the first.
    void CallOnAdd(std::function<void()> call) { on_add_ = std::move(call); }

    // kBusy: there are too many, or no more are served.
    Result<std::unique_ptr<EventListener>> Add(ListenRequest request);

    size_t count() const { return count_; }

    // How many were dropped since they were too slow.
    int64_t dropped() const { return dropped_; }

    // The names by which listeners learn of an event, each once.
    std::vector<std::string_view> Names(std::string_view bucket, std::string_view owner,
                                        codec::ObjectEvent event, std::string_view key) const;

    // What happened, under one of these names: a line for those who listen to it.
    struct Line {
        std::string bucket;
        std::string owner;  // the account whose the bucket was when it happened
        std::string key;
        std::string name;
        std::string text;
    };
    void Tell(const std::vector<Line>& lines);

    // Sends those something that have been sent nothing for too long.
    void Ping(SteadyTime now);

    // Ends those who listen to a bucket that is gone: another one of its name may be anybody's.
    void EndBucket(std::string_view bucket);

    // Ends all, for good.
    void Close();

  private:
    class Entry;
    class Handle;
    void Remove(uint64_t id);

    std::function<void()> on_add_;
    std::atomic<size_t> count_ = 0;
    std::atomic<int64_t> dropped_ = 0;
    mutable Mutex mutex_;
    bool closed_ GUARDED_BY(mutex_) = false;
    uint64_t last_id_ GUARDED_BY(mutex_) = 0;
    std::map<uint64_t, std::shared_ptr<Entry>> entries_ GUARDED_BY(mutex_);
};

}  // namespace coffer::service
