// Conditions of requests (RFC 9110, 13.1 and 13.2.2; S3's conditional writes), evaluated against a
// version.
#pragma once

#include <optional>

#include "coffer/base/result.h"
#include "coffer/service/types.h"

namespace coffer::service {

enum class ReadVerdict : uint8_t { kProceed, kNotModified };

// In the order of RFC 9110, 13.2.2. kPreconditionFailed "PreconditionFailed" names the condition.
Result<ReadVerdict> EvaluateRead(const ReadConditions& conditions, const std::string& etag,
                                 Timestamp modified);

// Whether the range that was asked for is still one of what is there (RFC 9110, 13.1.5).
bool HoldsForRange(const ReadConditions& conditions, const std::string& etag, Timestamp modified);

// The same as EvaluateRead for the source of a copy, where "not modified" is a failure too.
Result<> EvaluateCopySource(const ReadConditions& conditions, const std::string& etag,
                            Timestamp modified);

// Against the current object's ETag; nothing where there is no object. kPreconditionFailed
// "PreconditionFailed"; kNotFound "NoSuchKey" for an If-Match without an object.
Result<> EvaluateWrite(const WriteConditions& conditions, const std::optional<std::string>& etag);

}  // namespace coffer::service
