// Get…, Put… and DeleteObjectTagging, the same of buckets, and what else reads tags.
#include "coffer/api/s3/tagging.h"

#include "coffer/api/s3/authorize.h"
#include "coffer/api/s3/bucket_setting.h"
#include "coffer/api/s3/content.h"
#include "coffer/api/s3/document.h"
#include "coffer/api/s3/find_object.h"
#include "coffer/api/s3/object_headers.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/parameters.h"
#include "coffer/api/s3/reply.h"
#include "coffer/api/s3/tag_values.h"
#include "coffer/codec/uri.h"
#include "coffer/service/tags.h"

namespace coffer::api::s3 {
namespace {

// Fifty tags of 384 characters of four bytes.
constexpr size_t kMaxDocumentBytes = 128_KiB;

Error MalformedXml() {
    return Error(ErrorKind::kInvalid, "MalformedXML", "");
}

Task<Result<service::Tags>> ReadTaggingBody(Call& call, size_t most) {
    CO_TRY(const std::string document, co_await ReadDocument(call, kMaxDocumentBytes));
    co_return ParseTagging(document, most);
}

Task<Reply> SetObjectTags(Call& call, service::NamedObject object, service::Tags tags, int status) {
    CO_TRY(const std::string told, co_await call.dependencies.objects.SetTags(
                                       std::move(object), std::move(tags), call.origin));
    http::Response reply = EmptyReply(status);
    WriteVersionId(told, reply.headers);
    co_return reply;
}

}  // namespace

Result<service::Tags> ReadTags(const codec::XmlNode& node, size_t most) {
    TRY(node.Expect({}, {"Tag"}));
    service::Tags tags;
    for (const codec::XmlNode& tag : node.Children("Tag")) {
        TRY(tag.Expect({"Key", "Value"}));
        TRY(auto name, tag.ChildText("Key"));
        TRY(auto value, tag.ChildText("Value"));
        if (!name || !value) return MalformedXml();
        tags.emplace_back(*std::move(name), *std::move(value));
    }
    return service::CheckTags(std::move(tags), most);
}

Result<service::Tags> ParseTagging(std::string_view document, size_t most) {
    TRY(const auto xml, codec::ParseXml(document));
    const codec::XmlNode root = xml.root();
    if (root.name() != "Tagging") return MalformedXml();
    TRY(root.Expect({"TagSet"}));
    const auto set = root.Child("TagSet");
    if (!set) return MalformedXml();
    return ReadTags(*set, most);
}

std::string WriteTagging(const service::Tags& tags) {
    codec::XmlWriter xml;
    OpenRoot(xml, "Tagging").Open("TagSet");
    for (const auto& [name, value] : tags)
        xml.Open("Tag").Element("Key", name).Element("Value", value).Close();
    return xml.Close().Close().Finish();
}

Result<service::Tags> ParseTagQuery(std::string_view header) {
    const auto query = codec::Query::Parse(header);
    if (!query) {
        return Error(ErrorKind::kInvalid, "InvalidArgument",
                     "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL "
                     "query parameters without tag name duplicates.");
    }
    service::Tags tags;
    for (const codec::QueryParameter& parameter : query.value().parameters())
        tags.emplace_back(parameter.name, parameter.value);
    return tags;
}

Task<Result<std::optional<service::Tags>>> ParseTaggingHeader(const Call& call) {
    const auto header = call.request.Header("x-amz-tagging");
    if (!header) co_return std::nullopt;
    CO_TRY(co_await Authorize(call, {.action = "s3:PutObjectTagging",
                                     .bucket = call.bucket().text(),
                                     .key = call.key().bytes(),
                                     .of_new_object = true}));
    CO_TRY(auto tags, ParseTagQuery(*header));
    CO_TRY(tags, service::CheckTags(std::move(tags), service::kMaxObjectTags));
    co_return std::optional<service::Tags>(std::move(tags));
}

Task<Reply> GetObjectTagging(Call& call) {
    service::GetRequest get{.bucket = call.bucket(), .key = call.key()};
    get.with_body = false;
    get.with_key = false;
    CO_TRY(get.version_id, ParseVersionId(call.request));
    CO_TRY(const auto result, co_await FindObject(call, std::move(get)));
    http::Response reply = XmlReply(WriteTagging(result.info.headers.tags));
    if (result.info.versioned) WriteVersionId(result.info.version_id, reply.headers);
    co_return reply;
}

Task<Reply> PutObjectTagging(Call& call) {
    CO_TRY(auto object, NamedBy(call));
    CO_TRY(auto tags, co_await ReadTaggingBody(call, service::kMaxObjectTags));
    TagValues values(call.values, tags);
    const std::string_view action =
        object.version_id ? "s3:PutObjectVersionTagging" : "s3:PutObjectTagging";
    CO_TRY(object.grounds, co_await JudgeDocument(call, action, object, values));
    co_return co_await SetObjectTags(call, std::move(object), std::move(tags), 200);
}

Task<Reply> DeleteObjectTagging(Call& call) {
    CO_TRY(auto object, NamedBy(call));
    co_return co_await SetObjectTags(call, std::move(object), {}, 204);
}

Task<Reply> GetBucketTagging(Call& call) {
    CO_TRY(auto setting, co_await GetSetting(call, service::SettingKind::kTagging,
                                             Error(ErrorKind::kNotFound, "NoSuchTagSet", "")));
    co_return XmlReply(std::move(setting.document));
}

Task<Reply> PutBucketTagging(Call& call) {
    CO_TRY(const auto tags, co_await ReadTaggingBody(call, service::kMaxBucketTags));
    TagValues values(call.values, tags);
    CO_TRY(co_await Authorize(
        call, {.action = "s3:PutBucketTagging", .bucket = call.bucket().text()}, values));
    CO_TRY(co_await call.dependencies.buckets.PutSetting(
        call.bucket(), service::SettingKind::kTagging, WriteTagging(tags)));
    co_return EmptyReply(200);
}

Task<Reply> DeleteBucketTagging(Call& call) {
    co_return co_await DeleteSetting(call, service::SettingKind::kTagging);
}

}  // namespace coffer::api::s3
