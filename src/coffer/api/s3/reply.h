// How the operations build their replies.
#pragma once

#include <string>
#include <string_view>

#include "coffer/http/message.h"

namespace coffer::api::s3 {

// A reply without a body.
http::Response EmptyReply(int status);

// 200 with an XML document.
http::Response XmlReply(std::string document);

// An ETag in its quotes, as it stands in headers and XML.
std::string QuoteEtag(std::string_view etag);

// An ETag as clients give it in XML, with quotes or without them.
std::string_view UnquoteEtag(std::string_view etag);

}  // namespace coffer::api::s3
