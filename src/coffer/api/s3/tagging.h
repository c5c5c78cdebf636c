// Tags in documents and headers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "coffer/api/s3/call.h"
#include "coffer/codec/xml.h"

namespace coffer::api::s3 {

// The <Tag>s in an element. kInvalid "MalformedXML"; "InvalidTag" as service::CheckTags has it.
Result<service::Tags> ReadTags(const codec::XmlNode& node, size_t most);

// The tags of a <Tagging> document; errors as ReadTags has them.
Result<service::Tags> ParseTagging(std::string_view document, size_t most);

// A <Tagging> document.
std::string WriteTagging(const service::Tags& tags);

// The tags in a value of x-amz-tagging, as they stand there: not checked. kInvalid
// "InvalidArgument" where it is not encoded as a query.
Result<service::Tags> ParseTagQuery(std::string_view header);

// x-amz-tagging of a request that makes an object, whose principal may then set tags; nothing
// without it. `call` outlives the task. Errors as ParseTagQuery; "InvalidTag"; "AccessDenied".
Task<Result<std::optional<service::Tags>>> ParseTaggingHeader(const Call& call);

}  // namespace coffer::api::s3
