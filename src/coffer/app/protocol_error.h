// What the S3 port answers to what is not HTTP, or before S3 could: S3's XML, so that clients can
// read it.
#pragma once

#include <string_view>

#include "coffer/http/message.h"

namespace coffer::app {

// An answer of S3's form with that status, a request id, and `message` for people.
http::Response RenderProtocolError(int status, std::string_view message);

}  // namespace coffer::app
