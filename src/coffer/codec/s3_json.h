// S3's configuration documents as people write them in JSON and YAML: with the member names of the
// AWS command line, where a list is a member of its own. Pure functions; any thread may call them.
//
// Source: the AWS CLI Command Reference, "s3api put-bucket-cors",
// "put-bucket-lifecycle-configuration"; what the names become in XML: the Amazon S3 API Reference.
#pragma once

#include <string>
#include <string_view>

#include "coffer/base/result.h"
#include "coffer/codec/json.h"

namespace coffer::codec {

// The XML document of that root which says what `value`, an object, says. Each item of a list
// becomes an element of its own: {"CORSRules": [{"AllowedMethods": ["GET"]}]} is one <CORSRule>
// with one <AllowedMethod>. Which elements there may be is for the document's reader to judge.
// kInvalid: a number with a fraction, null, a list in a list, or a name that can't be an element's.
Result<std::string> WriteS3Document(std::string_view root, const JsonValue& value);

}  // namespace coffer::codec
