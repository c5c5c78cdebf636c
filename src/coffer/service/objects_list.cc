// Objects::List and ListVersions.

#include <utility>

#include "coffer/catalog/buckets.h"
#include "coffer/catalog/key_range.h"
#include "coffer/catalog/version_id.h"
#include "coffer/catalog/versions.h"
#include "coffer/service/core.h"
#include "coffer/service/objects.h"
#include "coffer/service/roll_up.h"
#include "coffer/service/versions.h"

namespace coffer::service {
namespace {

// What a listing makes of the versions that it walks over.
class Page {
  public:
    virtual ~Page() = default;
    // Whether the listing is about such versions at all.
    virtual bool Shows(const catalog::Version& version, bool newest) const = 0;
    // Takes one, and what is in it; false, without taking it, when the page is full.
    virtual bool Add(catalog::Version& version, bool newest) = 0;
    virtual bool AddPrefix(std::string prefix) = 0;
};

// How many versions that a page does not show are walked over before it seeks the next key.
constexpr int kWalkedVersions = 8;

// Walks from `scan` on, in order, and jumps over a common prefix once the page has it, and over the
// older versions of a key where the page has no use for them: a page costs what it returns.
// `seen_key` is the key whose newest version lies before `scan`.
Result<> Walk(db::Transaction& tx, catalog::VersionScan scan, std::string_view prefix,
              std::string_view delimiter, std::string seen_key, Page& page) {
    int unseen = 0;  // versions in a row
    for (;;) {
        catalog::VersionScan next = scan;
        size_t rows = 0;
        bool full = false;
        bool many = false;
        std::optional<std::string> passed;
        TRY(catalog::ScanVersions(tx, scan, [&](catalog::Version& version) {
            ++rows;
            const bool newest = version.key != seen_key;
            seen_key = version.key;
            next.from_key = version.key;
            next.after = version.sequence;
            unseen = newest ? 0 : unseen + 1;
            if (!page.Shows(version, newest)) {
                many = unseen > kWalkedVersions;
                return !many;
            }
            passed = CommonPrefix(version.key, prefix, delimiter);
            full = passed ? !page.AddPrefix(*passed) : !page.Add(version, newest);
            return !full && !passed;
        }));
        if (full) return Ok();
        if (passed) {
            std::optional<std::string> beyond = catalog::PrefixEnd(*passed);
            if (!beyond) return Ok();
            next.from_key = *std::move(beyond);
            next.after.reset();
        } else if (many) {
            next.from_key += '\0';
            next.after.reset();
        } else if (rows < scan.limit) {
            return Ok();
        }
        scan = std::move(next);
    }
}

// In a bucket without ACLs everything is the bucket's owner's, whatever was kept before.
Result<> DropOwners(const Core& core, db::Transaction& tx, const catalog::Bucket& bucket,
                    std::vector<VersionInfo>& versions) {
    TRY(const AclRules::Rules rules, core.acls->Read(tx, bucket));
    if (rules.has_acls()) return Ok();
    for (VersionInfo& version : versions)
        version.owner.clear();
    return Ok();
}

// The current objects.
class ObjectPage final : public Page {
  public:
    ObjectPage(size_t limit, ListResult& result) : limit_(limit), result_(result) {}

    bool Shows(const catalog::Version& version, bool newest) const override {
        return newest && !version.delete_marker;
    }
    bool Add(catalog::Version& version, bool) override {
        if (Full()) return false;
        result_.last = version.key;
        result_.objects.push_back(ToInfo(std::move(version)));
        return true;
    }
    bool AddPrefix(std::string prefix) override {
        if (Full()) return false;
        result_.last = prefix;
        result_.common_prefixes.push_back(std::move(prefix));
        return true;
    }

  private:
    bool Full() {
        result_.truncated = result_.objects.size() + result_.common_prefixes.size() == limit_;
        return result_.truncated;
    }
    size_t limit_;
    ListResult& result_;
};

// Every version and delete marker.
class VersionPage final : public Page {
  public:
    VersionPage(size_t limit, ListVersionsResult& result) : limit_(limit), result_(result) {}

    bool Shows(const catalog::Version&, bool) const override { return true; }
    bool Add(catalog::Version& version, bool newest) override {
        if (Full()) return false;
        VersionInfo info = ToInfo(std::move(version));
        info.is_latest = newest;
        result_.next_key_marker = info.key;
        result_.next_version_id_marker = info.version_id;
        result_.versions.push_back(std::move(info));
        return true;
    }
    bool AddPrefix(std::string prefix) override {
        if (Full()) return false;
        result_.next_key_marker = prefix;
        result_.next_version_id_marker.clear();
        result_.common_prefixes.push_back(std::move(prefix));
        return true;
    }

  private:
    bool Full() {
        result_.truncated = result_.versions.size() + result_.common_prefixes.size() == limit_;
        return result_.truncated;
    }
    size_t limit_;
    ListVersionsResult& result_;
};

Result<ListResult> ListPage(const Core& core, db::Transaction& tx, const ListRequest& request) {
    TRY(const catalog::Bucket bucket, catalog::FindBucket(tx, request.bucket.text()));
    ListResult result{.bucket_owner = bucket.owner};
    if (request.limit == 0) return result;
    std::optional<std::string> from = FirstKey(request.prefix, request.delimiter, request.after);
    if (!from) return result;
    ObjectPage page(request.limit, result);
    TRY(Walk(tx,
             {.bucket = bucket.id,
              .from_key = *std::move(from),
              .end = catalog::PrefixEnd(request.prefix),
              .limit = request.limit + 1,
              .with_headers = request.with_headers},
             request.prefix, request.delimiter, "", page));
    TRY(DropOwners(core, tx, bucket, result.objects));
    return result;
}

// Where a page goes on in its first key. The version may be gone since the page before: its id
// tells where it was, but for the null version. There all that the key has now comes again, since
// what the page before did not show must not be passed over.
Result<std::optional<catalog::Sequence>> FindMarker(db::Transaction& tx, catalog::BucketId bucket,
                                                    const ListVersionsRequest& request) {
    TRY(const std::optional<catalog::Version> marker,
        catalog::FindVersion(tx, bucket, request.key_marker, request.version_id_marker));
    if (marker) return std::optional(marker->sequence);
    return catalog::SequenceOf(request.version_id_marker);
}

Result<ListVersionsResult> ListVersionsPage(const Core& core, db::Transaction& tx,
                                            const ListVersionsRequest& request) {
    TRY(const catalog::Bucket bucket, catalog::FindBucket(tx, request.bucket.text()));
    ListVersionsResult result{.bucket_owner = bucket.owner};
    if (request.limit == 0) return result;
    std::optional<std::string> from =
        FirstKey(request.prefix, request.delimiter, request.key_marker);
    if (!from) return result;
    catalog::VersionScan scan{.bucket = bucket.id,
                              .from_key = *std::move(from),
                              .end = catalog::PrefixEnd(request.prefix),
                              .limit = request.limit + 1,
                              .with_headers = false};
    std::string seen_key;
    if (!request.version_id_marker.empty() && request.key_marker >= request.prefix) {
        scan.from_key = request.key_marker;
        TRY(scan.after, FindMarker(tx, bucket.id, request));
        TRY(const std::optional<catalog::Version> current,
            catalog::FindCurrent(tx, bucket.id, request.key_marker));
        if (scan.after && current && current->sequence >= *scan.after)
            seen_key = request.key_marker;
    }
    VersionPage page(request.limit, result);
    TRY(Walk(tx, std::move(scan), request.prefix, request.delimiter, std::move(seen_key), page));
    TRY(DropOwners(core, tx, bucket, result.versions));
    return result;
}

}  // namespace

Task<Result<ListResult>> Objects::List(ListRequest request) {
    co_return co_await core_.database.Read(
        db::Cost::kScan, [&](db::Transaction& tx) { return ListPage(core_, tx, request); });
}

Task<Result<ListVersionsResult>> Objects::ListVersions(ListVersionsRequest request) {
    co_return co_await core_.database.Read(
        db::Cost::kScan, [&](db::Transaction& tx) { return ListVersionsPage(core_, tx, request); });
}

}  // namespace coffer::service
