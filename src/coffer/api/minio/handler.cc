#include "coffer/api/minio/handler.h"

#include <array>
#include <optional>
#include <set>
#include <utility>

#include "coffer/api/global_values.h"
#include "coffer/api/minio/admin/handler.h"
#include "coffer/api/minio/errors.h"
#include "coffer/api/minio/health.h"
#include "coffer/api/minio/metrics_auth.h"
#include "coffer/api/minio/usage_metrics.h"
#include "coffer/codec/uri.h"
#include "coffer/service/usage.h"

namespace coffer::api::minio {
namespace {

using runtime::Exposition;

constexpr std::string_view kPrefix = "/minio/";

// What each path shows, by how the names begin.
struct MetricsPage {
    std::string_view path;
    std::array<std::string_view, 7> prefixes;  // empty ones are none
};

constexpr MetricsPage kPages[] = {
    {"/minio/v2/metrics/cluster",
     {"minio_cluster_", "minio_s3_", "minio_node_", "minio_usage_", "minio_heal_",
      "minio_software_", "minio_notify_"}},
    {"/minio/v2/metrics/node",
     {"minio_node_", "minio_s3_", "minio_cluster_nodes_", "minio_software_", "coffer_"}},
    {"/minio/v2/metrics/bucket", {"minio_bucket_"}},
    {"/minio/v2/metrics/resource", {"minio_node_drive_", "minio_node_mem_", "minio_node_cpu_"}},
    {"/minio/prometheus/metrics", {"minio_", "coffer_"}},
};
constexpr MetricsPage kEverything = {"/metrics", {"minio_", "coffer_"}};

const MetricsPage* FindPage(std::string_view path) {
    for (const MetricsPage& page : kPages)
        if (page.path == path) return &page;
    return nullptr;
}

bool Shows(const MetricsPage& page, std::string_view name) {
    // Figures of the machine and its files are the resource page's; the cluster page is asked
    // often.
    if (page.path == "/minio/v2/metrics/cluster" &&
        (name.starts_with("minio_node_drive_") || name.starts_with("minio_node_mem_") ||
         name.starts_with("minio_node_cpu_")))
        return false;
    for (const std::string_view prefix : page.prefixes)
        if (!prefix.empty() && name.starts_with(prefix)) return true;
    return false;
}

class MinioHandler final : public http::Handler {
  public:
    MinioHandler(MinioDependencies dependencies, bool second_port)
        : deps_(std::move(dependencies)), second_port_(second_port) {}

    Task<http::Response> Handle(http::Request& request) override {
        const std::string path(codec::SplitTarget(request.target).path);
        if (path.starts_with(kHealthPrefix)) co_return co_await AnswerHealth(deps_.core, request);
        const MetricsPage* page = FindPage(path);
        if (second_port_ && path == kEverything.path) page = &kEverything;
        if (page != nullptr) co_return co_await AnswerMetrics(*page, request);
        if (!second_port_ && path.starts_with(kAdminPrefix))
            co_return co_await deps_.admin.Handle(request);
        if (second_port_)
            co_return Problem(404,
                              "There is no console yet. This port serves /minio/health/live, "
                              "/minio/health/ready, /minio/v2/metrics/cluster and /metrics; S3 is "
                              "on the other port.");
        co_return NotOffered(path, request);
    }

  private:
    static http::Response NotOffered(std::string_view path, const http::Request& request) {
        if (path.starts_with("/minio/kms/"))
            return JsonError(501, "NotImplemented",
                             "MinIO's API for its key server is not offered.", request);
        if (path.starts_with("/minio/metrics/v3"))
            return JsonError(501, "NotImplemented",
                             "Metrics version 3 are not offered; /minio/v2/metrics/cluster is.",
                             request);
        return XmlError(404, "NoSuchKey", "Nothing is served below /minio/ but health and metrics.",
                        request);
    }

    Task<Result<>> AdmitToMetrics(const http::Request& request) {
        const Timestamp now = deps_.core.clock.Now();
        service::Identity identity;
        CO_TRY(identity.actor, co_await CheckMetricsToken(request.headers, deps_.credentials, now));
        GlobalValues values(request, identity, "", now);
        co_return co_await deps_.access.Check(*identity.actor, {.action = "admin:Prometheus"},
                                              values);
    }

    // The parameter is a reference to static data, which outlives every coroutine.
    Task<http::Response> AnswerMetrics(const MetricsPage& shown, http::Request& request) {
        if (request.method != "GET" && request.method != "HEAD")
            co_return JsonError(405, "MethodNotAllowed", "Metrics are read with GET.", request);
        if (!deps_.options.metrics_public) {
            const Result<> allowed = co_await AdmitToMetrics(request);
            if (!allowed && allowed.error().kind() == ErrorKind::kUnauthenticated)
                co_return JsonError(403, "AccessDenied", allowed.error().message(), request);
            if (!allowed && allowed.error().kind() == ErrorKind::kDenied)
                co_return JsonError(403, "AccessDenied", "Access Denied.", request);
            if (!allowed)
                co_return JsonError(503, "SlowDown", "The token can't be checked now.", request);
        }
        auto usage = co_await service::ReadUsage(deps_.core);
        if (!usage) co_return JsonError(503, "SlowDown", usage.error().message(), request);

        Exposition page([&shown](std::string_view name) { return Shows(shown, name); },
                        {{"server", deps_.options.server()}});
        deps_.registry.Collect(page);
        CollectUsage(page, usage.value());
        std::set<std::string> existing;
        for (const service::BucketUsage& bucket : usage.value())
            existing.insert(bucket.bucket);
        deps_.requests.CollectBuckets(page, existing);

        http::Response response;
        response.headers.Add("Content-Type", Exposition::kContentType);
        std::string text = page.Render();
        if (request.method == "HEAD")
            response.content_length = text.size();
        else
            response.body = std::move(text);
        co_return response;
    }

    const MinioDependencies deps_;
    const bool second_port_;
};

}  // namespace

bool IsMinioPath(std::string_view path) {
    return path.starts_with(kPrefix) && path.size() > kPrefix.size();
}

std::unique_ptr<http::Handler> NewMinioHandler(MinioDependencies dependencies) {
    return std::make_unique<MinioHandler>(std::move(dependencies), false);
}

std::unique_ptr<http::Handler> NewSecondPortHandler(MinioDependencies dependencies) {
    return std::make_unique<MinioHandler>(std::move(dependencies), true);
}

}  // namespace coffer::api::minio
