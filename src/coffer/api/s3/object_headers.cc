#include "coffer/api/s3/object_headers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "coffer/api/s3/encoded_word.h"
#include "coffer/api/s3/reply.h"
#include "coffer/codec/ascii.h"
#include "coffer/codec/base64.h"
#include "coffer/codec/date.h"
#include "coffer/codec/names.h"
#include "coffer/codec/token.h"
#include "coffer/http/syntax.h"

namespace coffer::api::s3 {
namespace {

constexpr std::string_view kMetadataPrefix = "x-amz-meta-";
constexpr auto kStandardHeaders =
    std::to_array<std::string_view>({"Content-Type", "Content-Disposition", "Content-Encoding",
                                     "Content-Language", "Cache-Control", "Expires"});

// Encoded words take three characters for a byte, and a dozen for themselves: for each character
// of two bytes, where a client makes it so.
constexpr size_t kMostEncodedBytes = 10 * kMaxUserMetadataBytes;

bool IsPrintableAscii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return (c >= 0x20 && c < 0x7F) || c == '\t'; });
}

bool IsAscii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// A value as it is kept. What came as a query parameter may hold what no header can.
Result<std::string> MetadataValue(std::string_view name, std::string_view sent) {
    if (!http::IsFieldValue(sent)) {
        return Error(ErrorKind::kInvalid, "InvalidArgument",
                     fmt::format("the value of {} holds a control character", name));
    }
    if (!codec::IsUtf8(sent)) return Latin1ToUtf8(sent);
    std::string decoded = DecodeWords(sent);
    // Only what could not have come plainly is taken for an encoding; plain text comes back as it
    // was sent. So does what no text is: control characters.
    if (IsAscii(decoded) || !codec::IsUtf8(decoded) || !http::IsFieldValue(decoded))
        return std::string(sent);
    return decoded;
}

// A Content-Encoding without the coding of the transfer.
std::string WithoutAwsChunked(std::string_view value) {
    std::string kept;
    bool found = false;
    for (const std::string_view part : codec::Split(value, ',')) {
        const std::string_view coding = codec::TrimSpaces(part);
        if (codec::EqualsIgnoringCase(coding, "aws-chunked")) {
            found = true;
            continue;
        }
        if (!kept.empty()) kept += ", ";
        kept += coding;
    }
    return found ? kept : std::string(value);
}

Error Refused(std::string_view header) {
    return Error(
        ErrorKind::kUnsupported, "NotImplemented",
        fmt::format("A header you provided implies functionality that is not implemented: {}",
                    header));
}

}  // namespace

Result<service::ObjectHeaders> ParseObjectHeaders(const S3Request& request) {
    service::ObjectHeaders headers;
    for (const std::string_view name : kStandardHeaders) {
        const auto sent = request.Header(name);
        if (!sent) continue;
        std::string value =
            name == "Content-Encoding" ? WithoutAwsChunked(*sent) : std::string(*sent);
        if (!value.empty()) headers.standard.emplace_back(codec::ToLower(name), std::move(value));
    }

    std::optional<Error> wrong;
    size_t bytes_sent = 0;
    size_t bytes = 0;
    request.EachHeader(kMetadataPrefix, [&](std::string_view full_name, std::string_view sent) {
        const std::string_view name = full_name.substr(kMetadataPrefix.size());
        if (!codec::IsToken(name)) {
            wrong.emplace(ErrorKind::kInvalid, "InvalidArgument",
                          "the name of a metadata header is malformed");
            return;
        }
        // Else it is longer than what is allowed, however it is encoded: nobody looks for encoded
        // words in it.
        bytes_sent += sent.size();
        if (bytes_sent > kMostEncodedBytes) return;
        auto value = MetadataValue(full_name, sent);
        if (!value) {
            wrong.emplace(value.error());
            return;
        }
        bytes += name.size() + value.value().size();
        const auto known =
            std::ranges::find(headers.user, name, &std::pair<std::string, std::string>::first);
        if (known == headers.user.end()) {
            headers.user.emplace_back(name, std::move(value.value()));
        } else {
            known->second += "," + value.value();  // one field in several lines (RFC 9110, 5.3)
        }
    });
    if (wrong) return *wrong;
    if (bytes > kMaxUserMetadataBytes || bytes_sent > kMostEncodedBytes) {
        return Error(ErrorKind::kInvalid, "MetadataTooLarge",
                     "Your metadata headers exceed the maximum allowed metadata size.");
    }
    return headers;
}

void WriteObjectHeaders(const service::ObjectHeaders& headers, http::Headers& reply) {
    reply.Set("Content-Type", "binary/octet-stream");
    for (const auto& [name, value] : headers.standard) {
        const auto written = std::ranges::find_if(kStandardHeaders, [&](std::string_view known) {
            return codec::EqualsIgnoringCase(known, name);
        });
        reply.Set(written != kStandardHeaders.end() ? *written : std::string_view(name), value);
    }
    for (const auto& [name, value] : headers.user) {
        reply.Add(std::string(kMetadataPrefix) + name,
                  IsPrintableAscii(value) ? value : EncodeWords(value));
    }
    if (!headers.tags.empty())
        reply.Set("x-amz-tagging-count", std::to_string(headers.tags.size()));
}

Result<> RefuseUnofferedHeaders(const S3Request& request) {
    static constexpr auto kRefused = std::to_array<std::string_view>(
        {"x-amz-website-redirect-location", "x-amz-write-offset-bytes"});
    for (const std::string_view name : kRefused) {
        if (!request.Header(name).value_or("").empty()) return Refused(name);
    }
    // MinIO would take the archive apart, and clients count on it.
    static constexpr std::string_view kSnowball = "x-amz-meta-snowball-auto-extract";
    if (codec::EqualsIgnoringCase(request.Header(kSnowball).value_or(""), "true"))
        return Refused(kSnowball);
    // There is one class; reduced redundancy promises less than it.
    const std::string_view storage_class =
        request.Header("x-amz-storage-class").value_or("STANDARD");
    if (storage_class != "STANDARD" && storage_class != "REDUCED_REDUNDANCY") {
        return Error(ErrorKind::kInvalid, "InvalidStorageClass",
                     "The storage class you specified is not valid.");
    }
    return Ok();
}

void WriteEntityHeaders(const service::VersionInfo& info, http::Headers& reply) {
    reply.Set("ETag", QuoteEtag(info.etag));
    reply.Set("Last-Modified", codec::FormatHttpDate(info.modified));
    if (info.versioned) WriteVersionId(info.version_id, reply);
}

void WriteVersionId(std::string_view version_id, http::Headers& reply) {
    if (!version_id.empty()) reply.Set("x-amz-version-id", version_id);
}

std::string FormatChecksum(const service::Checksum& checksum, int parts_count) {
    std::string value = codec::Base64Encode(AsBytes(checksum.raw));
    if (checksum.type == service::ChecksumType::kComposite && parts_count > 0) {
        value += fmt::format("-{}", parts_count);
    }
    return value;
}

std::string_view ChecksumTypeName(service::ChecksumType type) {
    return type == service::ChecksumType::kComposite ? "COMPOSITE" : "FULL_OBJECT";
}

void WriteChecksumHeaders(const service::Checksum& checksum, int parts_count,
                          http::Headers& reply) {
    reply.Set(codec::ChecksumHeader(checksum.algorithm), FormatChecksum(checksum, parts_count));
    reply.Set("x-amz-checksum-type", ChecksumTypeName(checksum.type));
}

}  // namespace coffer::api::s3
