#include "coffer/api/s3/errors.h"

#include <algorithm>
#include <iterator>

#include "coffer/codec/names.h"
#include "coffer/codec/uri.h"
#include "coffer/codec/xml.h"

namespace coffer::api::s3 {
namespace {

struct Row {
    std::string_view code;
    int status;
    std::string_view message;  // for an error that brings none of its own
};

// clang-format off: a row is a line
constexpr Row kRows[] = {
    {"AccessDenied", 403, "Access Denied."},
    {"AccessControlListNotSupported", 400, "The bucket does not allow ACLs."},
    {"AccessForbidden", 403, "CORSResponse: CORS is not enabled for this bucket."},
    {"AuthorizationHeaderMalformed", 400, "The authorization header you provided is invalid."},
    {"AuthorizationQueryParametersError", 400, "The authorization query parameters are malformed."},
    {"BadDigest", 400, "The Content-MD5 or checksum value that you specified did not match what the server received."},
    {"BadRequest", 400, "Insufficient information. Origin request header needed."},
    {"BucketAlreadyExists", 409, "The requested bucket name is not available."},
    {"BucketAlreadyOwnedByYou", 409, "Your previous request to create the named bucket succeeded and you already own it."},
    {"BucketNotEmpty", 409, "The bucket you tried to delete is not empty."},
    {"CredentialsNotSupported", 400, "This request does not support credentials."},
    {"EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed object size."},
    {"EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed object size."},
    {"ExpiredToken", 400, "The provided token has expired."},
    {"IllegalLocationConstraintException", 400, "The specified location constraint is incompatible with this server's region."},
    {"IllegalVersioningConfigurationException", 400, "The versioning configuration specified in the request is invalid."},
    {"IncompleteBody", 400, "You did not provide the number of bytes specified by the Content-Length HTTP header."},
    {"InternalError", 500, "We encountered an internal error. Please try again."},
    {"InvalidAccessKeyId", 403, "The access key ID you provided does not exist in our records."},
    {"InvalidArgument", 400, "Invalid argument."},
    {"InvalidBucketAclWithObjectOwnership", 400, "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting."},
    {"InvalidBucketName", 400, "The specified bucket is not valid."},
    {"InvalidBucketState", 409, "The request is not valid with the current state of the bucket."},
    {"InvalidChunkSizeError", 403, "Only the last chunk is allowed to have a size less than 8192 bytes."},
    {"InvalidDigest", 400, "The Content-MD5 you specified was invalid."},
    {"InvalidEncryptionAlgorithmError", 400, "The encryption request you specified is not valid. The valid value is AES256."},
    {"InvalidObjectState", 403, "The operation is not valid for the current state of the object."},
    {"InvalidPart", 400, "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag."},
    {"InvalidPartNumber", 416, "The requested partnumber is not satisfiable."},
    {"InvalidPartOrder", 400, "The list of parts was not in ascending order. The parts list must be specified in order by part number."},
    {"InvalidPolicyDocument", 400, "The content of the form does not meet the conditions specified in the policy document."},
    {"InvalidRange", 416, "The requested range is not satisfiable."},
    {"InvalidRequest", 400, "Invalid request."},
    {"InvalidRetentionPeriod", 400, "The retention period specified is not valid."},
    {"InvalidStorageClass", 400, "The storage class you specified is not valid."},
    {"InvalidTag", 400, "The tag provided was not a valid tag."},
    {"InvalidToken", 400, "The provided token is malformed or otherwise not valid."},
    {"InvalidURI", 400, "Couldn't parse the specified URI."},
    {"KMS.NotFoundException", 400, "The specified KMS key does not exist."},
    {"KeyTooLongError", 400, "Your key is too long."},
    {"MalformedACLError", 400, "The XML you provided was not well-formed or did not validate against our published schema."},
    {"MalformedPOSTRequest", 400, "The body of your POST request is not well-formed multipart/form-data."},
    {"MalformedPolicy", 400, "Invalid policy syntax."},
    {"MalformedTrailerError", 400, "The request contained trailing data that was not well-formed or did not conform to our published schema."},
    {"MalformedXML", 400, "The XML you provided was not well-formed or did not validate against our published schema."},
    {"MaxMessageLengthExceeded", 400, "Your request was too large."},
    {"MaxPostPreDataLengthExceededError", 400, "Your POST request fields preceding the upload file were too large."},
    {"MetadataTooLarge", 400, "Your metadata headers exceed the maximum allowed metadata size."},
    {"MethodNotAllowed", 405, "The specified method is not allowed against this resource."},
    {"MissingContentLength", 411, "You must provide the Content-Length HTTP header."},
    {"MissingSecurityHeader", 400, "Your request is missing a required header."},
    {"NoSuchBucket", 404, "The specified bucket does not exist."},
    {"NoSuchBucketPolicy", 404, "The bucket policy does not exist."},
    {"NoSuchConfiguration", 404, "The specified configuration does not exist."},
    {"NoSuchCORSConfiguration", 404, "The CORS configuration does not exist."},
    {"NoSuchKey", 404, "The specified key does not exist."},
    {"NoSuchLifecycleConfiguration", 404, "The lifecycle configuration does not exist."},
    {"NoSuchObjectLockConfiguration", 404, "The specified object does not have a ObjectLock configuration."},
    {"NoSuchPublicAccessBlockConfiguration", 404, "The public access block configuration was not found."},
    {"NoSuchTagSet", 404, "The TagSet does not exist."},
    {"NoSuchUpload", 404, "The specified multipart upload does not exist. The upload ID might be invalid, or the multipart upload might have been aborted or completed."},
    {"NoSuchVersion", 404, "The specified version does not exist."},
    {"NoSuchWebsiteConfiguration", 404, "The specified bucket does not have a website configuration."},
    {"NotImplemented", 501, "A header or operation you provided implies functionality that is not implemented."},
    {"ObjectLockConfigurationNotFoundError", 404, "Object Lock configuration does not exist for this bucket."},
    {"OperationAborted", 409, "A conflicting conditional operation is currently in progress against this resource. Please try again."},
    {"OwnershipControlsNotFoundError", 404, "The bucket ownership controls were not found."},
    {"PreconditionFailed", 412, "At least one of the preconditions you specified did not hold."},
    {"ReplicationConfigurationNotFoundError", 404, "The replication configuration was not found."},
    {"RequestTimeTooSkewed", 403, "The difference between the request time and the server's time is too large."},
    {"RequestTimeout", 400, "Your socket connection to the server was not read from or written to within the timeout period."},
    {"ServerSideEncryptionConfigurationNotFoundError", 404, "The server side encryption configuration was not found."},
    {"ServiceUnavailable", 503, "Please reduce your request rate."},
    {"SignatureDoesNotMatch", 403, "The request signature we calculated does not match the signature you provided. Check your key and signing method."},
    {"SlowDown", 503, "Please reduce your request rate."},
    {"UnexpectedContent", 400, "This request does not support content."},
    {"UnresolvableGrantByEmailAddress", 400, "The email address you provided does not match any account on record."},
    {"UnsupportedNotification", 400, "Notifications of this kind are not offered."},
    {"XAmzContentSHA256Mismatch", 400, "The provided 'x-amz-content-sha256' header does not match what was computed."},
    {"XMinioAdminBucketQuotaExceeded", 400, "Bucket quota exceeded"},
    {"XMinioStorageFull", 507, "Storage backend has reached its minimum free drive threshold. Please delete a few objects to proceed."},
};
// clang-format on

// What the dialects have different codes for.
struct Divergence {
    std::string_view code;  // of the error
    std::string_view aws;
    std::string_view ceph;
};

constexpr Divergence kDivergences[] = {
    {"AuthorizationQueryParametersError", "AuthorizationQueryParametersError", "AccessDenied"},
    {"CopyRangeBeyondSource", "InvalidArgument", "InvalidRange"},
    {"CustomerKeyMismatch", "AccessDenied", "InvalidRequest"},
    {"InvalidPartNumber", "InvalidPartNumber", "InvalidPart"},
};

std::string_view CodeIn(Dialect dialect, std::string_view code) {
    const auto* row = std::ranges::find(kDivergences, code, &Divergence::code);
    if (row == std::end(kDivergences)) return code;
    return dialect == Dialect::kCeph ? row->ceph : row->aws;
}

const Row* Find(std::string_view code) {
    const auto* row = std::ranges::find(kRows, code, &Row::code);
    return row == std::end(kRows) ? nullptr : row;
}

// The code of an error that has none of its own.
std::string_view CodeOfKind(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::kNotFound:
            return "NoSuchKey";
        case ErrorKind::kAlreadyExists:
        case ErrorKind::kConflict:
            return "OperationAborted";
        case ErrorKind::kPreconditionFailed:
            return "PreconditionFailed";
        case ErrorKind::kInvalid:
            return "InvalidRequest";
        case ErrorKind::kUnauthenticated:
        case ErrorKind::kDenied:
            return "AccessDenied";
        case ErrorKind::kTooLarge:
            return "EntityTooLarge";
        case ErrorKind::kQuotaExceeded:
        case ErrorKind::kNoSpace:
            return "XMinioStorageFull";
        case ErrorKind::kBusy:
            return "SlowDown";
        case ErrorKind::kTimeout:
            return "RequestTimeout";
        case ErrorKind::kUnavailable:
            return "ServiceUnavailable";
        case ErrorKind::kClosed:
            return "IncompleteBody";
        case ErrorKind::kUnsupported:
            return "NotImplemented";
        case ErrorKind::kIo:
        case ErrorKind::kCorrupt:
        case ErrorKind::kInternal:
            return "InternalError";
    }
    return "InternalError";
}

// What a client sent may hold any byte; XML may not.
std::string Told(std::string_view text) {
    return codec::IsUtf8(text) ? std::string(text)
                               : codec::PercentEncode(text, codec::Slash::kKeep);
}

}  // namespace

S3Error Describe(const Error& error, Dialect dialect) {
    const Row* row = Find(CodeIn(dialect, error.code()));
    const bool has_code = row != nullptr;
    if (!has_code) row = Find(CodeOfKind(error.kind()));
    // A message that comes with a code was written for the client; any other may tell of the
    // inside.
    const bool tell = has_code && row->status < 500 && !error.message().empty();
    const bool unsupported = row->code == "NotImplemented" && !error.message().empty();
    return {row->code, row->status,
            tell || unsupported ? error.message() : std::string(row->message)};
}

std::optional<int> StatusOf(std::string_view code) {
    const Row* row = Find(code);
    return row == nullptr ? std::nullopt : std::optional(row->status);
}

http::Response ErrorReply(const S3Error& error, const ErrorContext& context) {
    http::Response reply;
    reply.status = error.status;
    if (!context.with_body) return reply;

    codec::XmlWriter xml;
    xml.Open("Error").Element("Code", error.code).Element("Message", Told(error.message));
    if (!context.key.empty()) xml.Element("Key", context.key);
    if (!context.bucket.empty()) xml.Element("BucketName", context.bucket);
    xml.Element("Resource", Told(context.resource));
    xml.Element("RequestId", context.request_id).Element("HostId", context.host_id).Close();
    reply.headers.Set("Content-Type", "application/xml");
    reply.body = xml.Finish();
    return reply;
}

}  // namespace coffer::api::s3
