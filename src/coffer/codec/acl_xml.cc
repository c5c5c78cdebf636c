// ACLs as clients send and read them: documents, and the headers of grants.
#include <algorithm>
#include <utility>

#include "coffer/codec/acl.h"
#include "coffer/codec/ascii.h"
#include "coffer/codec/s3_xml.h"
#include "coffer/codec/xml.h"

namespace coffer::codec {
namespace {

constexpr std::string_view kXsi = "http://www.w3.org/2001/XMLSchema-instance";

constexpr std::pair<AclGroup, std::string_view> kGroupUris[] = {
    {AclGroup::kAllUsers, "http://acs.amazonaws.com/groups/global/AllUsers"},
    {AclGroup::kAuthenticatedUsers, "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"},
    {AclGroup::kLogDelivery, "http://acs.amazonaws.com/groups/s3/LogDelivery"}};

constexpr std::pair<AclPermission, std::string_view> kPermissionNames[] = {
    {AclPermission::kRead, "READ"},
    {AclPermission::kWrite, "WRITE"},
    {AclPermission::kReadAcp, "READ_ACP"},
    {AclPermission::kWriteAcp, "WRITE_ACP"},
    {AclPermission::kFullControl, "FULL_CONTROL"}};

Error Malformed() {
    return {ErrorKind::kInvalid, "MalformedACLError", ""};
}

Error TooMany() {
    return {ErrorKind::kInvalid, "MalformedACLError",
            "An access control list has at most 100 grants."};
}

// XML errors of an ACL have a code of their own.
template <class T>
Result<T> AsAclError(Result<T> result) {
    if (!result && result.error().code() == "MalformedXML") return Malformed();
    return result;
}

Result<AclGrantee> FindAccount(std::string_view canonical_id, const AclNames& names) {
    auto account = names.AccountOf(canonical_id);
    if (!account) return Error(ErrorKind::kInvalid, "InvalidArgument", "Invalid id");
    return AclGrantee(*std::move(account));
}

Result<AclGrantee> FindGroup(std::string_view uri) {
    for (const auto& [group, name] : kGroupUris)
        if (name == uri) return AclGrantee(group);
    return Error(ErrorKind::kInvalid, "InvalidArgument", "Invalid group uri");
}

Error UnknownEmail() {
    return {ErrorKind::kInvalid, "UnresolvableGrantByEmailAddress", ""};
}

Result<AclGrantee> ReadGrantee(const XmlNode& node, const AclNames& names) {
    TRY(AsAclError(node.Expect({"ID", "DisplayName", "URI", "EmailAddress"})));
    TRY(const auto id, AsAclError(node.ChildText("ID")));
    TRY(const auto uri, AsAclError(node.ChildText("URI")));
    TRY(const auto email, AsAclError(node.ChildText("EmailAddress")));
    if (int{id.has_value()} + int{uri.has_value()} + int{email.has_value()} != 1)
        return Malformed();
    const std::string_view expected = id    ? "CanonicalUser"
                                      : uri ? "Group"
                                            : "AmazonCustomerByEmail";
    if (node.Attribute("xsi:type").value_or(expected) != expected) return Malformed();
    if (id) return FindAccount(*id, names);
    if (uri) return FindGroup(*uri);
    return UnknownEmail();
}

Result<AclGrant> ReadGrant(const XmlNode& node, const AclNames& names) {
    TRY(AsAclError(node.Expect({"Grantee", "Permission"})));
    const auto grantee = node.Child("Grantee");
    TRY(const auto permission, AsAclError(node.ChildText("Permission")));
    if (!grantee || !permission) return Malformed();
    for (const auto& [value, name] : kPermissionNames) {
        if (name != *permission) continue;
        TRY(AclGrantee who, ReadGrantee(*grantee, names));
        return AclGrant{std::move(who), value};
    }
    return Malformed();
}

void WriteGrantee(XmlWriter& xml, const AclGrantee& grantee, const AclNames& names) {
    xml.Open("Grantee").Attribute("xmlns:xsi", kXsi);
    if (const auto* const account = std::get_if<std::string>(&grantee)) {
        const AclNames::Name name = names.NameOf(*account);
        xml.Attribute("xsi:type", "CanonicalUser").Element("ID", name.canonical_id);
        if (!name.display_name.empty()) xml.Element("DisplayName", name.display_name);
    } else {
        const auto* const group = std::ranges::find(kGroupUris, std::get<AclGroup>(grantee),
                                                    &std::pair<AclGroup, std::string_view>::first);
        xml.Attribute("xsi:type", "Group").Element("URI", group->second);
    }
    xml.Close();
}

}  // namespace

Result<Acl> ParseAcl(std::string_view document, const AclNames& names) {
    TRY(const auto xml, AsAclError(ParseXml(document)));
    const XmlNode root = xml.root();
    if (root.name() != "AccessControlPolicy") return Malformed();
    TRY(AsAclError(root.Expect({"Owner", "AccessControlList"})));
    const auto owner = root.Child("Owner");
    const auto list = root.Child("AccessControlList");
    if (!owner) return Malformed();
    TRY(AsAclError(owner->Expect({"ID", "DisplayName"})));
    TRY(const auto owner_id, AsAclError(owner->ChildText("ID")));
    if (!owner_id) return Malformed();
    TRY(AclGrantee found, FindAccount(*owner_id, names));
    Acl acl{.owner = std::get<std::string>(std::move(found)), .grants = {}};
    if (!list) return acl;
    TRY(AsAclError(list->Expect({}, {"Grant"})));
    const std::vector<XmlNode> grants = list->Children("Grant");
    if (grants.size() > kMaxAclGrants) return TooMany();
    for (const XmlNode& node : grants) {
        TRY(AclGrant grant, ReadGrant(node, names));
        acl.grants.push_back(std::move(grant));
    }
    SortGrants(acl.grants);
    return acl;
}

std::string WriteAcl(const Acl& acl, const AclNames& names) {
    XmlWriter xml;
    const AclNames::Name owner = names.NameOf(acl.owner);
    xml.Open("AccessControlPolicy").Attribute("xmlns", kS3Namespace);
    xml.Open("Owner").Element("ID", owner.canonical_id);
    if (!owner.display_name.empty()) xml.Element("DisplayName", owner.display_name);
    xml.Close().Open("AccessControlList");
    for (const AclGrant& grant : acl.grants) {
        xml.Open("Grant");
        WriteGrantee(xml, grant.grantee, names);
        const auto* const permission = std::ranges::find(
            kPermissionNames, grant.permission, &std::pair<AclPermission, std::string_view>::first);
        xml.Element("Permission", permission->second).Close();
    }
    return xml.Close().Close().Finish();
}

Result<> ParseGrantHeader(std::string_view value, AclPermission permission, const AclNames& names,
                          std::vector<AclGrant>& grants) {
    for (const std::string_view part : Split(value, ',')) {
        const std::string_view grant = TrimSpaces(part);
        const size_t equals = grant.find('=');
        if (equals == std::string_view::npos)
            return Error(ErrorKind::kInvalid, "InvalidArgument",
                         "Argument format not recognized: a grant is id=…, uri=… or "
                         "emailAddress=…");
        const std::string_view type = TrimSpaces(grant.substr(0, equals));
        std::string_view who = TrimSpaces(grant.substr(equals + 1));
        if (who.size() >= 2 && who.front() == '"' && who.back() == '"')
            who = who.substr(1, who.size() - 2);
        Result<AclGrantee> grantee =
            EqualsIgnoringCase(type, "id")    ? FindAccount(who, names)
            : EqualsIgnoringCase(type, "uri") ? FindGroup(who)
            : EqualsIgnoringCase(type, "emailAddress")
                ? Result<AclGrantee>(UnknownEmail())
                : Result<AclGrantee>(Error(ErrorKind::kInvalid, "InvalidArgument",
                                           "Argument format not recognized"));
        if (!grantee) return grantee.error();
        grants.push_back({std::move(grantee).value(), permission});
        if (grants.size() > kMaxAclGrants) return TooMany();
    }
    SortGrants(grants);
    return Ok();
}

}  // namespace coffer::codec
