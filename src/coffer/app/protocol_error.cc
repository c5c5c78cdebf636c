#include "coffer/app/protocol_error.h"

#include <fmt/format.h>

#include <string>

#include "coffer/api/s3/errors.h"
#include "coffer/base/random.h"

namespace coffer::app {
namespace {

std::string_view CodeOf(int status) {
    switch (status) {
        case 408:
            return "RequestTimeout";
        case 414:
            return "RequestURITooLong";
        case 431:
            return "RequestHeaderSectionTooLarge";
        case 500:
            return "InternalError";
        case 501:
            return "NotImplemented";
        case 503:
            return "SlowDown";
        default:
            return "BadRequest";
    }
}

}  // namespace

http::Response RenderProtocolError(int status, std::string_view message) {
    const std::string id = fmt::format("{:016X}", RandomUint64());
    http::Response response = api::s3::ErrorReply(
        {CodeOf(status), status, std::string(message)},
        {.bucket = "", .key = "", .resource = "", .request_id = id, .host_id = id});
    response.headers.Set("x-amz-request-id", id);
    return response;
}

}  // namespace coffer::app
