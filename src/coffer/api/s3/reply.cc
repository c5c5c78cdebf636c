#include "coffer/api/s3/reply.h"

#include <fmt/format.h>

namespace coffer::api::s3 {

http::Response EmptyReply(int status) {
    http::Response response;
    response.status = status;
    return response;
}

http::Response XmlReply(std::string document) {
    http::Response response;
    response.headers.Set("Content-Type", "application/xml");
    response.body = std::move(document);
    return response;
}

std::string QuoteEtag(std::string_view etag) {
    return fmt::format("\"{}\"", etag);
}

std::string_view UnquoteEtag(std::string_view etag) {
    if (etag.starts_with('"')) etag.remove_prefix(1);
    if (etag.ends_with('"')) etag.remove_suffix(1);
    return etag;
}

}  // namespace coffer::api::s3
