#include "coffer/catalog/columns.h"

#include <algorithm>
#include <span>

#include "coffer/base/check.h"
#include "coffer/codec/hex.h"

namespace coffer::catalog {
namespace {

constexpr char kStandard = 's';
constexpr char kUser = 'u';
constexpr char kTag = 't';

constexpr size_t kMd5Bytes = sizeof(codec::Md5Digest);

void Append(std::string& out, char kind, const std::pair<std::string, std::string>& header) {
    out += kind;
    out += header.first;
    out += '\0';
    out += header.second;
    out += '\0';
}

// Cuts the text before the next NUL off `bytes`.
Result<std::string> Take(std::string_view& bytes) {
    const size_t end = bytes.find('\0');
    if (end == std::string_view::npos)
        return Error(ErrorKind::kCorrupt,
                     "the headers of an object in the catalogue are cut short");
    std::string text(bytes.substr(0, end));
    bytes.remove_prefix(end + 1);
    return text;
}

}  // namespace

std::string EncodeHeaders(const ObjectHeaders& headers) {
    std::string out;
    for (const auto& header : headers.standard)
        Append(out, kStandard, header);
    for (const auto& header : headers.user)
        Append(out, kUser, header);
    for (const auto& tag : headers.tags)
        Append(out, kTag, tag);
    return out;
}

Result<ObjectHeaders> DecodeHeaders(std::string_view bytes) {
    ObjectHeaders headers;
    while (!bytes.empty()) {
        const char kind = bytes.front();
        bytes.remove_prefix(1);
        if (kind != kStandard && kind != kUser && kind != kTag)
            return Error(ErrorKind::kCorrupt,
                         "the headers of an object in the catalogue are damaged");
        TRY(std::string name, Take(bytes));
        TRY(std::string value, Take(bytes));
        auto& list = kind == kStandard ? headers.standard
                     : kind == kUser   ? headers.user
                                       : headers.tags;
        list.emplace_back(std::move(name), std::move(value));
    }
    return headers;
}

std::string EncodeEtag(std::string_view etag) {
    if (etag.empty()) return "";
    std::string bytes(kMd5Bytes, '\0');
    COFFER_CHECK(
        codec::FromHex(etag.substr(0, 2 * kMd5Bytes), std::as_writable_bytes(std::span(bytes))));
    bytes += etag.substr(2 * kMd5Bytes);
    return bytes;
}

std::string DecodeEtag(ByteView bytes) {
    const size_t md5_bytes = std::min(bytes.size(), kMd5Bytes);
    std::string etag = codec::ToHex(bytes.first(md5_bytes));
    etag += AsText(bytes.subspan(md5_bytes));
    return etag;
}

std::string EncodeChecksum(const Checksum& checksum) {
    std::string bytes;
    bytes += static_cast<char>(checksum.algorithm);
    bytes += static_cast<char>(checksum.type);
    bytes += checksum.raw;
    return bytes;
}

Result<Checksum> DecodeChecksum(ByteView bytes) {
    if (bytes.size() < 2)
        return Error(ErrorKind::kCorrupt, "a checksum in the catalogue is cut short");
    return Checksum{static_cast<codec::ChecksumAlgorithm>(bytes[0]),
                    static_cast<ChecksumType>(bytes[1]), std::string(AsText(bytes.subspan(2)))};
}

}  // namespace coffer::catalog
