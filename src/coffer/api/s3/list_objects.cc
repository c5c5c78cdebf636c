// ListObjects and ListObjectsV2.
#include "coffer/api/s3/document.h"
#include "coffer/api/s3/object_headers.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/parameters.h"
#include "coffer/api/s3/reply.h"
#include "coffer/codec/ascii.h"
#include "coffer/codec/base64.h"
#include "coffer/codec/date.h"

namespace coffer::api::s3 {
namespace {

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

void WriteContents(codec::XmlWriter& xml, const service::ListResult& result, bool url,
                   const Owner* owner) {
    for (const service::VersionInfo& object : result.objects) {
        xml.Open("Contents")
            .Element("Key", EncodeName(object.key, url))
            .Element("LastModified", codec::FormatIso8601(object.modified))
            .Element("ETag", QuoteEtag(object.etag));
        if (object.checksum) {
            xml.Element("ChecksumAlgorithm", codec::ChecksumName(object.checksum->algorithm))
                .Element("ChecksumType", ChecksumTypeName(object.checksum->type));
        }
        xml.Element("Size", object.size_bytes);
        if (owner != nullptr) WriteOwner(xml, "Owner", *owner);
        xml.Element("StorageClass", "STANDARD").Close();
    }
    WriteCommonPrefixes(xml, result.common_prefixes, url);
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
    CO_TRY(const auto result, co_await call.dependencies.objects.List(page.list));

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
    WriteContents(xml, result, page.url, &call.owner());
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
    CO_TRY(const auto result, co_await call.dependencies.objects.List(page.list));

    codec::XmlWriter xml;
    WritePage(xml, page, EncodeName(page.list.prefix, page.url), result.truncated);
    xml.Element("KeyCount", result.objects.size() + result.common_prefixes.size());
    if (token) xml.Element("ContinuationToken", *token);
    if (result.truncated) xml.Element("NextContinuationToken", MakeToken(result.last));
    if (!start_after.empty()) xml.Element("StartAfter", EncodeName(start_after, page.url));
    WriteContents(xml, result, page.url, fetch_owner ? &call.owner() : nullptr);
    co_return XmlReply(xml.Close().Finish());
}

}  // namespace coffer::api::s3
