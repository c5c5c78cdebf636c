// GetObjectAttributes.
#include <charconv>

#include "coffer/api/s3/document.h"
#include "coffer/api/s3/encryption.h"
#include "coffer/api/s3/find_object.h"
#include "coffer/api/s3/object_headers.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/parameters.h"
#include "coffer/api/s3/reply.h"
#include "coffer/codec/ascii.h"
#include "coffer/codec/date.h"

namespace coffer::api::s3 {
namespace {

// What the client asks for by x-amz-object-attributes, x-amz-max-parts and
// x-amz-part-number-marker.
struct Wanted {
    bool etag = false;
    bool checksum = false;
    bool parts = false;
    bool storage_class = false;
    bool size = false;
    size_t max_parts = kMaxPage;
    int after_part = 0;
};

Error InvalidArgument(std::string message) {
    return Error(ErrorKind::kInvalid, "InvalidArgument", std::move(message));
}

Result<size_t> ParseCountHeader(const S3Request& request, std::string_view name, size_t otherwise,
                                size_t limit) {
    const auto text = request.Header(name);
    if (!text) return otherwise;
    int32_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc() || end != text->data() + text->size() || value < 0) {
        return InvalidArgument(std::string(name) + " is not a number");
    }
    return std::min(static_cast<size_t>(value), limit);
}

Result<> AddAttribute(std::string_view name, Wanted& wanted) {
    bool* const flag = name == "ETag"           ? &wanted.etag
                       : name == "Checksum"     ? &wanted.checksum
                       : name == "ObjectParts"  ? &wanted.parts
                       : name == "StorageClass" ? &wanted.storage_class
                       : name == "ObjectSize"   ? &wanted.size
                                                : nullptr;
    if (flag == nullptr) return InvalidArgument("Invalid attribute name specified.");
    *flag = true;
    return Ok();
}

Result<Wanted> ParseWanted(const S3Request& request) {
    Wanted wanted;
    bool any = false;
    std::optional<Error> wrong;
    request.EachHeader("x-amz-object-attributes", [&](std::string_view, std::string_view value) {
        for (const std::string_view part : codec::Split(value, ',')) {
            const std::string_view name = codec::TrimSpaces(part);
            if (name.empty()) continue;
            any = true;
            if (auto added = AddAttribute(name, wanted); !added) wrong.emplace(added.error());
        }
    });
    if (wrong) return *wrong;
    if (!any)
        return Error(ErrorKind::kInvalid, "InvalidRequest",
                     "The x-amz-object-attributes header is missing.");
    TRY(wanted.max_parts, ParseCountHeader(request, "x-amz-max-parts", kMaxPage, kMaxPage));
    TRY(const size_t after,
        ParseCountHeader(request, "x-amz-part-number-marker", 0, service::kMaxPartNumber));
    wanted.after_part = static_cast<int>(after);
    return wanted;
}

void WriteParts(codec::XmlWriter& xml, const service::VersionInfo& info, const Wanted& wanted,
                const std::vector<service::PartInfo>& parts, bool truncated) {
    const int last = parts.empty() ? wanted.after_part : parts.back().number;
    xml.Open("ObjectParts")
        .Element("PartsCount", info.parts_count)
        .Element("PartNumberMarker", wanted.after_part)
        .Element("NextPartNumberMarker", last)
        .Element("MaxParts", wanted.max_parts)
        .Element("IsTruncated", truncated);
    for (const service::PartInfo& part : parts) {
        xml.Open("Part").Element("PartNumber", part.number).Element("Size", part.size_bytes);
        if (part.checksum) WriteChecksum(xml, *part.checksum, 0);
        xml.Close();
    }
    xml.Close();
}

}  // namespace

Task<Reply> GetObjectAttributes(Call& call) {
    CO_TRY(const Wanted wanted, ParseWanted(call.request));
    service::GetRequest get{.bucket = call.bucket(), .key = call.key()};
    get.event = codec::ObjectEvent::kGetAttributes;
    get.origin = call.origin;
    get.with_body = false;
    CO_TRY(get.customer_key, ParseCustomerKey(call));
    CO_TRY(get.version_id, ParseVersionId(call.request));
    // One part more than the page tells whether there is another page.
    if (wanted.parts && wanted.max_parts > 0)
        get.parts_page = {wanted.after_part, wanted.max_parts + 1};
    CO_TRY(auto result, co_await FindObject(call, std::move(get)));
    const service::VersionInfo& info = result.info;
    std::vector<service::PartInfo>& parts = result.parts;
    const bool truncated = parts.size() > wanted.max_parts;
    if (truncated) parts.pop_back();

    codec::XmlWriter xml;
    OpenRoot(xml, "GetObjectAttributesResponse");
    if (wanted.etag) xml.Element("ETag", info.etag);
    if (wanted.checksum && info.checksum) {
        xml.Open("Checksum");
        WriteChecksum(xml, *info.checksum, info.parts_count);
        xml.Element("ChecksumType", ChecksumTypeName(info.checksum->type)).Close();
    }
    if (wanted.parts && info.parts_count > 0) {
        WriteParts(xml, info, wanted, parts, truncated);
    }
    if (wanted.storage_class) xml.Element("StorageClass", "STANDARD");
    if (wanted.size) xml.Element("ObjectSize", info.size_bytes);
    http::Response reply = XmlReply(xml.Close().Finish());
    reply.headers.Set("Last-Modified", codec::FormatHttpDate(info.modified));
    if (info.versioned) WriteVersionId(info.version_id, reply.headers);
    WriteEncryption(info.encryption, call.request, reply.headers);
    co_return reply;
}

}  // namespace coffer::api::s3
