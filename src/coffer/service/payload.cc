#include "coffer/service/payload.h"

#include <algorithm>

#include "coffer/codec/ascii.h"
#include "coffer/codec/hex.h"

namespace coffer::service {
namespace {

constexpr std::string_view kUnsigned = "UNSIGNED-PAYLOAD";
constexpr std::string_view kSignedChunks = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
constexpr std::string_view kSignedChunksTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
constexpr std::string_view kUnsignedChunksTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
constexpr std::string_view kEcdsaChunks = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD";

// The values of a header that is a list (RFC 9110, 5.6.1), in lower case.
std::vector<std::string> ListOf(const http::Headers& headers, std::string_view name) {
    std::vector<std::string> values;
    for (const http::Header& header : headers) {
        if (!codec::EqualsIgnoringCase(header.name, name)) continue;
        for (const std::string_view part : codec::Split(header.value, ',')) {
            const std::string_view value = codec::TrimSpaces(part);
            if (!value.empty()) values.push_back(codec::ToLower(value));
        }
    }
    return values;
}

// Clients that sign in another way than SigV4 by header say only so that they send chunks.
bool SaysChunked(const http::Headers& headers) {
    const bool has_length = headers.Has("x-amz-decoded-content-length");
    if (!has_length && !headers.Has("x-amz-trailer")) return false;
    const auto codings = ListOf(headers, "content-encoding");
    return std::ranges::find(codings, "aws-chunked") != codings.end();
}

Result<Payload> Chunked(const http::Headers& headers, bool has_trailer, const ChunkSeed* seed) {
    if (!headers.Has("x-amz-decoded-content-length")) {
        return Error(ErrorKind::kInvalid, "MissingContentLength",
                     "A body in aws-chunked coding needs x-amz-decoded-content-length.");
    }
    Payload payload;
    payload.kind = Payload::Kind::kChunked;
    codec::AwsChunkedOptions& options = payload.chunked.emplace();
    options.trailer = has_trailer;
    if (has_trailer) options.trailer_names = ListOf(headers, "x-amz-trailer");
    if (seed != nullptr) {
        options.signed_chunks = true;
        options.signing_key = seed->signing_key;
        options.timestamp = seed->timestamp;
        options.scope = seed->scope;
        options.seed_signature = seed->signature;
    }
    return payload;
}

}  // namespace

Result<Payload> DescribePayload(const http::Headers& headers,
                                std::optional<std::string_view> declared, const ChunkSeed* seed) {
    if (!declared || *declared == kUnsigned) {
        if (SaysChunked(headers)) return Chunked(headers, headers.Has("x-amz-trailer"), nullptr);
        return Payload();
    }
    if (*declared == kSignedChunks || *declared == kSignedChunksTrailer) {
        if (seed == nullptr) {
            return Error(ErrorKind::kInvalid, "InvalidRequest",
                         "Signed chunks need a request that is signed with AWS4-HMAC-SHA256 in its "
                         "Authorization header.");
        }
        return Chunked(headers, *declared == kSignedChunksTrailer, seed);
    }
    if (*declared == kUnsignedChunksTrailer) return Chunked(headers, true, nullptr);
    if (declared->starts_with(kEcdsaChunks)) {
        return Error(ErrorKind::kUnsupported, "NotImplemented",
                     "Chunks signed with AWS4-ECDSA-P256-SHA256 are not supported. Please use "
                     "STREAMING-AWS4-HMAC-SHA256-PAYLOAD.");
    }
    Payload payload;
    payload.kind = Payload::Kind::kDigest;
    if (!codec::FromHex(*declared, payload.sha256.emplace())) {
        return Error(ErrorKind::kInvalid, "InvalidArgument",
                     "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, "
                     "STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, "
                     "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.");
    }
    return payload;
}

}  // namespace coffer::service
