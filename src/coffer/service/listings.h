// What is asked of listings (objects.h), and what comes back.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/base/text_arena.h"
#include "coffer/service/types.h"

namespace coffer::service {

// What a listing tells of a version or a delete marker: less than VersionInfo, since a page has a
// thousand of them. For the same reason all texts of a page are kept in its arena: views live as
// long as the page that they came with, wherever that is moved; a copy of one does not keep them.
struct ListedVersion {
    std::string_view key;
    std::string_view version_id = kNullVersion;
    bool is_latest = true;
    bool is_delete_marker = false;
    std::string_view owner;  // the id of the account whose it is; empty: the bucket owner's
    uint64_t size_bytes = 0;
    std::string_view etag;  // without quotes
    Timestamp modified;
    std::optional<ChecksumKind> checksum;
    std::shared_ptr<const ObjectHeaders> headers;  // null unless they were asked for
};

struct ListRequest {
    BucketName bucket;
    std::string prefix;
    std::string delimiter;  // empty: none; any length
    std::string after;      // exclusive: a key, or a common prefix that an earlier page ended with
    size_t limit = 1000;    // of objects and common prefixes together; 0 gives an empty page
    bool with_headers = false;
};

struct ListResult {
    TextArena texts;
    std::vector<ListedVersion> objects;
    std::string bucket_owner;  // the id of the account whose the bucket is
    std::vector<std::string_view> common_prefixes;
    bool truncated = false;
    std::string_view last;  // the greatest key or prefix of this page: `after` of the next
};

struct ListVersionsRequest {
    BucketName bucket;
    std::string prefix;
    std::string delimiter;
    std::string key_marker;
    std::string version_id_marker;  // with key_marker: go on after this version of it
    size_t limit = 1000;
};

struct ListVersionsResult {
    TextArena texts;
    std::vector<ListedVersion> versions;  // and delete markers: by key, then newest first
    std::string bucket_owner;
    std::vector<std::string_view> common_prefixes;
    bool truncated = false;
    std::string_view next_key_marker;
    std::string_view next_version_id_marker;
};

}  // namespace coffer::service
