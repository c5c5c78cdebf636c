#include "coffer/catalog/references.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "coffer/catalog/blobs.h"
#include "coffer/catalog/buckets.h"
#include "coffer/catalog/copies.h"
#include "coffer/catalog/uploads.h"
#include "coffer/catalog/versions.h"

namespace coffer::catalog {
namespace {

constexpr size_t kPage = 1000;

// A window of blobs in the order of their ids, with how often each is named.
class Window {
  public:
    Window(BlobId after, size_t limit) : after_(after.value()), limit_(limit) {}

    Result<> Load(db::Transaction& tx) {
        BlobId at(after_);
        for (end_ = false; !end_ && entries_.size() < limit_;) {
            const size_t limit = std::min(kPage, limit_ - entries_.size());
            TRY(const std::vector<Blob> page, ListBlobs(tx, at, limit));
            for (const Blob& blob : page)
                entries_.push_back({blob.id.value(), blob.references, 0});
            end_ = page.size() < limit;
            if (!page.empty()) at = page.back().id;
        }
        last_ = end_ ? std::numeric_limits<int64_t>::max() : at.value();
        return Ok();
    }

    void Count(BlobId blob) {
        const int64_t id = blob.value();
        if (id <= after_ || id > last_) return;
        const auto found = std::ranges::lower_bound(entries_, id, {}, &Entry::id);
        if (found == entries_.end() || found->id != id)
            unknown_.insert(id);
        else
            ++found->counted;
    }

    // What was counted, and which of it has no copy.
    Result<ReferenceCheck> Judge(db::Transaction& tx) const {
        ReferenceCheck check;
        check.last = BlobId(last_);
        check.end = end_;
        for (const Entry& entry : entries_) {
            const BlobId id(entry.id);
            if (entry.stored != entry.counted)
                check.wrong.push_back({id, entry.stored, entry.counted});
            if (entry.counted == 0) continue;
            TRY(const std::vector<Copy> copies, FindCopies(tx, id));
            if (copies.empty()) check.without_copy.push_back(id);
        }
        for (const int64_t id : unknown_)
            check.unknown.push_back(BlobId(id));
        return check;
    }

  private:
    struct Entry {
        int64_t id;
        int64_t stored;
        int64_t counted;
    };

    const int64_t after_;
    const size_t limit_;
    std::vector<Entry> entries_;
    std::set<int64_t> unknown_;
    int64_t last_ = 0;
    bool end_ = false;
};

}  // namespace

Result<ReferenceCheck> CheckReferences(db::Transaction& tx, BlobId after, size_t limit) {
    Window window(after, limit);
    TRY(window.Load(tx));
    TRY(WalkVersions(tx, [&](const VersionReference& version) {
        if (version.blob) window.Count(*version.blob);
    }));
    TRY(WalkExtents(tx, [&](ContentId, BlobId blob) { window.Count(blob); }));
    return window.Judge(tx);
}

Result<> CorrectReferences(db::Transaction& tx, const WrongReferences& wrong) {
    TRY(AddReferences(tx, wrong.blob, wrong.counted - wrong.stored));
    TRY(const Blob blob, GetBlob(tx, wrong.blob));
    TRY(std::vector<Copy> copies, FindCopies(tx, wrong.blob));
    for (Copy& copy : copies) {
        if (blob.references == 0) {
            copy.state = CopyState::kDeleting;
        } else if (copy.state == CopyState::kDeleting) {
            copy.state = CopyState::kLive;
        }
        TRY(PutCopy(tx, copy));
    }
    return Ok();
}

Result<std::vector<UsageRow>> CheckUsage(db::Transaction& tx) {
    std::map<std::pair<int64_t, int64_t>, UsageRow> sums;
    const auto at = [&](BucketId bucket, int64_t size_class) -> UsageRow& {
        UsageRow& sum = sums[{bucket.value(), size_class}];
        sum.bucket = bucket;
        sum.size_class = size_class;
        return sum;
    };
    TRY(WalkVersions(tx, [&](const VersionReference& version) {
        UsageRow& sum = at(version.bucket, static_cast<int64_t>(SizeClass(version.size_bytes)));
        (version.delete_marker ? sum.delete_markers : sum.versions) += 1;
        sum.bytes += static_cast<int64_t>(version.size_bytes);
    }));
    TRY(const std::vector<UsageRow> rows, ReadUsageRows(tx));
    for (const UsageRow& row : rows) {
        UsageRow& sum = at(row.bucket, row.size_class);
        sum.versions -= row.versions;
        sum.delete_markers -= row.delete_markers;
        sum.bytes -= row.bytes;
    }
    std::vector<UsageRow> wrong;
    for (const auto& [key, sum] : sums) {
        if (sum.versions != 0 || sum.delete_markers != 0 || sum.bytes != 0) wrong.push_back(sum);
    }
    return wrong;
}

Result<std::vector<Referrer>> FindReferrers(db::Transaction& tx, const std::set<int64_t>& blobs,
                                            size_t limit) {
    std::map<int64_t, std::string> buckets;
    TRY(const std::vector<Bucket> rows,
        ListBuckets(tx, "", "", std::numeric_limits<size_t>::max()));
    for (const Bucket& bucket : rows)
        buckets[bucket.id.value()] = bucket.name;
    std::map<int64_t, BlobId> contents;  // that have one of the blobs
    TRY(WalkExtents(tx, [&](ContentId content, BlobId blob) {
        if (blobs.contains(blob.value())) contents.emplace(content.value(), blob);
    }));
    std::vector<Referrer> found;
    const auto add = [&](BlobId blob, BucketId bucket, std::string_view key) {
        if (found.size() < limit)
            found.push_back({blob, buckets[bucket.value()], std::string(key)});
    };
    const auto add_content = [&](ContentId id, BucketId bucket, std::string_view key) {
        const auto content = contents.find(id.value());
        if (content != contents.end()) add(content->second, bucket, key);
    };
    TRY(WalkVersions(tx, [&](const VersionReference& version) {
        if (version.blob && blobs.contains(version.blob->value()))
            add(*version.blob, version.bucket, version.key);
        if (version.content) add_content(*version.content, version.bucket, version.key);
    }));
    TRY(WalkOpenUploads(
        tx, [&](const Upload& upload) { add_content(upload.id, upload.bucket, upload.key); }));
    return found;
}

Result<BlobTotals> CountBlobs(db::Transaction& tx) {
    BlobTotals totals;
    TRY(tx.Query("SELECT COUNT(*), COALESCE(SUM(size_bytes), 0) FROM blobs", {},
                 [&](const db::Row& row) {
                     totals = {row.Int(0), row.Int(1)};
                     return false;
                 }));
    return totals;
}

}  // namespace coffer::catalog
