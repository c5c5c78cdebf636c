// DeleteObjects.
#include <charconv>
#include <numeric>

#include "coffer/api/added_value.h"
#include "coffer/api/s3/authorize.h"
#include "coffer/api/s3/content.h"
#include "coffer/api/s3/document.h"
#include "coffer/api/s3/errors.h"
#include "coffer/api/s3/object_lock.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/reply.h"
#include "coffer/codec/ascii.h"
#include "coffer/codec/date.h"

namespace coffer::api::s3 {
namespace {

constexpr size_t kMaxKeys = 1000;
// A thousand keys of a thousand bytes, each of which may take six characters of XML.
constexpr size_t kMaxDocumentBytes = 8_MiB;

Error MalformedXml() {
    return Error(ErrorKind::kInvalid, "MalformedXML", "");
}

// One <Object>, as the reply names it, with what to do or why not.
struct Item {
    std::string key;
    std::optional<std::string> version_id;
    Result<service::DeleteRequest> request;
    Result<service::DeleteResult> result = service::DeleteResult();
};

struct DeleteDocument {
    bool quiet = false;
    std::vector<Item> items;
};

// What an <Object> says of the version that it means.
Result<service::DeleteRequest> ParseConditions(const codec::XmlNode& node,
                                               service::DeleteRequest request) {
    TRY(request.if_match, node.ChildText("ETag"));
    TRY(const auto modified, node.ChildText("LastModifiedTime"));
    if (modified) {
        request.if_match_modified = codec::ParseIso8601(*modified);
        if (!request.if_match_modified) request.if_match_modified = codec::ParseHttpDate(*modified);
        if (!request.if_match_modified) return MalformedXml();
    }
    TRY(const auto size, node.ChildText("Size"));
    if (size) {
        uint64_t bytes = 0;
        const auto [end, error] = std::from_chars(size->data(), size->data() + size->size(), bytes);
        if (error != std::errc() || end != size->data() + size->size()) return MalformedXml();
        request.if_match_size = bytes;
    }
    return request;
}

// What is wrong with one key is no reason to keep the others.
Result<service::DeleteRequest> MakeRequest(const Call& call, std::string_view key,
                                           const std::optional<std::string>& version_id) {
    TRY(auto parsed_key, codec::ObjectKey::Parse(key));
    if (version_id && !service::IsVersionId(*version_id))
        return Error(ErrorKind::kNotFound, "NoSuchVersion", "");
    return service::DeleteRequest{
        .bucket = call.bucket(), .key = std::move(parsed_key), .version_id = version_id};
}

Result<DeleteDocument> ParseDocument(const Call& call, std::string_view text) {
    TRY(const auto xml, codec::ParseXml(text));
    const codec::XmlNode root = xml.root();
    if (root.name() != "Delete") return MalformedXml();
    TRY(root.Expect({"Quiet"}, {"Object"}));
    DeleteDocument document;
    TRY(const auto quiet, root.ChildText("Quiet"));
    document.quiet = codec::EqualsIgnoringCase(quiet.value_or("false"), "true");
    const auto objects = root.Children("Object");
    if (objects.empty() || objects.size() > kMaxKeys) return MalformedXml();
    for (const codec::XmlNode& object : objects) {
        TRY(object.Expect({"Key", "VersionId", "ETag", "LastModifiedTime", "Size"}));
        TRY(auto key, object.ChildText("Key"));
        if (!key || key->empty()) return MalformedXml();
        TRY(auto version_id, object.ChildText("VersionId"));
        if (version_id && version_id->empty()) version_id.reset();
        auto request = MakeRequest(call, *key, version_id);
        if (request) {
            TRY(request, ParseConditions(object, std::move(request.value())));
        }
        document.items.push_back({std::move(*key), std::move(version_id), std::move(request)});
    }
    return document;
}

// With the condition of one <Object>: the header belongs to none.
Task<Result<service::Grounds>> MayDelete(const Call& call, const Item& item) {
    const std::optional<std::string>& if_match = item.request.value().if_match;
    codec::policy::ConditionValues condition;
    if (if_match) condition = std::vector{*if_match};
    AddedValue values(call.values, codec::policy::KeyId::kIfMatch, std::move(condition));
    co_return co_await JudgeObject(
        call,
        {.action = item.version_id ? "s3:DeleteObjectVersion" : "s3:DeleteObject",
         .bucket = call.bucket().text(),
         .key = item.key,
         .version_id = item.version_id},
        values);
}

// Judges and deletes the items with these numbers; returns those that have to be judged anew, since
// what allowed them has changed: another of them may be why.
Task<Result<std::vector<size_t>>> DeleteEach(const Call& call, std::vector<Item>& items,
                                             std::vector<size_t> numbers) {
    std::vector<size_t> asked;
    std::vector<service::DeleteRequest> requests;
    for (const size_t number : numbers) {
        Item& item = items[number];
        if (!item.request) {
            item.result = item.request.error();
            continue;
        }
        auto allowed = co_await MayDelete(call, item);
        if (!allowed) {
            item.result = allowed.error();
            continue;
        }
        service::DeleteRequest request = item.request.value();
        request.grounds = std::move(allowed).value();
        request.origin = call.origin;
        if (item.version_id)
            request.bypass_governance =
                co_await MayBypassGovernance(call, item.key, item.version_id);
        requests.push_back(std::move(request));
        asked.push_back(number);
    }
    CO_TRY(auto results,
           co_await call.dependencies.objects.DeleteMany(call.bucket(), std::move(requests)));
    std::vector<size_t> again;
    for (size_t i = 0; i < asked.size(); ++i) {
        if (!results[i] && results[i].error().code() == "OperationAborted")
            again.push_back(asked[i]);
        items[asked[i]].result = std::move(results[i]);
    }
    co_return again;
}

void WriteName(codec::XmlWriter& xml, const Item& item) {
    xml.Element("Key", item.key);
    if (item.version_id) xml.Element("VersionId", *item.version_id);
}

void WriteDeleted(codec::XmlWriter& xml, const Item& item, const service::DeleteResult& result) {
    xml.Open("Deleted");
    WriteName(xml, item);
    if (result.delete_marker) {
        xml.Element("DeleteMarker", true).Element("DeleteMarkerVersionId", result.version_id);
    }
    xml.Close();
}

void WriteError(codec::XmlWriter& xml, const Item& item, const Error& error, Dialect dialect) {
    const S3Error described = Describe(error, dialect);
    xml.Open("Error");
    WriteName(xml, item);
    xml.Element("Code", described.code).Element("Message", described.message).Close();
}

}  // namespace

Task<Reply> DeleteObjects(Call& call) {
    CO_TRY(auto content, Content::Open(call));
    if (!content.has_digest()) {
        co_return Error(
            ErrorKind::kInvalid, "InvalidRequest",
            "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
    }
    CO_TRY(const std::string text, co_await content.ReadDocument(kMaxDocumentBytes));
    CO_TRY(auto document, ParseDocument(call, text));
    std::vector<size_t> left(document.items.size());
    std::iota(left.begin(), left.end(), 0);
    for (int attempt = 1; !left.empty() && attempt <= kMostJudgements; ++attempt) {
        CO_TRY(left, co_await DeleteEach(call, document.items, std::move(left)));
    }

    codec::XmlWriter xml;
    OpenRoot(xml, "DeleteResult");
    const Dialect dialect = call.dependencies.options.dialect;
    for (const Item& item : document.items) {
        if (!item.result)
            WriteError(xml, item, item.result.error(), dialect);
        else if (!document.quiet)
            WriteDeleted(xml, item, item.result.value());
    }
    co_return XmlReply(xml.Close().Finish());
}

}  // namespace coffer::api::s3
