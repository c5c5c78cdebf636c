// One kind of bucket setting, parsed, for services that ask for it at every request.
//
// What is kept holds for one revision of the bucket's row (catalog::Bucket). Whoever has read that
// row knows by it whether what is here is current: nothing has to be invalidated, in this process
// or another.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "coffer/base/mutex.h"
#include "coffer/catalog/bucket_settings.h"

namespace coffer::service {

// Any thread may use it; it waits for nothing but its mutex.
template <class Parsed>
class SettingsCache {
  public:
    // A document of the bucket that was accepted before it was kept; what fails to parse is
    // damaged.
    using Parse = Result<Parsed> (*)(std::string_view document, const catalog::Bucket& bucket);

    // Keeps the setting of at most `capacity` buckets.
    SettingsCache(catalog::SettingKind kind, Parse parse, size_t capacity = 1024)
        : kind_(kind), parse_(parse), capacity_(capacity) {}

    using Setting = std::shared_ptr<const Parsed>;

    // Inside the read transaction that has read `bucket`: its setting, null where it has none.
    // Reads the catalogue where this revision was not asked for before. kCorrupt; errors of the
    // catalogue.
    Result<Setting> Get(db::Transaction& tx, const catalog::Bucket& bucket) {
        if (bucket.revision == 0) return Setting();
        if (const auto known = Find(bucket)) return known->setting;
        TRY(Setting setting, Load(tx, bucket));
        Keep(bucket, setting);
        return setting;
    }

    // The same inside a write transaction, which may see what is not committed yet, and may never
    // be: what it reads is not kept, since another change may come to have that revision.
    Result<Setting> GetForWrite(db::Transaction& tx, const catalog::Bucket& bucket) {
        if (bucket.revision == 0) return Setting();
        if (const auto known = Find(bucket)) return known->setting;
        return Load(tx, bucket);
    }

  private:
    struct Entry {
        int64_t revision = 0;
        Setting setting;
    };

    Result<Setting> Load(db::Transaction& tx, const catalog::Bucket& bucket) const {
        TRY(const auto row, catalog::FindBucketSetting(tx, bucket, kind_));
        if (!row) return Setting();
        Result<Parsed> parsed = parse_(row->document, bucket);
        if (parsed) return std::make_shared<const Parsed>(std::move(parsed).value());
        return Error(
            ErrorKind::kCorrupt,
            fmt::format("the setting '{}' of bucket '{}' can't be read: {}",
                        catalog::SettingName(kind_), bucket.name, parsed.error().message()));
    }

    std::optional<Entry> Find(const catalog::Bucket& bucket) {
        MutexLock lock(mutex_);
        const auto found = entries_.find(bucket.id.value());
        if (found == entries_.end() || found->second.revision != bucket.revision)
            return std::nullopt;
        return found->second;
    }

    // A transaction that began before a change may come after one that saw it: the newer stays.
    void Keep(const catalog::Bucket& bucket, const Setting& setting) {
        MutexLock lock(mutex_);
        if (entries_.size() >= capacity_ && !entries_.contains(bucket.id.value()))
            entries_.erase(entries_.begin());
        Entry& entry = entries_[bucket.id.value()];
        if (entry.revision < bucket.revision) entry = {bucket.revision, setting};
    }

    const catalog::SettingKind kind_;
    const Parse parse_;
    const size_t capacity_;
    Mutex mutex_;
    std::unordered_map<int64_t, Entry> entries_ GUARDED_BY(mutex_);
};

}  // namespace coffer::service
