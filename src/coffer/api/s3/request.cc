#include "coffer/api/s3/request.h"

#include <algorithm>
#include <array>

#include "coffer/base/check.h"
#include "coffer/codec/ascii.h"

namespace coffer::api::s3 {
namespace {

// The host name of a Host header, in lower case and without its port.
std::string HostName(std::string_view host) {
    const size_t bracket = host.find(']');  // [::1]:9000
    const size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
    return codec::ToLower(host.substr(0, colon));
}

// What stands before ".<domain>" in `host`; empty where it is the domain itself, or none of them.
std::string BucketOfHost(std::string_view host, std::span<const std::string> domains) {
    if (domains.empty()) return {};
    const std::string name = HostName(host);
    for (const std::string& domain : domains) {
        const std::string suffix = "." + codec::ToLower(domain);
        if (name.size() > suffix.size() && name.ends_with(suffix)) {
            return name.substr(0, name.size() - suffix.size());
        }
    }
    return {};
}

bool IsAmzName(std::string_view name) {
    return name.starts_with("x-amz-");
}

}  // namespace

bool IsSignatureParameter(std::string_view name) {
    static constexpr auto kNames = std::to_array<std::string_view>(
        {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
         "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Security-Token", "AWSAccessKeyId",
         "Signature", "Expires"});
    return std::ranges::find(kNames, name) != kNames.end();
}

Result<S3Request> S3Request::Parse(const http::Request& request,
                                   std::span<const std::string> domains) {
    S3Request parsed(request);
    const codec::Target target = codec::SplitTarget(request.target);
    if (!target.path.starts_with('/')) {
        return Error(ErrorKind::kInvalid, "InvalidURI",
                     "the request's path does not begin with a slash");
    }
    if (target.query) {
        TRY(parsed.query_, codec::Query::Parse(*target.query));
    }

    std::string_view rest = target.path.substr(1);
    std::string bucket = BucketOfHost(request.headers.GetOr("host", ""), domains);
    parsed.virtual_host_ = !bucket.empty();
    if (!parsed.virtual_host_) {
        const size_t slash = std::min(rest.find('/'), rest.size());
        TRY(bucket, codec::PercentDecode(rest.substr(0, slash)));
        const bool has_slash = slash < rest.size();
        rest.remove_prefix(has_slash ? slash + 1 : slash);
        if (bucket.empty() && !has_slash) return parsed;
    }
    TRY(auto name, codec::BucketName::Parse(bucket));
    parsed.bucket_ = std::move(name);
    if (!rest.empty()) {
        TRY(const std::string bytes, codec::PercentDecode(rest));
        TRY(auto key, codec::ObjectKey::Parse(bytes));
        parsed.key_ = std::move(key);
    }
    return parsed;
}

Scope S3Request::scope() const {
    if (key_) return Scope::kObject;
    return bucket_ ? Scope::kBucket : Scope::kService;
}

const codec::BucketName& S3Request::bucket() const {
    COFFER_CHECK(bucket_);
    return *bucket_;
}

const codec::ObjectKey& S3Request::key() const {
    COFFER_CHECK(key_);
    return *key_;
}

std::string_view S3Request::virtual_bucket() const {
    return virtual_host_ ? std::string_view(bucket().text()) : std::string_view();
}

std::optional<std::string_view> S3Request::Header(std::string_view name) const {
    if (auto value = http_->headers.Get(name)) return value;
    if (!IsAmzName(name)) return std::nullopt;
    for (const codec::QueryParameter& parameter : query_.parameters()) {
        if (!IsSignatureParameter(parameter.name) &&
            codec::EqualsIgnoringCase(parameter.name, name)) {
            return parameter.value;
        }
    }
    return std::nullopt;
}

void S3Request::EachHeader(
    std::string_view prefix,
    const std::function<void(std::string_view, std::string_view)>& each) const {
    const auto matches = [&](std::string_view name) {
        return codec::EqualsIgnoringCase(name.substr(0, prefix.size()), prefix);
    };
    for (const http::Header& header : http_->headers) {
        if (matches(header.name)) each(codec::ToLower(header.name), header.value);
    }
    for (const codec::QueryParameter& parameter : query_.parameters()) {
        const std::string name = codec::ToLower(parameter.name);
        if (matches(name) && IsAmzName(name) && !IsSignatureParameter(parameter.name) &&
            !http_->headers.Has(name)) {
            each(name, parameter.value);
        }
    }
}

}  // namespace coffer::api::s3
