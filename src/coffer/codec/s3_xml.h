// What S3's configuration documents share.
#pragma once

#include <cstddef>
#include <string_view>

namespace coffer::codec {

inline constexpr std::string_view kS3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

// How long the ID of a rule may be.
inline constexpr size_t kMaxRuleIdBytes = 255;

}  // namespace coffer::codec
