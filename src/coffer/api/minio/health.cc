#include "coffer/api/minio/health.h"

#include <string>

#include "coffer/api/minio/errors.h"
#include "coffer/base/log.h"
#include "coffer/codec/uri.h"
#include "coffer/service/buckets.h"

namespace coffer::api::minio {
namespace {

// One indexed row: enough to know that the catalogue's file can still be read.
Task<Result<>> ReadSomething(service::Core& core) {
    service::Buckets buckets(core);
    auto found = co_await buckets.List({.limit = 1});
    if (!found) co_return found.error();
    co_return Ok();
}

}  // namespace

Task<http::Response> AnswerHealth(service::Core& core, http::Request& request) {
    const codec::Target target = codec::SplitTarget(request.target);
    const std::string_view what = target.path.substr(kHealthPrefix.size());
    const bool cluster = what == "cluster" || what == "cluster/read";
    if (!cluster && what != "live" && what != "ready")
        co_return XmlError(404, "NoSuchKey", "There is no such health check", request);
    if (request.method != "GET" && request.method != "HEAD")
        co_return XmlError(405, "MethodNotAllowed", "A health check is asked with GET or HEAD",
                           request);
    http::Response response;
    if (what == "live") co_return response;

    const Result<> readable = co_await ReadSomething(core);
    if (!readable) {
        Log(LogLevel::kError, "not ready: the catalogue can't be read",
            {{"error", readable.error().message()}});
        response.status = 503;
        response.headers.Add("x-minio-server-status", "offline");
        co_return response;
    }
    if (!cluster) co_return response;

    response.headers.Add(what == "cluster" ? "x-minio-write-quorum" : "x-minio-read-quorum", "1");
    response.headers.Add("x-minio-storage-class-defaults", "false");
    const auto query = codec::Query::Parse(target.query.value_or(""));
    if (query && query.value().Get("maintenance") == "true") response.status = 412;
    co_return response;
}

}  // namespace coffer::api::minio
