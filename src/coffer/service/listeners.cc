#include "coffer/service/listeners.h"

#include <algorithm>
#include <utility>

#include "coffer/base/log.h"
#include "coffer/runtime/suspend.h"

namespace coffer::service {

bool ListenRequest::IsAbout(std::string_view of_bucket, std::string_view owner) const {
    return bucket.empty() ? account == owner : bucket == of_bucket;
}

std::string_view ListenRequest::Match(std::string_view of_bucket, std::string_view owner,
                                      codec::ObjectEvent event, std::string_view key) const {
    if (!IsAbout(of_bucket, owner)) return {};
    if (!key.starts_with(prefix) || !key.ends_with(suffix)) return {};
    for (const std::string& name : events)
        if (const auto found = codec::MatchEventName(name, event); !found.empty()) return found;
    return {};
}

// What the registry and its client share.
class Listeners::Entry {
  public:
    explicit Entry(ListenRequest request) : request_(std::move(request)) {
        // So that the head of the answer is sent at once.
        pending_ = " ";
    }

    const ListenRequest& request() const { return request_; }

    // False where too much waits: it is over then.
    bool Put(std::string_view text) {
        MutexLock lock(mutex_);
        if (ended_) return true;
        if (pending_.size() + text.size() > kMostBytes) {
            ended_ = true;
            pending_.clear();
            WakeLocked();
            return false;
        }
        pending_ += text;
        last_put_ = std::chrono::steady_clock::now();
        WakeLocked();
        return true;
    }

    void Ping(SteadyTime now) {
        {
            MutexLock lock(mutex_);
            if (!pending_.empty() || now - last_put_ < request_.ping_interval) return;
        }
        Put(request_.ping);
    }

    // What waits is sent still.
    void End() {
        MutexLock lock(mutex_);
        ended_ = true;
        WakeLocked();
    }

    Task<std::optional<std::string>> Next() {
        co_await runtime::Suspend([this](runtime::Waker wake) {
            MutexLock lock(mutex_);
            waiting_ = std::move(wake);
            if (!pending_.empty() || ended_) WakeLocked();
        });
        MutexLock lock(mutex_);
        if (pending_.empty()) co_return std::nullopt;
        co_return std::exchange(pending_, {});
    }

  private:
    void WakeLocked() REQUIRES(mutex_) {
        if (const auto waiting = std::exchange(waiting_, std::nullopt)) (*waiting)();
    }

    const ListenRequest request_;
    Mutex mutex_;
    std::string pending_ GUARDED_BY(mutex_);
    SteadyTime last_put_ GUARDED_BY(mutex_) = std::chrono::steady_clock::now();
    std::optional<runtime::Waker> waiting_ GUARDED_BY(mutex_);
    bool ended_ GUARDED_BY(mutex_) = false;
};

class Listeners::Handle final : public EventListener {
  public:
    Handle(Listeners& owner, uint64_t id, std::shared_ptr<Entry> entry)
        : owner_(owner), id_(id), entry_(std::move(entry)) {}
    ~Handle() override { owner_.Remove(id_); }
    Task<std::optional<std::string>> Next() override { return entry_->Next(); }

  private:
    Listeners& owner_;
    const uint64_t id_;
    const std::shared_ptr<Entry> entry_;
};

Listeners::Listeners() = default;
Listeners::~Listeners() = default;

Result<std::unique_ptr<EventListener>> Listeners::Add(ListenRequest request) {
    auto entry = std::make_shared<Entry>(std::move(request));
    uint64_t id = 0;
    {
        MutexLock lock(mutex_);
        if (closed_ || entries_.size() >= kMostListeners)
            return Error(ErrorKind::kBusy,
                         "too many listen already, or the server is about to end");
        id = ++last_id_;
        entries_.emplace(id, entry);
        count_ = entries_.size();
    }
    if (on_add_) on_add_();
    return std::unique_ptr<EventListener>(std::make_unique<Handle>(*this, id, std::move(entry)));
}

void Listeners::Remove(uint64_t id) {
    MutexLock lock(mutex_);
    entries_.erase(id);
    count_ = entries_.size();
}

std::vector<std::string_view> Listeners::Names(std::string_view bucket, std::string_view owner,
                                               codec::ObjectEvent event,
                                               std::string_view key) const {
    std::vector<std::string_view> names;
    if (count_ == 0) return names;
    MutexLock lock(mutex_);
    for (const auto& [id, entry] : entries_) {
        const std::string_view name = entry->request().Match(bucket, owner, event, key);
        if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
    return names;
}

void Listeners::Tell(const std::vector<Line>& lines) {
    std::vector<std::shared_ptr<Entry>> entries;
    {
        MutexLock lock(mutex_);
        for (const auto& [id, entry] : entries_)
            entries.push_back(entry);
    }
    for (const auto& entry : entries) {
        const ListenRequest& request = entry->request();
        for (const Line& line : lines) {
            const bool asked = request.IsAbout(line.bucket, line.owner) &&
                               line.key.starts_with(request.prefix) &&
                               line.key.ends_with(request.suffix) &&
                               std::ranges::any_of(request.events, [&](const std::string& name) {
                                   return codec::EventNamesOverlap(name, line.name);
                               });
            if (!asked || entry->Put(line.text)) continue;
            ++dropped_;
            Log(LogLevel::kWarning, "a client that listens to events is too slow, and is dropped",
                {{"bucket", request.bucket}});
            break;
        }
    }
}

void Listeners::Ping(SteadyTime now) {
    MutexLock lock(mutex_);
    for (const auto& [id, entry] : entries_)
        entry->Ping(now);
}

void Listeners::EndBucket(std::string_view bucket) {
    MutexLock lock(mutex_);
    for (const auto& [id, entry] : entries_)
        if (entry->request().bucket == bucket) entry->End();
}

void Listeners::Close() {
    MutexLock lock(mutex_);
    closed_ = true;
    for (const auto& [id, entry] : entries_)
        entry->End();
}

}  // namespace coffer::service
