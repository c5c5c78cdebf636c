#include "bench/loader/signer.h"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "coffer/codec/date.h"
#include "coffer/codec/uri.h"

namespace coffer::bench {
namespace {

codec::SigV4Credential MakeCredential(std::string access_key, std::string_view timestamp,
                                      std::string_view region) {
    return {std::move(access_key), std::string(timestamp.substr(0, 8)), std::string(region)};
}

}  // namespace

RequestSigner::RequestSigner(std::string host, std::string access_key, std::string_view secret_key,
                             std::string_view region, SignaturePlace place)
    : host_(std::move(host)),
      place_(place),
      timestamp_(codec::FormatBasicDate(SystemClock().Now())),
      credential_(MakeCredential(std::move(access_key), timestamp_, region)),
      key_(codec::SigV4SigningKey(secret_key, credential_)) {}

std::string RequestSigner::Head(std::string_view method, std::string_view path,
                                std::string_view query, std::string_view payload,
                                size_t content_length) const {
    std::string target_query(query);
    if (place_ == SignaturePlace::kQuery) {
        payload = kUnsignedPayload;
        fmt::format_to(std::back_inserter(target_query),
                       "{}X-Amz-Algorithm={}&X-Amz-Credential={}&X-Amz-Date={}&X-Amz-Expires=3600"
                       "&X-Amz-SignedHeaders=host",
                       query.empty() ? "" : "&", codec::kSigV4Algorithm,
                       codec::PercentEncode(credential_.access_key + "/" + credential_.Scope()),
                       timestamp_);
    }
    const std::array<codec::HeaderField, 3> headers = {
        {{"host", host_}, {"x-amz-content-sha256", payload}, {"x-amz-date", timestamp_}}};
    std::vector<std::string> signed_headers = {"host"};
    if (place_ == SignaturePlace::kHeader) {
        signed_headers.insert(signed_headers.end(), {"x-amz-content-sha256", "x-amz-date"});
    }
    const std::string canonical =
        codec::SigV4CanonicalRequest(method, path, codec::Query::Parse(target_query).value(),
                                     headers, signed_headers, payload)
            .value();
    const std::string signature =
        codec::SigV4Sign(key_, codec::SigV4StringToSign(timestamp_, credential_, canonical));

    std::string head;
    auto out = std::back_inserter(head);
    if (place_ == SignaturePlace::kQuery) {
        fmt::format_to(out, "{} {}?{}&X-Amz-Signature={} HTTP/1.1\r\nHost: {}\r\n", method, path,
                       target_query, signature, host_);
    } else {
        fmt::format_to(out,
                       "{} {}{}{} HTTP/1.1\r\nHost: {}\r\nx-amz-content-sha256: {}\r\nx-amz-date: "
                       "{}\r\nAuthorization: {} Credential={}/{}, "
                       "SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={}\r\n",
                       method, path, query.empty() ? "" : "?", query, host_, payload, timestamp_,
                       codec::kSigV4Algorithm, credential_.access_key, credential_.Scope(),
                       signature);
    }
    if (content_length > 0 || method == "PUT" || method == "POST") {
        fmt::format_to(out, "Content-Length: {}\r\n", content_length);
    }
    return head += "\r\n";
}

}  // namespace coffer::bench
