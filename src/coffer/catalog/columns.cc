#include "coffer/catalog/columns.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <span>

#include "coffer/base/check.h"
#include "coffer/codec/hex.h"

namespace coffer::catalog {
namespace {

constexpr char kAcl = 'a';
constexpr char kStandard = 's';
constexpr char kUser = 'u';
constexpr char kTag = 't';
constexpr char kRetention = 'r';
constexpr char kLegalHold = 'h';

constexpr size_t kMd5Bytes = sizeof(codec::Md5Digest);

Result<> Append(std::string& out, char kind, const std::pair<std::string, std::string>& header) {
    for (const std::string& text : {std::cref(header.first), std::cref(header.second)})
        if (text.find('\0') != text.npos)
            return Error(ErrorKind::kInvalid, "InvalidArgument", "a header holds a NUL");
    out += kind;
    out += header.first;
    out += '\0';
    out += header.second;
    out += '\0';
    return Ok();
}

Result<> AppendLock(std::string& out, const codec::ObjectLock& lock) {
    if (const auto& retention = lock.retention) {
        TRY(Append(out, kRetention,
                   {std::string(codec::LockModeName(retention->mode)),
                    std::to_string(ToMicros(retention->until))}));
    }
    if (!lock.legal_hold) return Ok();
    return Append(out, kLegalHold, {*lock.legal_hold ? "ON" : "OFF", ""});
}

Error Damaged() {
    return {ErrorKind::kCorrupt, "a column of the catalogue is damaged"};
}

// Cuts the text before the next NUL off `bytes`.
Result<std::string> Take(std::string_view& bytes) {
    const size_t end = bytes.find('\0');
    if (end == std::string_view::npos)
        return Error(ErrorKind::kCorrupt, "a column of the catalogue is cut short");
    std::string text(bytes.substr(0, end));
    bytes.remove_prefix(end + 1);
    return text;
}

Result<codec::Retention> ReadRetention(std::string_view mode, std::string_view until) {
    const std::optional<codec::LockMode> parsed = codec::ParseLockMode(mode);
    int64_t micros = 0;
    const auto [end, error] = std::from_chars(until.data(), until.data() + until.size(), micros);
    if (!parsed || error != std::errc() || end != until.data() + until.size()) return Damaged();
    return codec::Retention{*parsed, FromMicros(micros)};
}

// Where `kind` is one of a lock's. What can't be understood is no lock that could be passed over.
Result<bool> ReadLock(char kind, std::string_view name, std::string_view value,
                      codec::ObjectLock& lock) {
    if (kind == kRetention) {
        TRY(lock.retention, ReadRetention(name, value));
        return true;
    }
    if (kind != kLegalHold) return false;
    if (name != "ON" && name != "OFF") return Damaged();
    lock.legal_hold = name == "ON";
    return true;
}

size_t DecodedEtagBytes(ByteView bytes) {
    return bytes.size() + std::min(bytes.size(), kMd5Bytes);
}

// `etag` is of just that size.
void WriteEtag(ByteView bytes, std::span<char> etag) {
    const ByteView md5 = bytes.first(std::min(bytes.size(), kMd5Bytes));
    codec::ToHex(md5, etag.first(2 * md5.size()));
    std::ranges::copy(AsText(bytes.subspan(md5.size())), etag.begin() + 2 * md5.size());
}

}  // namespace

Result<std::string> EncodeHeaders(const ObjectHeaders& headers) {
    std::string out;
    if (headers.acl) {
        TRY(Append(out, kAcl, {codec::EncodeAcl(*headers.acl), ""}));
    }
    for (const auto& header : headers.standard) {
        TRY(Append(out, kStandard, header));
    }
    for (const auto& header : headers.user) {
        TRY(Append(out, kUser, header));
    }
    for (const auto& tag : headers.tags) {
        TRY(Append(out, kTag, tag));
    }
    TRY(AppendLock(out, headers.lock));
    return out;
}

Result<ObjectHeaders> DecodeHeaders(std::string_view bytes) {
    ObjectHeaders headers;
    while (!bytes.empty()) {
        const char kind = bytes.front();
        bytes.remove_prefix(1);
        TRY(std::string name, Take(bytes));
        TRY(std::string value, Take(bytes));
        TRY(const bool of_lock, ReadLock(kind, name, value, headers.lock));
        if (of_lock) continue;
        if (kind == kAcl) {
            TRY(headers.acl, codec::DecodeAcl(name));
            continue;
        }
        if (kind != kStandard && kind != kUser && kind != kTag) return Damaged();
        auto& list = kind == kStandard ? headers.standard
                     : kind == kUser   ? headers.user
                                       : headers.tags;
        list.emplace_back(std::move(name), std::move(value));
    }
    return headers;
}

Result<std::string_view> DecodeHeadersOwner(std::string_view bytes) {
    if (bytes.empty() || bytes.front() != kAcl) return std::string_view();
    const size_t end = bytes.find('\0');
    if (end == std::string_view::npos) return Damaged();
    return codec::EncodedAclOwner(bytes.substr(1, end - 1));
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
    std::string etag(DecodedEtagBytes(bytes), '\0');
    WriteEtag(bytes, etag);
    return etag;
}

std::string_view DecodeEtag(ByteView bytes, TextArena& arena) {
    const std::span<char> etag = arena.Allocate(DecodedEtagBytes(bytes));
    WriteEtag(bytes, etag);
    return {etag.data(), etag.size()};
}

std::string EncodeChecksum(const Checksum& checksum) {
    std::string bytes;
    bytes += static_cast<char>(checksum.algorithm);
    bytes += static_cast<char>(checksum.type);
    bytes += checksum.raw;
    return bytes;
}

Result<ChecksumKind> DecodeChecksumKind(ByteView bytes) {
    if (bytes.size() < 2)
        return Error(ErrorKind::kCorrupt, "a checksum in the catalogue is cut short");
    return ChecksumKind{static_cast<codec::ChecksumAlgorithm>(bytes[0]),
                        static_cast<ChecksumType>(bytes[1])};
}

Result<Checksum> DecodeChecksum(ByteView bytes) {
    TRY(const ChecksumKind kind, DecodeChecksumKind(bytes));
    return Checksum{kind.algorithm, kind.type, std::string(AsText(bytes.subspan(2)))};
}

std::string EncodeEncryption(const Encryption& encryption) {
    std::string bytes(1, static_cast<char>(encryption.kind));
    if (encryption.kind == EncryptionKind::kKms) {
        bytes += static_cast<char>(encryption.bucket_key ? 1 : 0);
        bytes += encryption.key_name;
        bytes += '\0';
        bytes += encryption.context;
    }
    return bytes + encryption.key_proof;
}

Result<Encryption> DecodeEncryption(ByteView bytes) {
    std::string_view text = AsText(bytes);
    if (text.empty()) return Damaged();
    Encryption encryption{.kind = static_cast<EncryptionKind>(text.front())};
    text.remove_prefix(1);
    if (encryption.kind == EncryptionKind::kS3) return encryption;
    if (encryption.kind == EncryptionKind::kCustomer) {
        encryption.key_proof = text;
        return encryption;
    }
    if (encryption.kind != EncryptionKind::kKms || text.empty()) return Damaged();
    encryption.bucket_key = text.front() == 1;
    text.remove_prefix(1);
    TRY(encryption.key_name, Take(text));
    encryption.context = text;
    return encryption;
}

std::string EncodeSeal(const BlobSeal& seal) {
    std::string bytes(1, static_cast<char>(seal.kind));
    for (const std::string* text : {&seal.key_name, &seal.key_id, &seal.context}) {
        bytes += *text;
        bytes += '\0';
    }
    return bytes + seal.sealed_key;
}

Result<BlobSeal> DecodeSeal(ByteView bytes) {
    std::string_view text = AsText(bytes);
    if (text.empty()) return Damaged();
    BlobSeal seal{.kind = static_cast<EncryptionKind>(text.front())};
    if (seal.kind < EncryptionKind::kS3 || seal.kind > EncryptionKind::kCustomer) return Damaged();
    text.remove_prefix(1);
    TRY(seal.key_name, Take(text));
    TRY(seal.key_id, Take(text));
    TRY(seal.context, Take(text));
    seal.sealed_key = text;
    return seal;
}

}  // namespace coffer::catalog
