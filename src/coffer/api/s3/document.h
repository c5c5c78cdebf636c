// Pieces of S3's XML that several operations write.
#pragma once

#include <optional>
#include <string_view>

#include "coffer/api/s3/handler.h"
#include "coffer/base/clock.h"
#include "coffer/codec/xml.h"

namespace coffer::api::s3 {

// Opens the root element of a reply.
codec::XmlWriter& OpenRoot(codec::XmlWriter& xml, std::string_view name);

// A name that is percent-encoded where the client asked for that; no copy is made where that
// changes nothing.
void WriteName(codec::XmlWriter& xml, std::string_view element, std::string_view name, bool url);

// <Owner>, <Initiator>: an ID and a DisplayName.
void WriteOwner(codec::XmlWriter& xml, std::string_view element, const service::AccountInfo& owner);

// <ChecksumCRC32C>…: of an object with `parts_count` parts (0: of one that has none, or of a part).
void WriteChecksum(codec::XmlWriter& xml, const service::Checksum& checksum, int parts_count);

// <ETag>, in its quotes.
void WriteEtag(codec::XmlWriter& xml, std::string_view etag);

void WriteTime(codec::XmlWriter& xml, std::string_view element, Timestamp time);

void WriteCommonPrefix(codec::XmlWriter& xml, std::string_view prefix, bool url);

// The checksums that a <Part> or its kin brings; kInvalid "InvalidRequest" where there are several.
Result<std::optional<service::Checksum>> ReadChecksum(const codec::XmlNode& node);

}  // namespace coffer::api::s3
