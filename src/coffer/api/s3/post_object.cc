// PostObject: a browser uploads an object by a form. It is a PutObject whose headers and
// credentials come as fields, under a policy that whoever made the form has signed.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "coffer/api/s3/authorize.h"
#include "coffer/api/s3/condition_values.h"
#include "coffer/api/s3/document.h"
#include "coffer/api/s3/form_body.h"
#include "coffer/api/s3/notification.h"
#include "coffer/api/s3/operations.h"
#include "coffer/api/s3/put_object.h"
#include "coffer/api/s3/reply.h"
#include "coffer/api/s3/tagging.h"
#include "coffer/codec/ascii.h"
#include "coffer/codec/form_signature.h"
#include "coffer/codec/uri.h"
#include "coffer/http/syntax.h"
#include "coffer/service/authenticate_form.h"
#include "coffer/service/tags.h"

namespace coffer::api::s3 {
namespace {

using Fields = std::vector<codec::FormField>;

Error InvalidArgument(std::string message) {
    return Error(ErrorKind::kInvalid, "InvalidArgument", std::move(message));
}

// The form's file, which is as long as the policy says or fails.
class PolicedFile final : public ByteSource {
  public:
    PolicedFile(ByteSource& file, const std::optional<codec::PostPolicy>& policy)
        : file_(file), policy_(policy) {}

    Task<Result<size_t>> Read(ByteSpan out) override {
        CO_TRY(const size_t read, co_await file_.Read(out));
        size_ += read;
        if (policy_ && (read == 0 || size_ > policy_->max_bytes())) {
            CO_TRY(policy_->CheckSize(size_));
        }
        co_return read;
    }

  private:
    ByteSource& file_;
    const std::optional<codec::PostPolicy>& policy_;
    uint64_t size_ = 0;
};

// The name of the header that a field stands for; empty where it stands for none. `name` is in
// lower case.
std::string_view HeaderOf(std::string_view name) {
    static constexpr auto kStandard =
        std::to_array<std::string_view>({"content-type", "content-disposition", "content-encoding",
                                         "content-language", "cache-control", "expires"});
    static constexpr auto kOfSignature =
        std::to_array<std::string_view>({"x-amz-algorithm", "x-amz-credential", "x-amz-date",
                                         "x-amz-signature", "x-amz-security-token"});
    if (name == "acl") return "x-amz-acl";
    if (std::ranges::find(kStandard, name) != kStandard.end()) return name;
    const bool of_object =
        name.starts_with("x-amz-") && std::ranges::find(kOfSignature, name) == kOfSignature.end();
    return of_object ? name : std::string_view();
}

// A <Tagging> document as the value of x-amz-tagging.
Result<std::string> TaggingHeader(std::string_view document) {
    TRY(const service::Tags tags, ParseTagging(document, service::kMaxObjectTags));
    std::string header;
    for (const auto& [name, value] : tags)
        header += fmt::format("{}{}={}", header.empty() ? "" : "&", codec::PercentEncode(name),
                              codec::PercentEncode(value));
    return header;
}

// The PutObject that the form stands for, but for its body.
Result<http::Request> RequestOf(const Call& call, const Fields& fields, std::string_view key) {
    http::Request request;
    request.method = "POST";
    request.target =
        fmt::format("/{}/{}", call.bucket().text(), codec::PercentEncode(key, codec::Slash::kKeep));
    request.peer = call.request.http().peer;
    for (const std::string_view name : {"host", "user-agent", "referer"})
        if (const auto value = call.request.http().headers.Get(name))
            request.headers.Add(name, *value);
    for (const codec::FormField& field : fields) {
        const std::string name = codec::ToLower(field.name);
        if (name == "tagging") {
            TRY(const std::string tagging, TaggingHeader(field.value));
            request.headers.Add("x-amz-tagging", tagging);
        }
        const std::string_view header = HeaderOf(name);
        if (header.empty()) continue;
        if (!http::IsFieldValue(field.value))
            return InvalidArgument("The field '" + name + "' holds a control character.");
        if (request.headers.Has(header))
            return InvalidArgument("The form says more than once what '" + std::string(header) +
                                   "' is.");
        request.headers.Add(header, codec::TrimSpaces(field.value));
    }
    return request;
}

// Where the object is, as the client reached the bucket.
std::string LocationOf(const Call& call, std::string_view key) {
    const http::Request& http = call.request.http();
    const std::string path = codec::PercentEncode(key, codec::Slash::kKeep);
    std::string location = http.peer.tls ? "https://" : "http://";
    location += http.headers.GetOr("host", "");
    if (call.request.virtual_bucket().empty()) location += "/" + call.bucket().text();
    return location + "/" + path;
}

// The page that is shown next; nothing where the form names none, or no URL, which S3 does not look
// at.
std::optional<std::string> RedirectOf(const Call& call, const Fields& fields, std::string_view key,
                                      std::string_view etag) {
    auto url = codec::FindField(fields, "success_action_redirect");
    if (!url) url = codec::FindField(fields, "redirect");
    if (!url || !(url->starts_with("http://") || url->starts_with("https://")) ||
        std::ranges::any_of(*url, [](char c) { return c <= 0x20 || c >= 0x7F; }))
        return std::nullopt;
    const size_t fragment = std::min(url->find('#'), url->size());
    const std::string_view page = url->substr(0, fragment);
    return fmt::format("{}{}bucket={}&key={}&etag={}{}", page,
                       page.find('?') == page.npos ? '?' : '&', call.bucket().text(),
                       codec::PercentEncode(key), codec::PercentEncode(QuoteEtag(etag)),
                       url->substr(fragment));
}

http::Response ReplyTo(const Call& call, const Fields& fields, std::string_view key,
                       const S3Request& put, const service::PutResult& result) {
    http::Response reply = EmptyReply(204);
    const std::string location = LocationOf(call, key);
    reply.headers.Set("Location", location);
    WritePutHeaders(result, put, reply.headers);
    if (const auto redirect = RedirectOf(call, fields, key, result.etag)) {
        reply.status = 303;
        reply.headers.Set("Location", *redirect);
        return reply;
    }
    const std::string_view status =
        codec::FindField(fields, "success_action_status").value_or("204");
    if (status == "200") reply.status = 200;
    if (status != "201") return reply;
    codec::XmlWriter xml;
    xml.Open("PostResponse")
        .Element("Location", location)
        .Element("Bucket", call.bucket().text())
        .Element("Key", key);
    WriteEtag(xml, result.etag);
    reply.status = 201;
    reply.headers.Set("Content-Type", "application/xml");
    reply.body = xml.Close().Finish();
    return reply;
}

Result<std::string> KeyOf(const Fields& fields) {
    const auto key = codec::FindField(fields, "key");
    if (!key)
        return InvalidArgument(
            "Bucket POST must contain a field named 'key'.  If it is specified, please check the "
            "order of the fields.");
    if (key->empty()) return InvalidArgument("User key must have a length greater than 0.");
    return std::string(*key);
}

}  // namespace

Task<Reply> PostObject(Call& call) {
    auto form =
        codec::MultipartForm::ForContentType(call.request.http().headers.GetOr("content-type", ""));
    if (!form) {
        co_return Error(ErrorKind::kPreconditionFailed, "PreconditionFailed",
                        "Bucket POST must be of the enclosure-type multipart/form-data");
    }
    FormBody body(call.body, *std::move(form));
    CO_TRY(co_await body.ReadFields());
    const S3Dependencies& dependencies = call.dependencies;
    const Timestamp now = dependencies.clock.Now();
    CO_TRY(const service::FormIdentity sender,
           co_await service::AuthenticateForm(body.fields(), dependencies.credentials,
                                              dependencies.options.authenticate, now));
    Fields fields = body.fields();
    for (codec::FormField& field : fields)
        field.value = codec::PutInFileName(field.value, body.file_name());
    CO_TRY(const std::string key, KeyOf(fields));
    if (sender.policy) {
        CO_TRY(sender.policy->Check(fields, call.bucket().text(), now));
    }

    CO_TRY(const http::Request http, RequestOf(call, fields, key));
    CO_TRY(const S3Request request, S3Request::Parse(http, {}));
    RequestValues values(request, sender.identity, call.operation, dependencies.options.region,
                         now);
    PolicedFile file(body, sender.policy);
    service::Origin origin = call.origin;
    origin.principal = PrincipalName(dependencies.credentials, *sender.identity.actor);
    Call put{.dependencies = dependencies,
             .request = request,
             .identity = sender.identity,
             .values = values,
             .operation = call.operation,
             .body = file,
             .body_length = std::nullopt,
             .error_headers = call.error_headers,
             .origin = origin};
    CO_TRY(put.grounds, co_await JudgeObject(put, {.action = "s3:PutObject",
                                                   .bucket = put.bucket().text(),
                                                   .key = put.key().bytes()}));
    CO_TRY(const auto result, co_await StoreObject(put));
    co_return ReplyTo(call, fields, key, request, result);
}

}  // namespace coffer::api::s3
