// Objects::List and ListVersions.

#include <algorithm>
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
    virtual bool AddPrefix(std::string_view prefix) = 0;
};

// How many versions that a page does not show are walked over before it seeks the next key.
constexpr int kWalkedVersions = 8;

// How many versions room is made for ahead, whatever the limit is.
constexpr size_t kReservedVersions = 1000;

// Walks from `scan` on, in order, and jumps over a common prefix once the page has it, and over the
// older versions of a key where the page has no use for them: a page costs what it returns.
// `seen_key` is the key whose newest version lies before `scan`.
Result<> Walk(db::Transaction& tx, catalog::VersionScan scan, std::string_view prefix,
              std::string_view delimiter, std::string seen_key, Page& page) {
    int unseen = 0;  // versions in a row
    for (;;) {
        std::optional<catalog::Sequence> last;
        size_t rows = 0;
        bool done = false;
        std::optional<std::string> beyond;  // where to go on, over what the page has no use for
        TRY(catalog::ScanRows(tx, scan, [&](const catalog::VersionRow& version) -> Result<bool> {
            ++rows;
            const bool newest = version.key() != seen_key;
            if (newest) seen_key = version.key();
            last = version.sequence();
            unseen = newest ? 0 : unseen + 1;
            if (!page.Shows(version, newest)) {
                if (unseen > kWalkedVersions) beyond = seen_key + '\0';
                return !beyond;
            }
            if (const auto passed = CommonPrefix(version.key(), prefix, delimiter)) {
                beyond = catalog::PrefixEnd(*passed);
                done = !page.AddPrefix(*passed) || !beyond;
                return false;
            }
            TRY(const bool added, page.Add(version, newest));
            done = !added;
            return added;
        }));
        if (done) return Ok();
        if (beyond) {
            scan.from_key = *std::move(beyond);
            scan.after.reset();
        } else if (rows < scan.limit) {
            return Ok();
        } else {
            scan.from_key = seen_key;
            scan.after = last;
        }
    }
}

// Tells of versions as a listing does, with their texts kept in its arena.
class Teller {
  public:
    // In a bucket without ACLs everything is the bucket's owner's, whatever was kept before.
    Teller(const AclRules::Rules& rules, TextArena& texts)
        : with_owners_(rules.has_acls()), texts_(texts) {}

    Result<> Tell(const catalog::VersionRow& row, bool newest, ListedVersion& listed) {
        listed.key = texts_.Keep(row.key());
        if (!catalog::IsNull(row.version_id())) listed.version_id = texts_.Keep(row.version_id());
        listed.is_latest = newest;
        listed.is_delete_marker = row.delete_marker();
        if (with_owners_) {
            TRY(const std::string_view owner, row.owner());
            if (owner != owner_) owner_ = texts_.Keep(owner);
            listed.owner = owner_;
        }
        listed.size_bytes = row.size_bytes();
        listed.etag = row.etag(texts_);
        listed.modified = row.modified();
        TRY(listed.checksum, row.checksum());
        return Ok();
    }

  private:
    const bool with_owners_;
    TextArena& texts_;
    std::string_view owner_;  // the one before, which most have
};

// The current objects.
class ObjectPage final : public Page {
  public:
    ObjectPage(const ListRequest& request, const AclRules::Rules& rules, ListResult& result)
        : limit_(request.limit),
          with_headers_(request.with_headers),
          teller_(rules, result.texts),
          result_(result) {
        result_.objects.reserve(std::min(limit_, kReservedVersions));
    }

    bool Shows(const catalog::VersionRow& version, bool newest) const override {
        return newest && !version.delete_marker();
    }
    Result<bool> Add(const catalog::VersionRow& version, bool newest) override {
        if (Full()) return false;
        ListedVersion& object = result_.objects.emplace_back();
        TRY(teller_.Tell(version, newest, object));
        if (with_headers_) {
            TRY(ObjectHeaders headers, version.headers());
            object.headers = std::make_shared<const ObjectHeaders>(std::move(headers));
        }
        result_.last = object.key;
        return true;
    }
    bool AddPrefix(std::string_view prefix) override {
        if (Full()) return false;
        result_.last = result_.common_prefixes.emplace_back(result_.texts.Keep(prefix));
        return true;
    }

  private:
    bool Full() {
        result_.truncated = result_.objects.size() + result_.common_prefixes.size() == limit_;
        return result_.truncated;
    }
    const size_t limit_;
    const bool with_headers_;
    Teller teller_;
    ListResult& result_;
};

// Every version and delete marker.
class VersionPage final : public Page {
  public:
    VersionPage(size_t limit, const AclRules::Rules& rules, ListVersionsResult& result)
        : limit_(limit), teller_(rules, result.texts), result_(result) {
        result_.versions.reserve(std::min(limit_, kReservedVersions));
    }

    bool Shows(const catalog::VersionRow&, bool) const override { return true; }
    Result<bool> Add(const catalog::VersionRow& version, bool newest) override {
        if (Full()) return false;
        ListedVersion& listed = result_.versions.emplace_back();
        TRY(teller_.Tell(version, newest, listed));
        result_.next_key_marker = listed.key;
        result_.next_version_id_marker = listed.version_id;
        return true;
    }
    bool AddPrefix(std::string_view prefix) override {
        if (Full()) return false;
        result_.next_key_marker = result_.common_prefixes.emplace_back(result_.texts.Keep(prefix));
        result_.next_version_id_marker = {};
        return true;
    }

  private:
    bool Full() {
        result_.truncated = result_.versions.size() + result_.common_prefixes.size() == limit_;
        return result_.truncated;
    }
    const size_t limit_;
    Teller teller_;
    ListVersionsResult& result_;
};

Result<ListResult> ListPage(const Core& core, db::Transaction& tx, const ListRequest& request) {
    TRY(const catalog::Bucket bucket, catalog::FindBucket(tx, request.bucket.text()));
    ListResult result{.bucket_owner = bucket.owner};
    if (request.limit == 0) return result;
    std::optional<std::string> from = FirstKey(request.prefix, request.delimiter, request.after);
    if (!from) return result;
    TRY(const AclRules::Rules rules, core.acls->Read(tx, bucket));
    ObjectPage page(request, rules, result);
    TRY(Walk(tx,
             {.bucket = bucket.id,
              .from_key = *std::move(from),
              .end = catalog::PrefixEnd(request.prefix),
              .limit = request.limit + 1},
             request.prefix, request.delimiter, "", page));
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
    TRY(const AclRules::Rules rules, core.acls->Read(tx, bucket));
    VersionPage page(request.limit, rules, result);
    TRY(Walk(tx, std::move(scan), request.prefix, request.delimiter, std::move(seen_key), page));
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
