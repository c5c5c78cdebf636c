#include "tests/fault/subject.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "coffer/catalog/blobs.h"
#include "coffer/catalog/events.h"
#include "coffer/codec/hex.h"
#include "coffer/codec/json.h"
#include "coffer/job/lifecycle.h"
#include "coffer/job/scrub_pass.h"
#include "coffer/service/sealed_stream.h"

#include "tests/support/catalogue_check.h"
#include "tests/support/run_task.h"

namespace coffer::testing {
namespace {

using service::ObjectKey;

constexpr size_t kMaxBytes = 64_MiB;

// There is no such webhook: its events stay.
constexpr std::string_view kModelTarget = "model";

const service::BucketName& Bucket() {
    static const auto name = service::BucketName::Parse("bucket").value();
    return name;
}

ObjectKey Key(uint32_t index) {
    return ObjectKey::Parse(KeyAt(index)).value();
}

std::string Told(const Error& error) {
    return error.code().empty() ? "error: " + error.ToString() : std::string(error.code());
}

template <class T, class Tell>
std::string Answer(const Result<T>& result, Tell tell) {
    return result ? tell(result.value()) : Told(result.error());
}

std::string TellEtag(const auto& result) {
    return "ok " + result.etag;
}

struct Got {
    std::string bytes;
    std::string etag;
};

Task<Result<Got>> Get(service::Core& core, service::GetRequest request) {
    service::Objects objects(core);
    CO_TRY(const service::GetResult result, co_await objects.Get(std::move(request)));
    CO_TRY(std::string bytes, co_await runtime::ReadAll(*result.body, kMaxBytes));
    if (bytes.size() != result.range.length)
        co_return Error(ErrorKind::kCorrupt, "a body is not as long as it said");
    co_return Got{std::move(bytes), result.info.etag};
}

std::string Get(Instance& instance, service::GetRequest request) {
    return Answer(RunTask(Get(instance.core(), std::move(request))),
                  [](const Got& got) { return "ok " + Summary(got.bytes, got.etag); });
}

std::optional<service::EncryptionRequest> EncryptionOf(const Operation& operation) {
    if (!IsEncrypted(operation)) return std::nullopt;
    return service::EncryptionRequest{.kind = service::EncryptionKind::kS3};
}

std::string Put(Instance& instance, const Operation& operation, const Content& content) {
    service::PutRequest request{Bucket(), Key(operation.a), {}, {}, {}};
    request.encryption = EncryptionOf(operation);
    if (operation.action == Action::kPutIfAbsent) request.conditions.if_none_match = "*";
    if (operation.action == Action::kPutIfMatch)
        request.conditions.if_match = ContentAt(operation.c).etag;
    runtime::StringSource source(*content.bytes);
    return Answer(RunTask(instance.objects().Put(std::move(request), source)),
                  TellEtag<service::PutResult>);
}

std::string DeleteMany(Instance& instance, const Operation& operation) {
    std::vector<service::DeleteRequest> requests;
    for (uint32_t i = 0; i < operation.b; ++i)
        requests.push_back({.bucket = Bucket(), .key = Key(operation.a + i)});
    const auto results = RunTask(instance.objects().DeleteMany(Bucket(), std::move(requests)));
    if (!results) return Told(results.error());
    for (const auto& result : results.value()) {
        if (!result) return Told(result.error());
    }
    return "ok";
}

std::string List(Instance& instance, const Operation& operation) {
    service::ListRequest request{.bucket = Bucket(),
                                 .prefix = std::string(PrefixAt(operation.a)),
                                 .delimiter = std::string(DelimiterAt(operation.b)),
                                 .after = "",
                                 .limit = PageAt(operation.c)};
    std::vector<std::string> keys;
    std::vector<std::string> prefixes;
    for (;;) {
        const auto page = RunTask(instance.objects().List(request));
        if (!page) return Told(page.error());
        for (const service::ListedVersion& object : page.value().objects)
            keys.emplace_back(object.key);
        for (const std::string_view prefix : page.value().common_prefixes)
            prefixes.emplace_back(prefix);
        if (!page.value().truncated) return ListingLine(keys, prefixes);
        request.after = page.value().last;
    }
}

std::string Copy(Instance& instance, const Operation& operation) {
    service::CopyRequest request{.source = {.bucket = Bucket(), .key = Key(operation.a)},
                                 .bucket = Bucket(),
                                 .key = Key(operation.b)};
    if (operation.c % 2 == 1) request.replace_headers = service::ObjectHeaders();
    const auto head = RunTask(
        instance.objects().Get({.bucket = Bucket(), .key = Key(operation.a), .with_body = false}));
    if (!head && head.error().code().empty()) return Told(head.error());
    // Encrypted anew, an object of parts becomes one of a single part, and gets another ETag; and
    // asking for encryption makes a copy onto itself legal that else changes nothing.
    const bool has_parts = head && head.value().info.parts_count > 0;
    if (!has_parts) request.encryption = EncryptionOf(operation);
    if (has_parts && head.value().info.encryption)
        request.encryption = service::EncryptionRequest{.kind = service::EncryptionKind::kS3};
    if (request.source.key == request.key && !request.replace_headers) request.encryption.reset();
    return Answer(RunTask(instance.objects().Copy(std::move(request))),
                  TellEtag<service::CopyResult>);
}

std::string CreateUpload(Instance& instance, const Operation& operation, UploadIds& uploads) {
    service::CreateUploadRequest request{
        .bucket = Bucket(), .key = Key(operation.a), .headers = {}};
    request.encryption = EncryptionOf(operation);
    const auto made = RunTask(instance.uploads().Create(std::move(request)));
    if (!made) return Told(made.error());
    uploads.push_back(made.value().upload_id);
    return "ok";
}

std::string PutPart(Instance& instance, const Operation& operation, const service::UploadId& id) {
    runtime::StringSource source(*ContentAt(operation.c).bytes);
    return Answer(RunTask(instance.uploads().PutPart(
                      {.upload = id, .part_number = PartAt(operation.b), .content = {}}, source)),
                  TellEtag<service::PartInfo>);
}

std::string CopyPart(Instance& instance, const Operation& operation, const service::UploadId& id) {
    const auto head = RunTask(
        instance.objects().Get({.bucket = Bucket(), .key = Key(operation.c), .with_body = false}));
    if (!head && head.error().code().empty()) return Told(head.error());
    service::CopyPartRequest request{.upload = id,
                                     .part_number = PartAt(operation.b),
                                     .source = {.bucket = Bucket(), .key = Key(operation.c)},
                                     .source_conditions = {}};
    if (operation.d % 2 == 1 && head && head.value().info.size_bytes > 1)
        request.range = store::ByteRange{1, head.value().info.size_bytes - 1};
    return Answer(RunTask(instance.uploads().CopyPart(std::move(request))),
                  [](const service::CopyPartResult& copied) { return TellEtag(copied.part); });
}

std::string Complete(Instance& instance, const Operation& operation, const service::UploadId& id,
                     const Model::Upload& upload) {
    std::map<int, Content> selected = upload.parts;
    selected.erase(PartAt(operation.b));
    if (selected.empty()) selected = upload.parts;
    service::CompleteUploadRequest request{.upload = id, .conditions = {}};
    for (const auto& [number, part] : selected)
        request.parts.push_back({number, part.etag, {}});
    return Answer(RunTask(instance.uploads().Complete(std::move(request))),
                  TellEtag<service::PutResult>);
}

std::string DoWithUpload(Instance& instance, const Operation& operation, const Model& before,
                         const UploadIds& uploads) {
    const Model::Upload* upload = before.UploadAt(operation.a);
    if (upload == nullptr) return "NoSuchUpload";
    const service::UploadId id{Bucket(), ObjectKey::Parse(upload->key).value(),
                               uploads[operation.a % uploads.size()]};
    switch (operation.action) {
        case Action::kPutPart:
            return PutPart(instance, operation, id);
        case Action::kCopyPart:
            return CopyPart(instance, operation, id);
        case Action::kComplete:
            return Complete(instance, operation, id, *upload);
        default: {
            const auto aborted = RunTask(instance.uploads().Abort(id));
            return aborted ? "ok" : Told(aborted.error());
        }
    }
}

// Some days later; then it is now again, since a new start knows nothing of it.
std::string Expire(Instance& instance) {
    const Timestamp now = instance.clock.Now();
    instance.clock.Advance(std::chrono::days(3));
    job::Lifecycle lifecycle(instance.core());
    const auto counts = RunTask(lifecycle.RunOnce());
    instance.clock.Set(now);
    return Answer(counts, [](const auto&) { return "ok"; });
}

std::string DescribeObjects(Instance& instance) {
    std::string text;
    const auto page = RunTask(instance.objects().List({.bucket = Bucket()}));
    if (!page) return "list: " + page.error().ToString() + "\n";
    for (const service::ListedVersion& object : page.value().objects) {
        const std::string got =
            Get(instance, {.bucket = Bucket(), .key = ObjectKey::Parse(object.key).value()});
        text += fmt::format("object {}: {}\n", object.key,
                            got.starts_with("ok ") ? got.substr(3) : got);
    }
    return text;
}

std::string DescribeUploads(Instance& instance) {
    std::string text;
    const auto page = RunTask(instance.uploads().List({.bucket = Bucket()}));
    if (!page) return "list uploads: " + page.error().ToString() + "\n";
    for (const service::UploadInfo& upload : page.value().uploads) {
        text += fmt::format("upload of {}:", upload.key);
        const auto parts = RunTask(instance.uploads().ListParts(
            {Bucket(), ObjectKey::Parse(upload.key).value(), upload.upload_id}, 0, 1000));
        if (!parts) return "list parts: " + parts.error().ToString() + "\n";
        for (const service::PartInfo& part : parts.value().parts)
            text += fmt::format(" {}={}:{}", part.number, part.size_bytes, part.etag);
        text += "\n";
    }
    return text;
}

// A copy by the SHA-256 of its content; nothing for one of an empty content.
Task<Result<std::string>> NameOf(service::Core& core, store::ListedCopy listed) {
    CO_TRY(const auto blob, co_await core.database.Read(db::Cost::kPoint, [&](db::Transaction& tx) {
        return catalog::FindBlob(tx, listed.stat.sha256);
    }));
    const uint64_t size_bytes =
        blob && blob->seal ? codec::UnsealedSize(listed.stat.size_bytes) : listed.stat.size_bytes;
    if (size_bytes == 0) co_return "";
    if (!blob || !blob->seal) co_return codec::ToHex(listed.stat.sha256);
    CO_TRY(const auto key, core.encryptor.KeyOf(*blob->seal, std::nullopt));
    CO_TRY(const auto source,
           co_await service::OpenSealed(core.store, listed.key, listed.stat.size_bytes, key,
                                        {0, size_bytes}, core.buffers));
    CO_TRY(const std::string content, co_await runtime::ReadAll(*source, kMaxBytes));
    co_return codec::ToHex(codec::Sha256(AsBytes(content))) + " encrypted";
}

std::string DescribeStore(Instance& instance) {
    std::vector<std::string> blobs;
    const auto page = RunTask(instance.core().store.List("", 10'000));
    if (!page) return "list the store: " + page.error().ToString() + "\n";
    for (const store::ListedCopy& copy : page.value().copies) {
        const auto name = RunTask(NameOf(instance.core(), copy));
        if (!name) return "a copy: " + name.error().ToString() + "\n";
        if (!name.value().empty()) blobs.push_back(name.value());
    }
    std::ranges::sort(blobs);
    std::string text;
    for (const std::string& blob : blobs)
        text += fmt::format("blob {}\n", blob);
    return text;
}

// "Put <etag>", "Delete"
std::string EventLine(const catalog::Event& event) {
    std::string line = event.name.substr(event.name.rfind(':') + 1);
    const auto json = codec::ParseJson(event.document);
    if (!json) return line + " " + json.error().ToString();
    const codec::JsonValue* records = json.value().Find("Records");
    const codec::JsonValue* object = records->AsArray()->front().Find("s3")->Find("object");
    const codec::JsonValue* etag = object->Find("eTag");
    return etag == nullptr ? line : line + " " + *etag->AsString();
}

std::string DescribeEvents(Instance& instance) {
    std::map<std::string, std::vector<std::string>> events;
    const Result<> read =
        instance.core().database.ReadBlocking([&](db::Transaction& tx) -> Result<> {
            TRY(const auto listed, catalog::ListEvents(tx, kModelTarget, 0, 10'000));
            for (const catalog::Event& one : listed) {
                TRY(const auto whole, catalog::FindEvent(tx, kModelTarget, one.id));
                events[one.key].push_back(EventLine(*whole));
            }
            return Ok();
        });
    if (!read) return "list events: " + read.error().ToString() + "\n";
    std::string text;
    for (const auto& [key, lines] : events)
        text += fmt::format("events of {}: {}\n", key, fmt::join(lines, ", "));
    return text;
}

}  // namespace

Result<> MakeModelBucket(Instance& instance) {
    TRY(RunTask(instance.buckets().Create(Bucket())));
    TRY(RunTask(instance.buckets().SetNotification(
        Bucket(), {{.id = "all",
                    .target = {"", std::string(kModelTarget), "webhook"},
                    .events = {"s3:ObjectCreated:*", "s3:ObjectRemoved:*"}}})));
    return RunTask(instance.buckets().SetLifecycle(
        Bucket(), {{.id = "all",
                    .enabled = true,
                    .filter = {.prefix = std::string(kExpiringPrefix)},
                    .expiration_days = 1,
                    .abort_upload_days = 1}}));
}

std::string Do(Instance& instance, const Operation& operation, const Model& before,
               UploadIds& uploads) {
    switch (operation.action) {
        case Action::kPut:
        case Action::kPutIfAbsent:
        case Action::kPutIfMatch:
            return Put(instance, operation, ContentAt(operation.b));
        case Action::kPutLarge:
            return Put(instance, operation, LargeContent());
        case Action::kDelete:
            return Answer(
                RunTask(instance.objects().Delete({.bucket = Bucket(), .key = Key(operation.a)})),
                [](const auto&) { return "ok"; });
        case Action::kDeleteMany:
            return DeleteMany(instance, operation);
        case Action::kGet:
            return Get(instance, {.bucket = Bucket(), .key = Key(operation.a)});
        case Action::kGetRange: {
            const uint64_t first = OffsetAt(operation.b);
            return Get(instance,
                       {.bucket = Bucket(),
                        .key = Key(operation.a),
                        .range = codec::RangeSpec{first, first + LengthAt(operation.c) - 1}});
        }
        case Action::kList:
            return List(instance, operation);
        case Action::kCopy:
            return Copy(instance, operation);
        case Action::kCreateUpload:
            return CreateUpload(instance, operation, uploads);
        case Action::kPutPart:
        case Action::kCopyPart:
        case Action::kComplete:
        case Action::kAbort:
            return DoWithUpload(instance, operation, before, uploads);
        case Action::kReclaim:
            return Answer(instance.Reclaim(), [](int64_t) { return "ok"; });
        case Action::kCompact:
            if (const auto compacted = instance.Compact(); !compacted)
                return Told(compacted.error());
            return "ok";
        case Action::kScrub:
            return Scrub(instance);
        case Action::kExpire:
            return Expire(instance);
        case Action::kRestart:
        case Action::kNothing:
            return "ok";  // the runner's
    }
    return "?";
}

std::string Scrub(Instance& instance) {
    job::ScrubControl control;
    runtime::Pace pace;
    job::ScrubPass pass(instance.core(), control, pace, job::ScrubReport());
    const auto finished = RunTask(pass.Run());
    if (!finished) return Told(finished.error());
    const job::ScrubReport report = pass.report();
    if (report.clean() && report.orphans == 0) return "ok";
    std::string found = fmt::format("a scrub found {} orphans", report.orphans);
    bool wrong = report.orphans > 0;
    for (const job::Finding& finding : report.findings) {
        found += fmt::format(", {} {}", finding.what, finding.detail);
        wrong = wrong || finding.what != "unreadable";
    }
    return wrong ? found : "error: " + found;
}

std::string Describe(Instance& instance) {
    std::string text = DescribeObjects(instance) + DescribeUploads(instance);
    const auto reclaimed = instance.Reclaim();
    if (!reclaimed) text += "reclaim: " + reclaimed.error().ToString() + "\n";
    text += DescribeStore(instance);
    text += DescribeEvents(instance);
    for (const std::string& problem : CatalogueProblems(instance.core().database))
        text += "problem: " + problem + "\n";
    return text;
}

}  // namespace coffer::testing
