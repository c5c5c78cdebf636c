// From an Error to what IAM and STS answer: code, status, and the XML body.
//
// Source: the IAM API Reference and the STS API Reference, "Common Errors" and the errors of each
// action.
#pragma once

#include <string_view>

#include "coffer/base/error.h"
#include "coffer/http/message.h"

namespace coffer::api::iam {

// Faults of the server are told in general words, as their messages may name files.
http::Response ErrorReply(const Error& error, std::string_view xml_namespace,
                          std::string_view request_id);

}  // namespace coffer::api::iam
