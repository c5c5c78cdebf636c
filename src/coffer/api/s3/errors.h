// From an Error to what S3 answers: code, status, and the XML body. One table, for every operation.
//
// Source: Amazon S3 API Reference, "Error responses"; codes that begin with XMinio are MinIO's,
// whose clients know them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "coffer/api/s3/dialect.h"
#include "coffer/base/error.h"
#include "coffer/http/message.h"

namespace coffer::api::s3 {

// What a client is told of an error.
struct S3Error {
    std::string_view code;
    int status = 500;
    std::string message;
};

// An error with a code of S3 keeps it; for others the kind decides. Faults of the server are told
// in general words, as their messages may name files and addresses: those are for the log.
S3Error Describe(const Error& error, Dialect dialect);

// The status that goes with a code of S3; nothing for an unknown code.
std::optional<int> StatusOf(std::string_view code);

// What an error body says of the request.
struct ErrorContext {
    std::string_view bucket;    // empty: none
    std::string_view key;       // empty: none
    std::string_view resource;  // the path, as sent
    std::string_view request_id;
    std::string_view host_id;
    bool with_body = true;  // false for HEAD
};

http::Response ErrorReply(const S3Error& error, const ErrorContext& context);

}  // namespace coffer::api::s3
