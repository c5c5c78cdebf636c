#include "coffer/app/s3_port.h"

#include <algorithm>
#include <string_view>

#include "coffer/api/minio/handler.h"
#include "coffer/codec/ascii.h"
#include "coffer/codec/uri.h"

namespace coffer::app {

S3Port::S3Port(http::Handler& s3, http::Handler& minio, http::Handler& iam,
               std::vector<std::string> domains)
    : s3_(s3), minio_(minio), iam_(iam), domains_(std::move(domains)) {}

Task<http::Response> S3Port::Handle(http::Request& request) {
    const std::string_view path = codec::SplitTarget(request.target).path;
    const bool minio = api::minio::IsMinioPath(path);
    const bool iam = path == "/" && request.method == "POST";
    if ((!minio && !iam) || NamesBucketByHost(request)) return s3_.Handle(request);
    return (minio ? minio_ : iam_).Handle(request);
}

bool S3Port::NamesBucketByHost(const http::Request& request) const {
    std::string_view host = request.headers.GetOr("Host", "");
    host = host.substr(0, host.find(':'));
    return std::ranges::any_of(domains_, [&](const std::string& domain) {
        return host.size() > domain.size() + 1 && host[host.size() - domain.size() - 1] == '.' &&
               codec::EqualsIgnoringCase(host.substr(host.size() - domain.size()), domain);
    });
}

}  // namespace coffer::app
