#include "coffer/api/s3/content.h"

#include <fmt/format.h>

#include <charconv>

#include "coffer/codec/ascii.h"
#include "coffer/codec/base64.h"

namespace coffer::api::s3 {
namespace {

using codec::ChecksumAlgorithm;

constexpr ChecksumAlgorithm kAlgorithms[] = {ChecksumAlgorithm::kCrc32, ChecksumAlgorithm::kCrc32c,
                                             ChecksumAlgorithm::kCrc64Nvme,
                                             ChecksumAlgorithm::kSha1, ChecksumAlgorithm::kSha256};

Error InvalidRequest(std::string message) {
    return Error(ErrorKind::kInvalid, "InvalidRequest", std::move(message));
}

Error SeveralChecksums() {
    return InvalidRequest(
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
}

Error WrongChecksum(ChecksumAlgorithm algorithm) {
    return Error(ErrorKind::kInvalid, "BadDigest",
                 fmt::format("The {} you specified did not match the calculated checksum.",
                             codec::ChecksumName(algorithm)));
}

std::optional<uint64_t> ParseLength(std::string_view text) {
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// The length of the content, after decoding. Nothing for a body in HTTP's chunked coding: some
// clients send what they do not know the length of.
Result<std::optional<uint64_t>> ContentLength(const Call& call, bool aws_chunked) {
    std::optional<uint64_t> length = call.body_length;
    bool told = call.request.http().headers.Has("content-length") || !length;
    if (aws_chunked) {
        const auto text = call.request.Header("x-amz-decoded-content-length");
        length = ParseLength(text.value_or("0"));
        told = text.has_value();
        if (!length) {
            return Error(ErrorKind::kInvalid, "InvalidArgument",
                         "x-amz-decoded-content-length is not a number of bytes");
        }
    }
    if (!told) return Error(ErrorKind::kInvalid, "MissingContentLength", "");
    if (length && *length > kMaxPutBytes) return Error(ErrorKind::kTooLarge, "EntityTooLarge", "");
    return length;
}

Result<std::optional<codec::Md5Digest>> ContentMd5(const S3Request& request) {
    const auto header = request.Header("content-md5");
    if (!header) return std::nullopt;
    codec::Md5Digest digest;
    if (!codec::Base64Decode(*header, digest)) {
        return Error(ErrorKind::kInvalid, "InvalidDigest",
                     "The Content-MD5 you specified was invalid.");
    }
    return digest;
}

// The checksum that the trailer is to bring, by x-amz-trailer.
Result<std::optional<ChecksumAlgorithm>> TrailerAlgorithm(const Call& call) {
    const auto& chunked = call.identity.payload.chunked;
    if (!chunked || !chunked->trailer) {
        if (!call.request.Header("x-amz-trailer")) return std::nullopt;
        return InvalidRequest("x-amz-trailer is given, but the body has no trailer.");
    }
    std::optional<ChecksumAlgorithm> found;
    for (const std::string& name : chunked->trailer_names) {
        for (const ChecksumAlgorithm algorithm : kAlgorithms) {
            if (name != codec::ChecksumHeader(algorithm)) continue;
            if (found && *found != algorithm) return SeveralChecksums();
            found = algorithm;
        }
    }
    return found;
}

// x-amz-sdk-checksum-algorithm has to agree with the checksum that is there.
Result<> CheckSdkAlgorithm(const S3Request& request, std::optional<ChecksumAlgorithm> given) {
    const auto header = request.Header("x-amz-sdk-checksum-algorithm");
    if (!header) return Ok();
    TRY(const ChecksumAlgorithm announced, ParseChecksumAlgorithm(*header));
    if (!given) {
        return InvalidRequest(
            "x-amz-sdk-checksum-algorithm specified, but no corresponding "
            "x-amz-checksum-* or x-amz-trailer headers were found.");
    }
    if (*given != announced) {
        return InvalidRequest("Value for x-amz-sdk-checksum-algorithm header is invalid.");
    }
    return Ok();
}

Result<std::string> TrailerValue(const ChunkedBody& body, ChecksumAlgorithm algorithm) {
    const auto value = body.Trailer(codec::ChecksumHeader(algorithm));
    if (!value) {
        return Error(
            ErrorKind::kInvalid, "MalformedTrailerError",
            "The request contained trailing data that was not well-formed or did not conform "
            "to our published schema.");
    }
    return ParseChecksumValue(algorithm, *value);
}

// What the services check of a stream, for a document that is held as a whole.
Result<> CheckDocument(const service::ExpectedContent& expected, const std::string& document) {
    const ByteView bytes = AsBytes(document);
    if (expected.size_bytes && *expected.size_bytes != document.size()) {
        return Error(ErrorKind::kClosed, "IncompleteBody",
                     "the body is not as long as it was said to be");
    }
    if (expected.md5 && *expected.md5 != codec::Md5(bytes)) {
        return Error(ErrorKind::kInvalid, "BadDigest",
                     "The Content-MD5 you specified did not match what we received.");
    }
    if (expected.sha256 && *expected.sha256 != codec::Sha256(bytes)) {
        return Error(
            ErrorKind::kInvalid, "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.");
    }
    if (expected.checksum && expected.checksum_value) {
        TRY(const std::string value, expected.checksum_value());
        const auto hasher = codec::NewHasher(*expected.checksum);
        hasher->Update(bytes);
        if (hasher->Finish() != value) return WrongChecksum(*expected.checksum);
    }
    return Ok();
}

}  // namespace

Result<std::string> ParseChecksumValue(ChecksumAlgorithm algorithm, std::string_view base64) {
    std::string raw(codec::ChecksumSize(algorithm), '\0');
    if (!codec::Base64Decode(base64, std::as_writable_bytes(std::span(raw))))
        return WrongChecksum(algorithm);
    return raw;
}

Result<ChecksumAlgorithm> ParseChecksumAlgorithm(std::string_view name) {
    if (const auto algorithm = codec::ParseChecksumName(name)) return *algorithm;
    return InvalidRequest(
        "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
        "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
}

Result<std::optional<service::Checksum>> ParseChecksumHeaders(const S3Request& request) {
    std::optional<service::Checksum> found;
    for (const ChecksumAlgorithm algorithm : kAlgorithms) {
        const auto value = request.Header(codec::ChecksumHeader(algorithm));
        if (!value) continue;
        if (found) return SeveralChecksums();
        TRY(std::string raw, ParseChecksumValue(algorithm, *value));
        found = service::Checksum{algorithm, service::ChecksumType::kFullObject, std::move(raw)};
    }
    return found;
}

Result<Content> Content::Open(const Call& call, Checksums checksums) {
    Content content;
    service::ExpectedContent& expected = content.expected_;
    const service::Payload& payload = call.identity.payload;
    TRY(expected.size_bytes, ContentLength(call, payload.chunked.has_value()));
    TRY(expected.md5, ContentMd5(call.request));
    expected.sha256 = payload.sha256;
    content.plain_ = &call.body;
    if (payload.chunked) {
        content.decoded_ =
            std::make_unique<ChunkedBody>(call.body, *payload.chunked, expected.size_bytes);
    } else if (!expected.size_bytes) {
        content.limited_ = std::make_unique<LimitedBody>(call.body, kMaxPutBytes);
    }
    if (checksums == Checksums::kOfBody) {
        TRY(content.ParseChecksums(call));
    }
    return content;
}

Result<> Content::ParseChecksums(const Call& call) {
    TRY(const auto header, ParseChecksumHeaders(call.request));
    TRY(const auto trailer, TrailerAlgorithm(call));
    if (header && trailer) return SeveralChecksums();
    if (header) {
        expected_.checksum = header->algorithm;
        expected_.checksum_value = [raw = header->raw]() -> Result<std::string> { return raw; };
    }
    if (trailer) {
        expected_.checksum = trailer;
        expected_.checksum_value = [body = decoded_.get(), algorithm = *trailer] {
            return TrailerValue(*body, algorithm);
        };
    }
    return CheckSdkAlgorithm(call.request, expected_.checksum);
}

ByteSource& Content::source() const {
    if (decoded_) return *decoded_;
    if (limited_) return *limited_;
    return *plain_;
}

Task<Result<std::string>> Content::ReadDocument(size_t limit_bytes) {
    auto document = co_await runtime::ReadAll(source(), limit_bytes);
    if (!document && document.error().kind() == ErrorKind::kTooLarge) {
        co_return Error(ErrorKind::kInvalid, "MaxMessageLengthExceeded",
                        "Your request was too large.");
    }
    if (document) {
        CO_TRY(CheckDocument(expected_, document.value()));
    }
    co_return document;
}

Task<Result<std::string>> ReadDocument(Call& call, size_t limit_bytes) {
    CO_TRY(auto content, Content::Open(call));
    co_return co_await content.ReadDocument(limit_bytes);
}

}  // namespace coffer::api::s3
