#include "coffer/api/s3/owners.h"

#include "coffer/api/s3/document.h"
#include "coffer/service/iam/names.h"

namespace coffer::api::s3 {

const service::AccountInfo& Owners::Find(std::string_view account) {
    const std::string_view id = account.empty() ? bucket_owner_ : account;
    const auto found = known_.find(id);
    if (found != known_.end()) return found->second;
    return known_.emplace(std::string(id), directory_->Describe(id)).first->second;
}

void Owners::WriteOwner(codec::XmlWriter& xml, std::string_view account) {
    s3::WriteOwner(xml, "Owner", Find(account));
}

void Owners::WriteInitiator(codec::XmlWriter& xml, const std::string& arn) {
    const std::string account = service::AccountOfArn(arn);
    if (arn == service::RootArn(account) || arn.empty())
        return s3::WriteOwner(xml, "Initiator", Find(account));
    xml.Open("Initiator")
        .Element("ID", arn)
        .Element("DisplayName", std::string_view(arn).substr(arn.rfind('/') + 1))
        .Close();
}

}  // namespace coffer::api::s3
