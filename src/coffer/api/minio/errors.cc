#include "coffer/api/minio/errors.h"

#include <fmt/format.h>

#include "coffer/base/random.h"
#include "coffer/codec/json.h"
#include "coffer/codec/uri.h"
#include "coffer/codec/xml.h"

namespace coffer::api::minio {
namespace {

http::Response Make(int status, std::string_view type, std::string body,
                    std::string_view request_id) {
    http::Response response;
    response.status = status;
    response.headers.Add("Content-Type", type);
    if (!request_id.empty()) response.headers.Add("x-amz-request-id", request_id);
    response.body = std::move(body);
    return response;
}

std::string NewRequestId() {
    return fmt::format("{:016X}", RandomUint64());
}

std::string_view PathOf(const http::Request& request) {
    return codec::SplitTarget(request.target).path;
}

// HEAD is answered with the head of what GET would have.
http::Response WithoutBodyForHead(http::Response response, const http::Request& request) {
    if (request.method != "HEAD") return response;
    response.content_length = std::get<std::string>(response.body).size();
    response.body = std::monostate();
    return response;
}

}  // namespace

http::Response XmlError(int status, std::string_view code, std::string_view message,
                        const http::Request& request) {
    const std::string id = NewRequestId();
    // Bytes of a path that are not UTF-8 do not belong into XML; their encoded form says as much.
    const std::string resource = codec::PercentEncode(PathOf(request), codec::Slash::kKeep);
    codec::XmlWriter xml;
    xml.Open("Error")
        .Element("Code", code)
        .Element("Message", message)
        .Element("Resource", resource)
        .Element("RequestId", id)
        .Close();
    return WithoutBodyForHead(Make(status, "application/xml", xml.Finish(), id), request);
}

http::Response JsonError(int status, std::string_view code, std::string_view message,
                         const http::Request& request) {
    const std::string id = NewRequestId();
    const codec::JsonValue body(codec::JsonValue::Object{
        {"Code", std::string(code)},
        {"Message", std::string(message)},
        {"Resource", codec::PercentEncode(PathOf(request), codec::Slash::kKeep)},
        {"RequestId", id},
        {"HostId", ""}});
    return WithoutBodyForHead(Make(status, "application/json", codec::WriteJson(body), id),
                              request);
}

http::Response Problem(int status, std::string_view detail) {
    const codec::JsonValue body(
        codec::JsonValue::Object{{"type", "about:blank"},
                                 {"title", std::string(http::ReasonPhrase(status))},
                                 {"status", int64_t{status}},
                                 {"detail", std::string(detail)}});
    return Make(status, "application/problem+json", codec::WriteJson(body), "");
}

}  // namespace coffer::api::minio
