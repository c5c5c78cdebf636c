// The words that the services share with those who call them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "coffer/base/clock.h"
#include "coffer/catalog/bucket_settings.h"
#include "coffer/catalog/types.h"
#include "coffer/codec/digest.h"
#include "coffer/codec/names.h"

namespace coffer::service {

using catalog::Checksum;
using catalog::ChecksumKind;
using catalog::ChecksumType;
using catalog::Encryption;
using catalog::EncryptionKind;
using catalog::ObjectHeaders;
using catalog::SettingKind;
using catalog::Tags;
using catalog::Versioning;
using codec::BucketName;
using codec::ObjectKey;

struct PartInfo {
    int number = 0;
    uint64_t size_bytes = 0;
    std::string etag;  // without quotes
    Timestamp modified;
    std::optional<Checksum> checksum;
    std::optional<Encryption> encryption;  // of its upload
};

// The version id of objects that were written while a bucket keeps no versions.
inline constexpr std::string_view kNullVersion = "null";

struct VersionInfo {
    std::string key;
    std::string version_id = std::string(kNullVersion);
    bool versioned = false;  // replies name the version: its bucket's versioning was configured
    bool is_latest = true;
    bool is_delete_marker = false;
    uint64_t size_bytes = 0;
    std::string etag;  // without quotes
    Timestamp modified;
    ObjectHeaders headers;
    std::optional<Checksum> checksum;
    int parts_count = 0;  // of a multipart object; 0 for others
    std::optional<Encryption> encryption;
};

// Conditions of RFC 9110, 13, with the headers' values as the client sent them: one ETag or a list,
// with or without quotes; "*" matches anything.
struct ReadConditions {
    std::optional<std::string> if_match;
    std::optional<std::string> if_none_match;
    std::optional<Timestamp> if_modified_since;
    std::optional<Timestamp> if_unmodified_since;
    std::optional<std::string> if_range;  // a date, or an ETag; fails: all of it, not the range
};

struct WriteConditions {
    std::optional<std::string> if_match;
    std::optional<std::string> if_none_match;
};

}  // namespace coffer::service
