// Errors in the forms in which MinIO's paths give them: XML as S3 has it, JSON under /minio/admin,
// and RFC 9457 problems on the second port.
#pragma once

#include <string_view>

#include "coffer/http/message.h"

namespace coffer::api::minio {

// <Error><Code>…</Code><Message>…</Message><Resource>…</Resource><RequestId>…</RequestId></Error>
http::Response XmlError(int status, std::string_view code, std::string_view message,
                        const http::Request& request);

// The same as {"Code": …, "Message": …, "Resource": …, "RequestId": …, "HostId": …}: what `mc
// admin` reads.
http::Response JsonError(int status, std::string_view code, std::string_view message,
                         const http::Request& request);

// application/problem+json; type is "about:blank", so `title` is the status's phrase (RFC
// 9457, 4.2.1).
http::Response Problem(int status, std::string_view detail);

}  // namespace coffer::api::minio
