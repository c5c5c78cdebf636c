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
    virtual bool Shows(const catalog::VersionRow& version, bool newest) const = 0;
    // Takes one; false, without taking it, when the page is full. kCorrupt.
    virtual Result<bool> Add(const catalog::VersionRow& version, bool newest) = 0;
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
        std::optional<catalog::Sequence> last;
        size_t rows = 0;
        bool full = false;
        bool many = false;
        std::optional<std::string> passed;
        TRY(catalog::ScanRows(tx, scan, [&](const catalog::VersionRow& version) -> Result<bool> {
            ++rows;
            const bool newest = version.key() != seen_key;
            if (newest) seen_key = version.key();
            last = version.sequence();
            unseen = newest ? 0 : unseen + 1;
            if (!page.Shows(version, newest)) {
                many = unseen > kWalkedVersions;
                return !many;
            }
            passed = CommonPrefix(version.key(), prefix, delimiter);
            if (passed) {
                full = !page.AddPrefix(*passed);
            } else {
                TRY(const bool added, page.Add(version, newest));
                full = !added;
            }
            return !full && !passed;
        }));
        if (full) return Ok();
        if (passed) {
            std::optional<std::string> beyond = catalog::PrefixEnd(*passed);
            if (!beyond) return Ok();
            scan.from_key = *std::move(beyond);
            scan.after.reset();
        } else if (many) {
            scan.from_key = seen_key + '\0';
            scan.after.reset();
        } else if (rows < scan.limit) {
            return Ok();
        } else {
            scan.from_key = seen_key;
            scan.after = last;
        }
    }
}

Result<ListedVersion> ToListed(const catalog::VersionRow& row, bool newest) {
    ListedVersion listed;
    listed.key = row.key();
    if (!catalog::IsNull(row.version_id())) listed.version_id = row.version_id();
    listed.is_latest = newest;
    listed.is_delete_marker = row.delete_marker();
    TRY(listed.owner, row.owner());
    listed.size_bytes = row.size_bytes();
    listed.etag = row.etag();
    listed.modified = row.modified();
    TRY(listed.checksum, row.checksum());
    return listed;
}

// In a bucket without ACLs everything is the bucket's owner's, whatever was kept before.
Result<> DropOwners(const Core& core, db::Transaction& tx, const catalog::Bucket& bucket,
                    std::vector<ListedVersion>& versions) {
    TRY(const AclRules::Rules rules, core.acls->Read(tx, bucket));
    if (rules.has_acls()) return Ok();
    for (ListedVersion& version : versions)
        version.owner.clear();
    return Ok();
}

// The current objects.
class ObjectPage final : public Page {
  public:
    ObjectPage(const ListRequest& request, ListResult& result)
        : limit_(request.limit), with_headers_(request.with_headers), result_(result) {}

    bool Shows(const catalog::VersionRow& version, bool newest) const override {
        return newest && !version.delete_marker();
    }
    Result<bool> Add(const catalog::VersionRow& version, bool newest) override {
        if (Full()) return false;
        TRY(ListedVersion object, ToListed(version, newest));
        if (with_headers_) {
            TRY(ObjectHeaders headers, version.headers());
            object.headers = std::make_shared<const ObjectHeaders>(std::move(headers));
        }
        result_.last = object.key;
        result_.objects.push_back(std::move(object));
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
    const size_t limit_;
    const bool with_headers_;
    ListResult& result_;
};

// Every version and delete marker.
class VersionPage final : public Page {
  public:
    VersionPage(size_t limit, ListVersionsResult& result) : limit_(limit), result_(result) {}

    bool Shows(const catalog::VersionRow&, bool) const override { return true; }
    Result<bool> Add(const catalog::VersionRow& version, bool newest) override {
        if (Full()) return false;
        TRY(ListedVersion listed, ToListed(version, newest));
        result_.next_key_marker = listed.key;
        result_.next_version_id_marker = listed.version_id;
        result_.versions.push_back(std::move(listed));
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
    ObjectPage page(request, result);
    TRY(Walk(tx,
             {.bucket = bucket.id,
              .from_key = *std::move(from),
              .end = catalog::PrefixEnd(request.prefix),
              .limit = request.limit + 1},
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
                              .limit = request.limit + 1};
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
