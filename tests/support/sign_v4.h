// Signs requests as clients do, by Signature Version 4 for the region us-east-1.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

#include "coffer/base/clock.h"
#include "coffer/codec/ascii.h"
#include "coffer/codec/date.h"
#include "coffer/codec/sigv4.h"
#include "coffer/codec/uri.h"
#include "coffer/http/message.h"

namespace coffer::testing {

struct Signer {
    std::string access_key;
    std::string secret_key;
    std::string token = {};  // of a session
    std::string service = "s3";
};

namespace sign_v4 {

inline codec::SigV4Credential CredentialOf(const Signer& signer, const std::string& date) {
    return {signer.access_key, date.substr(0, 8), "us-east-1", signer.service};
}

// Of the host, the content's type, and all that is Amazon's or MinIO's.
inline std::vector<std::string> SignedNames(const http::Request& request) {
    std::vector<std::string> names;
    for (const http::Header& header : request.headers) {
        const std::string name = codec::ToLower(header.name);
        if (name == "host" || name == "content-type" || name.starts_with("x-amz-") ||
            name.starts_with("x-minio-"))
            names.push_back(name);
    }
    std::ranges::sort(names);
    return names;
}

inline std::string Signature(const http::Request& request, const Signer& signer,
                             const std::string& date, const std::vector<std::string>& names,
                             const std::string& payload_digest) {
    std::vector<codec::HeaderField> fields;
    for (const http::Header& header : request.headers)
        fields.push_back({header.name, header.value});
    const codec::Target target = codec::SplitTarget(request.target);
    const codec::SigV4Credential credential = CredentialOf(signer, date);
    const auto canonical = codec::SigV4CanonicalRequest(
        request.method, target.path, codec::Query::Parse(target.query.value_or("")).value(), fields,
        names, payload_digest);
    return codec::SigV4Sign(codec::SigV4SigningKey(signer.secret_key, credential),
                            codec::SigV4StringToSign(date, credential, canonical.value()));
}

}  // namespace sign_v4

// By its headers. `payload_digest`: as the signature has it; whether a header says it, too, is the
// caller's to decide.
inline void SignV4(http::Request& request, const Signer& signer, Timestamp now,
                   const std::string& payload_digest) {
    const std::string date = codec::FormatBasicDate(now);
    request.headers.Set("x-amz-date", date);
    if (!signer.token.empty()) request.headers.Set("x-amz-security-token", signer.token);
    const std::vector<std::string> names = sign_v4::SignedNames(request);
    request.headers.Set(
        "Authorization",
        fmt::format("AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}",
                    signer.access_key, sign_v4::CredentialOf(signer, date).Scope(),
                    fmt::join(names, ";"),
                    sign_v4::Signature(request, signer, date, names, payload_digest)));
}

// As a link that is good for a minute; its payload is not signed.
inline void PresignV4(http::Request& request, const Signer& signer, Timestamp now) {
    const std::string date = codec::FormatBasicDate(now);
    const std::vector<std::string> names = sign_v4::SignedNames(request);
    const auto append = [&](const std::string& parameters) {
        request.target += (request.target.find('?') == std::string::npos ? "?" : "&") + parameters;
    };
    append(fmt::format(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}&X-Amz-Date={}&X-Amz-Expires=60"
        "&X-Amz-SignedHeaders={}",
        codec::PercentEncode(signer.access_key + "/" + sign_v4::CredentialOf(signer, date).Scope()),
        date, codec::PercentEncode(fmt::format("{}", fmt::join(names, ";")))));
    if (!signer.token.empty()) append("X-Amz-Security-Token=" + codec::PercentEncode(signer.token));
    append("X-Amz-Signature=" +
           sign_v4::Signature(request, signer, date, names, "UNSIGNED-PAYLOAD"));
}

}  // namespace coffer::testing
