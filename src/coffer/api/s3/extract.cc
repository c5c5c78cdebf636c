#include "coffer/api/s3/extract.h"

#include <algorithm>
#include <utility>

#include "coffer/api/s3/authorize.h"
#include "coffer/api/s3/conditions.h"
#include "coffer/api/s3/encryption.h"
#include "coffer/api/s3/object_headers.h"
#include "coffer/api/s3/parameters.h"
#include "coffer/api/s3/reply.h"
#include "coffer/codec/ascii.h"
#include "coffer/service/zip_archive.h"

namespace coffer::api::s3 {
namespace {

constexpr std::string_view kSuffix = ".zip/";

// An archive says nothing of the types of its files, so that names have to.
struct Type {
    std::string_view suffix;
    std::string_view name;
};
constexpr Type kTypes[] = {
    {".css", "text/css"},        {".csv", "text/csv"},       {".gif", "image/gif"},
    {".htm", "text/html"},       {".html", "text/html"},     {".jpeg", "image/jpeg"},
    {".jpg", "image/jpeg"},      {".js", "text/javascript"}, {".json", "application/json"},
    {".pdf", "application/pdf"}, {".png", "image/png"},      {".svg", "image/svg+xml"},
    {".txt", "text/plain"},      {".webp", "image/webp"},    {".xml", "application/xml"},
};

std::string_view TypeOf(std::string_view name) {
    const std::string lower = codec::ToLower(name);
    for (const Type& type : kTypes)
        if (lower.ends_with(type.suffix)) return type.name;
    return "binary/octet-stream";
}

Task<Result<service::ZipArchive>> OpenArchive(const Call& call, service::GetRequest request) {
    const std::string key = request.key.bytes();
    CO_TRY(request.grounds,
           co_await JudgeObject(
               call, {.action = request.version_id ? "s3:GetObjectVersion" : "s3:GetObject",
                      .bucket = call.bucket().text(),
                      .key = key,
                      .version_id = request.version_id}));
    co_return co_await service::ZipArchive::Open(call.dependencies.objects, std::move(request));
}

}  // namespace

std::optional<ArchivePath> ParseArchivePath(const Call& call, std::string_view path) {
    if (!codec::EqualsIgnoringCase(call.request.Header("x-minio-extract").value_or(""), "true"))
        return std::nullopt;
    const size_t at = path.find(kSuffix);
    if (at == path.npos) return std::nullopt;
    auto archive = codec::ObjectKey::Parse(path.substr(0, at + kSuffix.size() - 1));
    if (!archive) return std::nullopt;
    return ArchivePath{std::move(archive).value(), std::string(path.substr(at + kSuffix.size()))};
}

Task<Reply> GetInArchive(Call& call, ArchivePath path, bool with_body) {
    service::GetRequest get{.bucket = call.bucket(), .key = path.archive};
    CO_TRY(get.version_id, ParseVersionId(call.request));
    get.conditions = ParseReadConditions(call.request);
    CO_TRY(get.customer_key, ParseCustomerKey(call));
    CO_TRY(auto archive, co_await OpenArchive(call, std::move(get)));
    CO_TRY(auto entry, co_await archive.Find(std::move(path.inner)));
    http::Response reply = EmptyReply(archive.not_modified() ? 304 : 200);
    service::VersionInfo info = archive.info();
    info.modified = entry.modified;
    WriteEntityHeaders(info, reply.headers);
    if (archive.not_modified()) co_return reply;
    reply.headers.Set("Content-Type", TypeOf(entry.name));
    reply.content_length = entry.size_bytes;
    if (with_body) {
        CO_TRY(reply.body, co_await archive.Read(std::move(entry)));
    }
    co_return reply;
}

Task<Result<service::ListResult>> ListArchive(Call& call, ArchivePath path,
                                              service::ListRequest request) {
    const std::string before = path.archive.bytes() + "/";
    CO_TRY(auto archive,
           co_await OpenArchive(call, {.bucket = request.bucket, .key = path.archive}));
    request.prefix = std::move(path.inner);
    if (request.after.starts_with(before)) {
        request.after.erase(0, before.size());
    } else if (request.after > before) {
        co_return service::ListResult();
    } else {
        request.after.clear();
    }
    CO_TRY(const auto bucket, co_await call.dependencies.buckets.Get(call.bucket()));
    CO_TRY(auto result, co_await archive.List(std::move(request)));
    result.bucket_owner = bucket.owner;
    const auto in_bucket = [&](std::string_view name) {
        return result.texts.Keep(before + std::string(name));
    };
    for (service::ListedVersion& object : result.objects)
        object.key = in_bucket(object.key);
    for (std::string_view& prefix : result.common_prefixes)
        prefix = in_bucket(prefix);
    result.last = in_bucket(result.last);
    co_return result;
}

}  // namespace coffer::api::s3
