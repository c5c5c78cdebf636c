// The words that the services share with those who call them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "coffer/base/clock.h"
#include "coffer/codec/digest.h"
#include "coffer/codec/names.h"

namespace coffer::service {

using codec::BucketName;
using codec::ObjectKey;

// What a client says of an object, kept and returned with it.
struct ObjectHeaders {
    // Lower-case names of content-type, content-disposition, content-encoding, content-language, cache-control and
    // expires, with their values as sent. A missing content-type reads as "binary/octet-stream".
    std::vector<std::pair<std::string, std::string>> standard;

    // x-amz-meta-*: the name after that prefix in lower case, and the value as UTF-8.
    std::vector<std::pair<std::string, std::string>> user;
};

// How the checksum of a multipart object came about.
enum class ChecksumType : uint8_t {
    kFullObject,  // of all bytes
    kComposite,   // of the parts' checksums, with "-<parts>" behind it
};

struct Checksum {
    codec::ChecksumAlgorithm algorithm{};
    ChecksumType type = ChecksumType::kFullObject;
    std::string raw;  // the digest's bytes

    bool operator==(const Checksum&) const = default;
};

struct PartInfo {
    int number = 0;
    uint64_t size_bytes = 0;
    std::string etag;  // without quotes
    Timestamp modified;
    std::optional<Checksum> checksum;
};

// The version id of objects that were written while a bucket keeps no versions.
inline constexpr std::string_view kNullVersion = "null";

struct VersionInfo {
    std::string key;
    std::string version_id = std::string(kNullVersion);
    bool is_latest = true;
    bool is_delete_marker = false;
    uint64_t size_bytes = 0;
    std::string etag;  // without quotes
    Timestamp modified;
    ObjectHeaders headers;
    std::optional<Checksum> checksum;
    int parts_count = 0;  // of a multipart object; 0 for others
};

// Conditions of RFC 9110, 13, as the client sent them. ETags are compared without quotes; "*" matches anything.
struct ReadConditions {
    std::optional<std::string> if_match;
    std::optional<std::string> if_none_match;
    std::optional<Timestamp> if_modified_since;
    std::optional<Timestamp> if_unmodified_since;
};

struct WriteConditions {
    std::optional<std::string> if_match;
    std::optional<std::string> if_none_match;
};

}  // namespace coffer::service
