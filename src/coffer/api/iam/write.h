// Pieces of IAM's XML that several operations write.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/api/iam/call.h"

namespace coffer::api::iam {

// <User> or <Group>, or <member> in a list: path, name, id, ARN, date.
void WriteHolder(codec::XmlWriter& xml, std::string_view element, const service::Holder& holder);

// <IsTruncated>, and <Marker> where it is.
void WriteEnd(codec::XmlWriter& xml, bool truncated, std::string_view marker);

// The page of `names` (in their order) that is asked for, as a list `element` of what `write` puts
// into it for each, and the end.
void WritePage(codec::XmlWriter& xml, std::string_view element, const Paging& paging,
               const std::vector<std::string>& names,
               const std::function<void(const std::string& name)>& write);

}  // namespace coffer::api::iam
