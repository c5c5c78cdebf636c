#include "coffer/api/s3/document.h"

#include "coffer/api/s3/content.h"
#include "coffer/api/s3/object_headers.h"
#include "coffer/api/s3/parameters.h"
#include "coffer/codec/date.h"
#include "coffer/codec/s3_xml.h"
#include "coffer/codec/uri.h"

namespace coffer::api::s3 {

codec::XmlWriter& OpenRoot(codec::XmlWriter& xml, std::string_view name) {
    return xml.Open(name).Attribute("xmlns", codec::kS3Namespace);
}

void WriteName(codec::XmlWriter& xml, std::string_view element, std::string_view name, bool url) {
    if (url && !codec::IsUnreserved(name, kSlashInNames))
        xml.Element(element, EncodeName(name, url));
    else
        xml.Element(element, name);
}

void WriteOwner(codec::XmlWriter& xml, std::string_view element,
                const service::AccountInfo& owner) {
    xml.Open(element).Element("ID", owner.canonical_id);
    if (!owner.name.empty()) xml.Element("DisplayName", owner.name);
    xml.Close();
}

void WriteChecksum(codec::XmlWriter& xml, const service::Checksum& checksum, int parts_count) {
    xml.Element(codec::ChecksumElement(checksum.algorithm), FormatChecksum(checksum, parts_count));
}

void WriteEtag(codec::XmlWriter& xml, std::string_view etag) {
    xml.Open("ETag").Text("\"").Text(etag).Text("\"").Close();
}

void WriteTime(codec::XmlWriter& xml, std::string_view element, Timestamp time) {
    codec::Iso8601Buffer buffer;
    xml.Element(element, codec::FormatIso8601(time, buffer));
}

void WriteCommonPrefix(codec::XmlWriter& xml, std::string_view prefix, bool url) {
    xml.Open("CommonPrefixes");
    WriteName(xml, "Prefix", prefix, url);
    xml.Close();
}

Result<std::optional<service::Checksum>> ReadChecksum(const codec::XmlNode& node) {
    using codec::ChecksumAlgorithm;
    std::optional<service::Checksum> found;
    for (const auto algorithm :
         {ChecksumAlgorithm::kCrc32, ChecksumAlgorithm::kCrc32c, ChecksumAlgorithm::kCrc64Nvme,
          ChecksumAlgorithm::kSha1, ChecksumAlgorithm::kSha256}) {
        TRY(const auto text, node.ChildText(codec::ChecksumElement(algorithm)));
        if (!text) continue;
        if (found) {
            return Error(ErrorKind::kInvalid, "InvalidRequest",
                         "Expecting a single checksum of each part.");
        }
        TRY(std::string raw, ParseChecksumValue(algorithm, *text));
        found = service::Checksum{algorithm, service::ChecksumType::kFullObject, std::move(raw)};
    }
    return found;
}

}  // namespace coffer::api::s3
