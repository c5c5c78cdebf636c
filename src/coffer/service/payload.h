// What a request's headers say of its body's coding and signature.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "coffer/http/message.h"
#include "coffer/service/authenticate.h"

namespace coffer::service {

// What the signature of the first chunk goes on from: the request's own, made with SigV4 by header.
struct ChunkSeed {
    codec::Sha256Digest signing_key{};
    std::string timestamp;
    std::string scope;
    std::string signature;
};

// `declared`: the value of x-amz-content-sha256, by header or query. `seed`: null where the request
// is not signed in a way that chunk signatures could go on from.
// Errors: "InvalidArgument", "InvalidRequest", "MissingContentLength", "NotImplemented".
Result<Payload> DescribePayload(const http::Headers& headers,
                                std::optional<std::string_view> declared, const ChunkSeed* seed);

}  // namespace coffer::service
