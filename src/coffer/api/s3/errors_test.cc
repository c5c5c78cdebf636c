#include "coffer/api/s3/errors.h"

#include <gtest/gtest.h>

namespace coffer::api::s3 {
namespace {

S3Error ToldOfAws(const Error& error) {
    return Describe(error, Dialect::kAws);
}

TEST(Errors, KeepTheCodeThatTheServiceNamed) {
    const S3Error error = ToldOfAws(Error(ErrorKind::kNotFound, "NoSuchUpload", ""));
    EXPECT_EQ(error.code, "NoSuchUpload");
    EXPECT_EQ(error.status, 404);
    EXPECT_FALSE(error.message.empty());
}

TEST(Errors, TellMoreWhereTheCauseIsTheClients) {
    EXPECT_EQ(
        ToldOfAws(Error(ErrorKind::kInvalid, "InvalidArgument", "max-keys is negative")).message,
        "max-keys is negative");
}

TEST(Errors, TellNothingOfTheInside) {
    for (const ErrorKind kind :
         {ErrorKind::kIo, ErrorKind::kCorrupt, ErrorKind::kInternal, ErrorKind::kNoSpace,
          ErrorKind::kNotFound, ErrorKind::kDenied, ErrorKind::kUnavailable}) {
        const S3Error error = ToldOfAws(Error(kind, "write /data/.coffer/secret-path"));
        EXPECT_EQ(error.message.find("/data"), std::string::npos) << ToString(kind);
        EXPECT_FALSE(error.message.empty());
    }
}

TEST(Errors, GiveEveryKindItsStatus) {
    const auto status = [](ErrorKind kind) { return ToldOfAws(Error(kind, "x")).status; };
    EXPECT_EQ(status(ErrorKind::kBusy), 503);
    EXPECT_EQ(status(ErrorKind::kUnavailable), 503);
    EXPECT_EQ(status(ErrorKind::kNoSpace), 507);
    EXPECT_EQ(status(ErrorKind::kCorrupt), 500);
    EXPECT_EQ(status(ErrorKind::kIo), 500);
    EXPECT_EQ(status(ErrorKind::kInternal), 500);
    EXPECT_EQ(status(ErrorKind::kTimeout), 400);
    EXPECT_EQ(status(ErrorKind::kClosed), 400);
    EXPECT_EQ(status(ErrorKind::kUnsupported), 501);
    EXPECT_EQ(status(ErrorKind::kPreconditionFailed), 412);
    EXPECT_EQ(ToldOfAws(Error(ErrorKind::kBusy, "x")).code, "SlowDown");
    EXPECT_EQ(ToldOfAws(Error(ErrorKind::kClosed, "x")).code, "IncompleteBody");
    EXPECT_EQ(ToldOfAws(Error(ErrorKind::kNoSpace, "x")).code, "XMinioStorageFull");
}

// A code that the table does not know would go out with a status that was guessed.
TEST(Errors, KnowEveryCodeThatTheServicesName) {
    for (const std::string_view code : {"BucketAlreadyOwnedByYou",
                                        "NoSuchBucket",
                                        "BucketNotEmpty",
                                        "PreconditionFailed",
                                        "NoSuchKey",
                                        "NoSuchVersion",
                                        "IncompleteBody",
                                        "BadDigest",
                                        "XAmzContentSHA256Mismatch",
                                        "EntityTooLarge",
                                        "InvalidRange",
                                        "MethodNotAllowed",
                                        "InvalidPartNumber",
                                        "InvalidRequest",
                                        "NoSuchUpload",
                                        "InvalidArgument",
                                        "InvalidPart",
                                        "InvalidPartOrder",
                                        "EntityTooSmall",
                                        "MalformedXML",
                                        "SignatureDoesNotMatch",
                                        "InvalidAccessKeyId",
                                        "RequestTimeTooSkewed",
                                        "AccessDenied",
                                        "AuthorizationHeaderMalformed",
                                        "AuthorizationQueryParametersError",
                                        "MissingSecurityHeader",
                                        "InvalidToken",
                                        "MalformedTrailerError",
                                        "InvalidChunkSizeError",
                                        "KeyTooLongError",
                                        "InvalidURI",
                                        "InvalidBucketName"}) {
        EXPECT_TRUE(StatusOf(code).has_value()) << code;
    }
    EXPECT_EQ(StatusOf("NoSuchCode"), std::nullopt);
}

TEST(Errors, AreXmlThatNamesTheRequest) {
    const http::Response reply =
        ErrorReply({"NoSuchKey", 404, "a < b"}, {.bucket = "photos",
                                                 .key = "a&b",
                                                 .resource = "/photos/a%26b",
                                                 .request_id = "1A",
                                                 .host_id = "2B"});
    EXPECT_EQ(reply.status, 404);
    EXPECT_EQ(reply.headers.Get("Content-Type"), "application/xml");
    EXPECT_EQ(
        std::get<std::string>(reply.body),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<Error><Code>NoSuchKey</Code><Message>a &lt; b</Message><Key>a&amp;b</Key>"
        "<BucketName>photos</BucketName><Resource>/photos/a%26b</Resource><RequestId>1A</RequestId>"
        "<HostId>2B</HostId></Error>");
}

TEST(Errors, HaveNoBodyForHead) {
    const http::Response reply = ErrorReply({"NoSuchKey", 404, "x"}, {.with_body = false});
    EXPECT_TRUE(std::holds_alternative<std::monostate>(reply.body));
    EXPECT_EQ(reply.status, 404);
}

TEST(Errors, KeepTheirXmlWellFormedWhateverThePathHolds) {
    const http::Response reply = ErrorReply({"InvalidURI", 400, "x"}, {.resource = "/b/\xff"});
    EXPECT_NE(std::get<std::string>(reply.body).find("<Resource>/b/%FF</Resource>"),
              std::string::npos);
}

}  // namespace
}  // namespace coffer::api::s3
