// What replies tell of lifecycle rules.
#pragma once

#include <string_view>

#include "coffer/api/s3/call.h"

namespace coffer::api::s3 {

// x-amz-expiration, as the services have it; nothing where it is empty.
void WriteExpiration(std::string_view expiration, http::Headers& reply);

// x-amz-abort-date and x-amz-abort-rule-id, of an upload that a rule will abort.
void WriteAbort(const service::UploadInfo& upload, http::Headers& reply);

}  // namespace coffer::api::s3
