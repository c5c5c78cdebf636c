#include "coffer/api/iam/errors.h"

#include <string>

#include "coffer/codec/xml.h"

namespace coffer::api::iam {
namespace {

struct Row {
    std::string_view code;  // of the Error
    std::string_view told;  // what it is called here
    int status;
};

constexpr Row kRows[] = {
    {"AccessDenied", "AccessDenied", 403},
    {"AuthorizationHeaderMalformed", "IncompleteSignature", 400},
    {"DeleteConflict", "DeleteConflict", 409},
    {"EntityAlreadyExists", "EntityAlreadyExists", 409},
    {"ExpiredToken", "ExpiredToken", 403},
    {"InvalidAccessKeyId", "InvalidClientTokenId", 403},
    {"InvalidAction", "InvalidAction", 400},
    {"InvalidArgument", "IncompleteSignature", 400},
    {"InvalidRequest", "IncompleteSignature", 400},
    {"InvalidToken", "InvalidClientTokenId", 403},
    {"MalformedPolicyDocument", "MalformedPolicyDocument", 400},
    {"MissingAuthenticationToken", "MissingAuthenticationToken", 403},
    {"NoSuchAccessKey", "NoSuchEntity", 404},
    {"NoSuchEntity", "NoSuchEntity", 404},
    {"NoSuchGroup", "NoSuchEntity", 404},
    {"NoSuchPolicy", "NoSuchEntity", 404},
    {"NoSuchUser", "NoSuchEntity", 404},
    {"NotImplemented", "NotImplemented", 501},
    {"PackedPolicyTooLarge", "PackedPolicyTooLarge", 400},
    {"RequestTimeTooSkewed", "SignatureDoesNotMatch", 403},
    {"SignatureDoesNotMatch", "SignatureDoesNotMatch", 403},
    {"ValidationError", "ValidationError", 400},
    {"XAmzContentSHA256Mismatch", "SignatureDoesNotMatch", 403},
};

constexpr Row kBusy{"", "Throttling", 429};
constexpr Row kInvalid{"", "ValidationError", 400};
constexpr Row kFault{"", "ServiceFailure", 500};

const Row& RowOf(const Error& error) {
    for (const Row& row : kRows)
        if (!error.code().empty() && row.code == error.code()) return row;
    if (error.kind() == ErrorKind::kBusy) return kBusy;
    if (error.kind() == ErrorKind::kInvalid || error.kind() == ErrorKind::kTooLarge)
        return kInvalid;
    return kFault;
}

}  // namespace

http::Response ErrorReply(const Error& error, std::string_view xml_namespace,
                          std::string_view request_id) {
    const Row& row = RowOf(error);
    const bool fault = row.status >= 500 && row.status != 501;
    http::Response reply;
    reply.status = row.status;
    reply.headers.Set("Content-Type", "text/xml");
    codec::XmlWriter xml;
    xml.Open("ErrorResponse")
        .Attribute("xmlns", xml_namespace)
        .Open("Error")
        .Element("Type", std::string_view(fault ? "Receiver" : "Sender"))
        .Element("Code", row.told)
        .Element("Message",
                 fault ? std::string("The request failed for an internal error.") : error.message())
        .Close()
        .Element("RequestId", request_id)
        .Close();
    reply.body = xml.Finish();
    return reply;
}

}  // namespace coffer::api::iam
