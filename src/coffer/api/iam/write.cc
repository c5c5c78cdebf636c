#include "coffer/api/iam/write.h"

#include <algorithm>

#include "coffer/codec/date.h"

namespace coffer::api::iam {

void WriteHolder(codec::XmlWriter& xml, std::string_view element, const service::Holder& holder) {
    const bool user = holder.kind == service::HolderKind::kUser;
    xml.Open(element)
        .Element("Path", holder.path)
        .Element(user ? "UserName" : "GroupName", holder.name)
        .Element(user ? "UserId" : "GroupId", holder.id)
        .Element("Arn", service::ArnOf(holder))
        .Element("CreateDate", codec::FormatIso8601(holder.created))
        .Close();
}

void WriteEnd(codec::XmlWriter& xml, bool truncated, std::string_view marker) {
    xml.Element("IsTruncated", truncated);
    if (truncated) xml.Element("Marker", marker);
}

void WritePage(codec::XmlWriter& xml, std::string_view element, const Paging& paging,
               const std::vector<std::string>& names,
               const std::function<void(const std::string& name)>& write) {
    auto at = std::ranges::upper_bound(names, paging.after);
    std::string last;
    xml.Open(element);
    for (size_t count = 0; at != names.end() && count < paging.limit; ++count, ++at) {
        write(*at);
        last = *at;
    }
    xml.Close();
    WriteEnd(xml, at != names.end(), last);
}

}  // namespace coffer::api::iam
