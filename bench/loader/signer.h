// Request heads, signed with Signature Version 4 before the clock runs.
//
// Each head is complete down to its empty line. By header the signature covers host, date and the
// payload's digest, as SDKs sign over plain HTTP; by query it is a presigned link of an hour. The
// date is that of construction: servers take it for fifteen minutes. Used by one thread.
#pragma once

#include <string>
#include <string_view>

#include "coffer/codec/sigv4.h"

namespace coffer::bench {

enum class SignaturePlace { kHeader, kQuery };

class RequestSigner {
  public:
    // `host`: as it stands in the Host header.
    RequestSigner(std::string host, std::string access_key, std::string_view secret_key,
                  std::string_view region, SignaturePlace place);

    // `path` and `query` as they go over the wire, encoded; the query without '?'. `payload`: the
    // body's SHA-256 in hex, or "UNSIGNED-PAYLOAD", which links always have. Content-Length is
    // left out of requests without a body that are no PUT or POST.
    std::string Head(std::string_view method, std::string_view path, std::string_view query,
                     std::string_view payload, size_t content_length) const;

  private:
    const std::string host_;
    const SignaturePlace place_;
    const std::string timestamp_;
    codec::SigV4Credential credential_;
    codec::Sha256Digest key_;
};

inline constexpr std::string_view kEmptySha256 =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

}  // namespace coffer::bench
