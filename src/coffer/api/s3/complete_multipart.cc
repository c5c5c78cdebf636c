// CompleteMultipartUpload.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "coffer/api/s3/conditions.h"
#include "coffer/api/s3/content.h"
#include "coffer/api/s3/document.h"
#include "coffer/api/s3/encryption.h"
#include "coffer/api/s3/lifecycle.h"
#include "coffer/api/s3/multipart.h"
#include "coffer/api/s3/object_headers.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/reply.h"

namespace coffer::api::s3 {
namespace {

// Ten thousand parts, each with an ETag and a checksum.
constexpr size_t kMaxDocumentBytes = 8_MiB;

Error MalformedXml() {
    return Error(ErrorKind::kInvalid, "MalformedXML", "");
}

template <class Number>
std::optional<Number> ParseNumber(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

Result<service::CompletePart> ParsePart(const codec::XmlNode& node) {
    TRY(node.Expect({"PartNumber", "ETag", "ChecksumCRC32", "ChecksumCRC32C", "ChecksumCRC64NVME",
                     "ChecksumSHA1", "ChecksumSHA256"}));
    TRY(const auto number_text, node.ChildText("PartNumber"));
    TRY(const auto etag, node.ChildText("ETag"));
    const auto number = ParseNumber<int>(number_text.value_or(""));
    if (!number || !etag) return MalformedXml();
    if (*number < 1 || *number > service::kMaxPartNumber) {
        return Error(ErrorKind::kInvalid, "InvalidArgument",
                     "PartNumber must be an integer between 1 and 10000, inclusive");
    }
    TRY(auto checksum, ReadChecksum(node));
    return service::CompletePart{*number, std::string(UnquoteEtag(*etag)), std::move(checksum)};
}

Result<std::vector<service::CompletePart>> ParseParts(std::string_view document) {
    if (document.empty()) return MalformedXml();
    TRY(const auto xml, codec::ParseXml(document));
    const codec::XmlNode root = xml.root();
    if (root.name() != "CompleteMultipartUpload") return MalformedXml();
    TRY(root.Expect({}, {"Part"}));
    const auto nodes = root.Children("Part");
    if (nodes.empty() || nodes.size() > service::kMaxPartNumber) return MalformedXml();
    std::vector<service::CompletePart> parts;
    for (const codec::XmlNode& node : nodes) {
        TRY(auto part, ParsePart(node));
        parts.push_back(std::move(part));
    }
    return parts;
}

void KeepLastOfEachNumber(std::vector<service::CompletePart>& parts) {
    const auto same = [](const auto& a, const auto& b) { return a.number == b.number; };
    const auto others = std::unique(parts.rbegin(), parts.rend(), same);
    parts.erase(parts.begin(), others.base());
}

// The checksum of the whole object, which S3 writes with "-<parts>" behind it where it is
// composite.
Result<std::optional<service::Checksum>> ParseObjectChecksum(const S3Request& request,
                                                             size_t parts) {
    using codec::ChecksumAlgorithm;
    for (const auto algorithm :
         {ChecksumAlgorithm::kCrc32, ChecksumAlgorithm::kCrc32c, ChecksumAlgorithm::kCrc64Nvme,
          ChecksumAlgorithm::kSha1, ChecksumAlgorithm::kSha256}) {
        const auto header = request.Header(codec::ChecksumHeader(algorithm));
        if (!header) continue;
        const size_t dash = std::min(header->rfind('-'), header->size());
        service::Checksum checksum{.algorithm = algorithm};
        TRY(checksum.raw, ParseChecksumValue(algorithm, header->substr(0, dash)));
        if (dash < header->size()) {
            checksum.type = service::ChecksumType::kComposite;
            if (ParseNumber<size_t>(header->substr(dash + 1)) != parts) {
                return Error(ErrorKind::kInvalid, "BadDigest",
                             "The checksum of the object names another number of parts.");
            }
        }
        return checksum;
    }
    return std::nullopt;
}

Result<service::CompleteUploadRequest> ParseComplete(const Call& call, std::string_view document) {
    service::CompleteUploadRequest complete{.upload = UploadOf(call)};
    complete.origin = call.origin;
    complete.conditions = ParseWriteConditions(call.request);
    TRY(complete.parts, ParseParts(document));
    if (call.dependencies.options.dialect == Dialect::kCeph) {
        KeepLastOfEachNumber(complete.parts);
        complete.always_with_key = true;
    }
    TRY(complete.checksum, ParseObjectChecksum(call.request, complete.parts.size()));
    TRY(complete.checksum_type, ParseChecksumType(call.request));
    if (const auto size = call.request.Header("x-amz-mp-object-size")) {
        complete.size_bytes = ParseNumber<uint64_t>(*size);
        if (!complete.size_bytes) {
            return Error(ErrorKind::kInvalid, "InvalidRequest",
                         "Value for x-amz-mp-object-size header is invalid.");
        }
    }
    TRY(complete.customer_key, ParseCustomerKey(call));
    return complete;
}

// Where the object is to be found, as the client came here.
std::string Location(const Call& call) {
    const http::Request& http = call.request.http();
    const std::string bucket =
        call.request.virtual_bucket().empty() ? "/" + call.bucket().text() : std::string();
    return fmt::format("{}://{}{}/{}", http.peer.tls ? "https" : "http",
                       http.headers.GetOr("host", ""), bucket,
                       codec::PercentEncode(call.key().bytes(), codec::Slash::kKeep));
}

}  // namespace

Task<Reply> CompleteMultipartUpload(Call& call) {
    CO_TRY(RefuseUnofferedHeaders(call.request));
    // The checksum headers of this request are of the object, not of the document in its body.
    CO_TRY(auto content, Content::Open(call, Content::Checksums::kNone));
    CO_TRY(const std::string document, co_await content.ReadDocument(kMaxDocumentBytes));
    CO_TRY(auto complete, ParseComplete(call, document));
    const int parts_count = static_cast<int>(complete.parts.size());
    CO_TRY(const auto result, co_await call.dependencies.uploads.Complete(std::move(complete)));

    codec::XmlWriter xml;
    OpenRoot(xml, "CompleteMultipartUploadResult")
        .Element("Location", Location(call))
        .Element("Bucket", call.bucket().text())
        .Element("Key", call.key().bytes());
    WriteEtag(xml, result.etag);
    if (result.checksum) {
        WriteChecksum(xml, *result.checksum, parts_count);
        xml.Element("ChecksumType", ChecksumTypeName(result.checksum->type));
    }
    http::Response reply = XmlReply(xml.Close().Finish());
    WriteExpiration(result.expiration, reply.headers);
    WriteVersionId(result.version_id, reply.headers);
    WriteEncryption(result.encryption, call.request, reply.headers);
    co_return reply;
}

}  // namespace coffer::api::s3
