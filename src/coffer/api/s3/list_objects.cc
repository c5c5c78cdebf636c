// ListObjects and ListObjectsV2, this with MinIO's metadata.
#include "coffer/api/s3/authorize.h"
#include "coffer/api/s3/document.h"
#include "coffer/api/s3/encoded_word.h"
#include "coffer/api/s3/extract.h"
#include "coffer/api/s3/object_headers.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/owners.h"
#include "coffer/api/s3/parameters.h"
#include "coffer/api/s3/reply.h"
#include "coffer/codec/ascii.h"
#include "coffer/codec/base64.h"
#include "coffer/codec/names.h"
#include "coffer/codec/uri.h"

namespace coffer::api::s3 {
namespace {

// What an object takes in a listing without its key and its owner, and what that takes.
constexpr size_t kBytesOfObject = 288;
constexpr size_t kBytesOfOwner = 160;

// What both forms take.
struct Page {
    service::ListRequest list;
    bool url = false;  // encoding-type=url
};

Result<Page> ParsePage(const Call& call) {
    Page page{.list = {.bucket = call.bucket()}};
    TRY(page.list.prefix, ParseName(call.request, "prefix"));
    TRY(page.list.delimiter, ParseName(call.request, "delimiter"));
    TRY(page.list.limit, ParseCount(call.request, "max-keys", kMaxPage, kMaxPage));
    TRY(page.url, ParseEncodingType(call.request));
    return page;
}

// What the one who lists may learn of an object's metadata.
struct MayLearn {
    bool metadata = false;
    bool tags = false;
};

Task<Result<MayLearn>> FindOut(const Call& call, const service::ListedVersion& object) {
    const auto may = [&](std::string_view action) -> Task<Result<bool>> {
        const auto grounds = co_await JudgeObject(
            call, {.action = action, .bucket = call.bucket().text(), .key = object.key});
        if (grounds) co_return grounds.value().Cover(*object.headers);
        if (grounds.error().kind() == ErrorKind::kDenied) co_return false;
        co_return grounds.error();
    };
    CO_TRY(const bool metadata, co_await may("s3:GetObject"));
    CO_TRY(const bool tags, co_await may("s3:GetObjectTagging"));
    co_return MayLearn{.metadata = metadata, .tags = tags};
}

// The name of a metadata header as an element's, in the case that MinIO gives it; empty where XML
// can't have it.
std::string MetadataElement(std::string_view name) {
    std::string element = "X-Amz-Meta-";
    for (const char c : name) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.') return {};
        element += element.ends_with('-') && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    }
    return element;
}

void WriteMetadata(codec::XmlWriter& xml, const service::ObjectHeaders& headers, MayLearn may) {
    if (may.metadata) {
        xml.Open("UserMetadata");
        // They are kept as they came, which need not be UTF-8.
        for (const auto& [name, value] : headers.standard)
            xml.Element(name, codec::IsUtf8(value) ? value : Latin1ToUtf8(value));
        for (const auto& [name, value] : headers.user) {
            const std::string element = MetadataElement(name);
            if (!element.empty()) xml.Element(element, value);
        }
        xml.Close();
    }
    if (may.tags && !headers.tags.empty()) {
        std::string tags;
        for (const auto& [name, value] : headers.tags)
            tags += (tags.empty() ? "" : "&") + codec::PercentEncode(name) + "=" +
                    codec::PercentEncode(value);
        xml.Element("UserTags", tags);
    }
}

// `may`: for each object; empty where metadata was not asked for.
void WriteContents(codec::XmlWriter& xml, const service::ListResult& result, bool url,
                   Owners* owners, const std::vector<MayLearn>& may = {}) {
    // Nearly all of a long reply, so that it does not grow by and by.
    size_t bytes = 0;
    for (const service::ListedVersion& object : result.objects)
        bytes += object.key.size() + kBytesOfObject + (owners == nullptr ? 0 : kBytesOfOwner);
    xml.Reserve(bytes);
    for (size_t i = 0; i < result.objects.size(); ++i) {
        const service::ListedVersion& object = result.objects[i];
        xml.Open("Contents");
        WriteName(xml, "Key", object.key, url);
        WriteTime(xml, "LastModified", object.modified);
        WriteEtag(xml, object.etag);
        if (object.checksum) {
            xml.Element("ChecksumAlgorithm", codec::ChecksumName(object.checksum->algorithm))
                .Element("ChecksumType", ChecksumTypeName(object.checksum->type));
        }
        xml.Element("Size", object.size_bytes);
        if (owners != nullptr) owners->WriteOwner(xml, object.owner);
        xml.Element("StorageClass", "STANDARD");
        if (!may.empty()) WriteMetadata(xml, *object.headers, may[i]);
        xml.Close();
    }
    for (const std::string_view common : result.common_prefixes)
        WriteCommonPrefix(xml, common, url);
}

// What both forms begin with.
void WritePage(codec::XmlWriter& xml, const Page& page, std::string_view prefix, bool truncated) {
    OpenRoot(xml, "ListBucketResult")
        .Element("Name", page.list.bucket.text())
        .Element("Prefix", prefix)
        .Element("MaxKeys", page.list.limit);
    if (!page.list.delimiter.empty())
        xml.Element("Delimiter", EncodeName(page.list.delimiter, page.url));
    if (page.url) xml.Element("EncodingType", "url");
    xml.Element("IsTruncated", truncated);
}

Task<Result<service::ListResult>> FindPage(Call& call, const Page& page) {
    if (auto path = ParseArchivePath(call, page.list.prefix))
        co_return co_await ListArchive(call, *std::move(path), page.list);
    co_return co_await call.dependencies.objects.List(page.list);
}

// A token is where the page before ended; it means nothing to anybody else.
std::string MakeToken(std::string_view last) {
    return codec::Base64UrlEncode(AsBytes(last));
}

Result<std::string> ReadToken(std::string_view token) {
    const auto after = codec::Base64UrlDecode(token);
    if (after && codec::IsUtf8(*after)) return *after;
    return Error(ErrorKind::kInvalid, "InvalidArgument",
                 "The continuation token provided is incorrect");
}

}  // namespace

Task<Reply> ListObjects(Call& call) {
    CO_TRY(Page page, ParsePage(call));
    CO_TRY(page.list.after, ParseName(call.request, "marker"));
    CO_TRY(const auto result, co_await FindPage(call, page));

    codec::XmlWriter xml;
    // The prefix stays plain here: the client that always asks for encoding (boto3) does not decode
    // it.
    WritePage(xml, page, page.list.prefix, result.truncated);
    xml.Element("Marker", EncodeName(page.list.after, page.url));
    // Without a delimiter the last key is the next marker, and S3 leaves it to the client to see
    // that.
    if (result.truncated && !page.list.delimiter.empty()) {
        xml.Element("NextMarker", EncodeName(result.last, page.url));
    }
    Owners owners(call, result.bucket_owner);
    WriteContents(xml, result, page.url, &owners);
    co_return XmlReply(xml.Close().Finish());
}

Task<Reply> ListObjectsV2(Call& call) {
    CO_TRY(Page page, ParsePage(call));
    CO_TRY(const std::string start_after, ParseName(call.request, "start-after"));
    const auto token = call.request.Parameter("continuation-token");
    page.list.after = start_after;
    if (token && !token->empty()) {
        CO_TRY(page.list.after, ReadToken(*token));
    }
    const bool fetch_owner =
        codec::EqualsIgnoringCase(call.request.Parameter("fetch-owner").value_or("false"), "true");
    page.list.with_headers = call.request.Parameter("metadata") == "true";
    CO_TRY(const auto result, co_await FindPage(call, page));
    std::vector<MayLearn> may;
    if (page.list.with_headers) {
        for (const service::ListedVersion& object : result.objects) {
            CO_TRY(const MayLearn one, co_await FindOut(call, object));
            may.push_back(one);
        }
    }

    codec::XmlWriter xml;
    WritePage(xml, page, EncodeName(page.list.prefix, page.url), result.truncated);
    xml.Element("KeyCount", result.objects.size() + result.common_prefixes.size());
    if (token) xml.Element("ContinuationToken", *token);
    if (result.truncated) xml.Element("NextContinuationToken", MakeToken(result.last));
    if (!start_after.empty()) xml.Element("StartAfter", EncodeName(start_after, page.url));
    Owners owners(call, result.bucket_owner);
    WriteContents(xml, result, page.url, fetch_owner ? &owners : nullptr, may);
    co_return XmlReply(xml.Close().Finish());
}

}  // namespace coffer::api::s3
