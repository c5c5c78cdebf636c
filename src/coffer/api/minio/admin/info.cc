// mc admin info: what the server is, how long it has been up, what it holds and what its disk has.
#include "coffer/api/minio/admin/call.h"
#include "coffer/service/usage.h"

namespace coffer::api::minio {
namespace {

using codec::JsonValue;

JsonValue Count(int64_t count) {
    return JsonValue(JsonValue::Object{{"count", count}});
}

// The one drive, in no set of drives: there is no erasure coding here.
JsonValue DescribeDrive(const AdminServer& server) {
    JsonValue::Object drive{{"endpoint", server.data_directory},
                            {"path", server.data_directory},
                            {"pool_index", int64_t{-1}},
                            {"set_index", int64_t{-1}},
                            {"disk_index", int64_t{-1}}};
    const Result<os::Space> space = server.files.GetSpace(server.data_directory);
    drive.push_back({"state", space ? "ok" : "offline"});
    if (space) {
        const auto total = static_cast<int64_t>(space.value().total_bytes);
        const auto free = static_cast<int64_t>(space.value().free_bytes);
        drive.push_back({"totalspace", total});
        drive.push_back({"usedspace", total - free});
        drive.push_back({"availspace", free});
    }
    return JsonValue(std::move(drive));
}

JsonValue DescribeServer(const AdminServer& server, Timestamp now) {
    const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(now - server.started);
    return JsonValue(
        JsonValue::Object{{"state", "online"},
                          {"endpoint", server.address()},
                          {"uptime", int64_t{uptime.count()}},
                          {"version", server.version},
                          {"drives", JsonValue(JsonValue::Array{DescribeDrive(server)})}});
}

}  // namespace

Task<Result<AdminReply>> GetServerInfo(const AdminCall& call) {
    CO_TRY(co_await call.Authorize("admin:ServerInfo"));
    CO_TRY(const auto usage, co_await service::ReadUsage(call.dependencies.core));
    int64_t versions = 0;
    int64_t markers = 0;
    int64_t bytes = 0;
    for (const service::BucketUsage& bucket : usage) {
        versions += bucket.versions;
        markers += bucket.delete_markers;
        bytes += bucket.bytes;
    }
    const JsonValue told(JsonValue::Object{
        {"mode", "online"},
        {"region", call.dependencies.authenticate.region},
        {"buckets", Count(static_cast<int64_t>(usage.size()))},
        // As in the metrics: what there is, each version for itself.
        {"objects", Count(versions)},
        {"versions", Count(versions)},
        {"deletemarkers", Count(markers)},
        {"usage", JsonValue(JsonValue::Object{{"size", bytes}})},
        {"backend", JsonValue(JsonValue::Object{{"backendType", "FS"}})},
        {"servers", JsonValue(JsonValue::Array{DescribeServer(call.dependencies.server,
                                                              call.dependencies.clock.Now())})}});
    co_return AdminReply{.text = codec::WriteJson(told)};
}

}  // namespace coffer::api::minio
