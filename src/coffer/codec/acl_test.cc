#include "coffer/codec/acl.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

namespace coffer::codec {
namespace {

using enum AclPermission;
using enum AclGroup;

// Accounts 1 and 2 are there; a canonical id is an id with a "c" before it.
class TestNames final : public AclNames {
  public:
    std::optional<std::string> AccountOf(std::string_view canonical_id) const override {
        if (canonical_id == "c1") return "1";
        if (canonical_id == "c2") return "2";
        return std::nullopt;
    }
    Name NameOf(std::string_view account) const override {
        const std::string id(account);
        return {"c" + id, id == "gone" ? "" : "name " + id};
    }
};

std::string Document(std::string_view grants, std::string_view owner = "<ID>c1</ID>") {
    return fmt::format(
        "<AccessControlPolicy xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Owner>{}</Owner>"
        "<AccessControlList>{}</AccessControlList></AccessControlPolicy>",
        owner, grants);
}

std::string Grant(std::string_view grantee, std::string_view permission) {
    return fmt::format(
        "<Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" {}</Grantee>"
        "<Permission>{}</Permission></Grant>",
        grantee, permission);
}

constexpr std::string_view kEverybody =
    "xsi:type=\"Group\"><URI>http://acs.amazonaws.com/groups/global/AllUsers</URI>";

std::string CodeOf(std::string_view document) {
    const auto parsed = ParseAcl(document, TestNames());
    return parsed ? "ok" : std::string(parsed.error().code());
}

TEST(Acl, ADocumentIsReadWithGroupsFirst) {
    const auto acl =
        ParseAcl(Document(Grant("xsi:type=\"CanonicalUser\"><ID>c1</ID>", "FULL_CONTROL") +
                          Grant("xsi:type=\"CanonicalUser\"><ID>c2</ID>", "READ_ACP") +
                          Grant(kEverybody, "READ") + Grant(kEverybody, "READ")),
                 TestNames());
    ASSERT_TRUE(acl);
    EXPECT_EQ(acl.value(), (Acl{"1", {{kAllUsers, kRead}, {"1", kFullControl}, {"2", kReadAcp}}}));
}

TEST(Acl, WhatIsWrittenIsReadAsTheSame) {
    for (const auto& [name, canned] :
         std::map<std::string_view, CannedAcl>{{"a", CannedAcl::kPrivate},
                                               {"b", CannedAcl::kPublicReadWrite},
                                               {"c", CannedAcl::kBucketOwnerFullControl},
                                               {"d", CannedAcl::kLogDeliveryWrite}}) {
        const Acl acl{"1", CannedGrants(canned, "1", "2")};
        EXPECT_EQ(ParseAcl(WriteAcl(acl, TestNames()), TestNames()).value(), acl) << name;
        EXPECT_EQ(DecodeAcl(EncodeAcl(acl)).value(), acl) << name;
        EXPECT_EQ(EncodedAclOwner(EncodeAcl(acl)), "1") << name;
    }
}

TEST(Acl, AnAccountThatIsGoneIsToldWithoutAName) {
    const std::string written = WriteAcl(PrivateAcl("gone"), TestNames());
    EXPECT_NE(written.find("<ID>cgone</ID>"), std::string::npos);
    EXPECT_EQ(written.find("DisplayName"), std::string::npos);
}

TEST(Acl, MalformedDocumentsAreRefused) {
    EXPECT_EQ(CodeOf(Document("")), "ok");
    EXPECT_EQ(CodeOf("<AccessControlPolicy><Owner><ID>c1</ID></Owner></AccessControlPolicy>"),
              "ok");
    for (const std::string& document :
         {std::string("nonsense"), std::string("<AccessControlPolicy/>"),
          std::string("<Other><Owner><ID>c1</ID></Owner></Other>"), Document("", ""),
          Document("<Grant/>"), Document("<Other/>"), Document(Grant(kEverybody, "LOOK")),
          Document(Grant("xsi:type=\"Group\"><ID>c1</ID>", "READ")),
          Document(Grant("><ID>c1</ID><URI>x</URI>", "READ")), Document(Grant(">", "READ"))})
        EXPECT_EQ(CodeOf(document), "MalformedACLError") << document;
    EXPECT_EQ(CodeOf(Document("", "<ID>c3</ID>")), "InvalidArgument");
    EXPECT_EQ(CodeOf(Document(Grant("><ID>c3</ID>", "READ"))), "InvalidArgument");
    EXPECT_EQ(CodeOf(Document(Grant("><URI>http://x/</URI>", "READ"))), "InvalidArgument");
    EXPECT_EQ(CodeOf(Document(Grant("xsi:type=\"AmazonCustomerByEmail\"><EmailAddress>a@b"
                                    "</EmailAddress>",
                                    "READ"))),
              "UnresolvableGrantByEmailAddress");
}

TEST(Acl, AHundredGrantsAreTheMost) {
    std::string grants;
    for (size_t i = 0; i < kMaxAclGrants; ++i)
        grants += Grant(kEverybody, "READ");
    EXPECT_EQ(CodeOf(Document(grants)), "ok");
    EXPECT_EQ(CodeOf(Document(grants + Grant(kEverybody, "WRITE"))), "MalformedACLError");
}

TEST(Acl, HeadersGrantToo) {
    std::vector<AclGrant> grants;
    ASSERT_TRUE(ParseGrantHeader(
        "id=\"c2\", uri=\"http://acs.amazonaws.com/groups/global/AuthenticatedUsers\"", kRead,
        TestNames(), grants));
    ASSERT_TRUE(ParseGrantHeader("id=c1", kFullControl, TestNames(), grants));
    EXPECT_EQ(grants, (std::vector<AclGrant>{
                          {kAuthenticatedUsers, kRead}, {"2", kRead}, {"1", kFullControl}}));
    const auto code = [&](std::string_view value) {
        const auto parsed = ParseGrantHeader(value, kRead, TestNames(), grants);
        return parsed ? "ok" : std::string(parsed.error().code());
    };
    EXPECT_EQ(code("c1"), "InvalidArgument");
    EXPECT_EQ(code("name=c1"), "InvalidArgument");
    EXPECT_EQ(code("id=c3"), "InvalidArgument");
    EXPECT_EQ(code("emailAddress=a@b"), "UnresolvableGrantByEmailAddress");
}

TEST(Acl, CannedListsGrantWhatTheirNamesSay) {
    const auto grants = [](std::string_view name, const std::string& bucket_owner = "1") {
        return CannedGrants(ParseCannedAcl(name).value(), "1", bucket_owner);
    };
    using Grants = std::vector<AclGrant>;
    const AclGrant own{"1", kFullControl};
    EXPECT_EQ(grants("private"), Grants{own});
    EXPECT_EQ(grants("aws-exec-read"), Grants{own});
    EXPECT_EQ(grants("public-read"), (Grants{{kAllUsers, kRead}, own}));
    EXPECT_EQ(grants("public-read-write"), (Grants{{kAllUsers, kRead}, {kAllUsers, kWrite}, own}));
    EXPECT_EQ(grants("authenticated-read"), (Grants{{kAuthenticatedUsers, kRead}, own}));
    EXPECT_EQ(grants("bucket-owner-read"), Grants{own});
    EXPECT_EQ(grants("bucket-owner-read", "2"), (Grants{own, {"2", kRead}}));
    EXPECT_EQ(grants("bucket-owner-full-control", "2"), (Grants{own, {"2", kFullControl}}));
    EXPECT_EQ(grants("log-delivery-write"),
              (Grants{{kLogDelivery, kWrite}, {kLogDelivery, kReadAcp}, own}));
    EXPECT_FALSE(ParseCannedAcl("everybody"));
}

TEST(Acl, IsPublicWhereAnybodyOutsideIsNamedByGroup) {
    EXPECT_TRUE(IsPublic({{kAllUsers, kReadAcp}}));
    EXPECT_TRUE(IsPublic({{"1", kRead}, {kAuthenticatedUsers, kRead}}));
    EXPECT_FALSE(IsPublic({{"2", kFullControl}, {kLogDelivery, kWrite}}));
}

TEST(Acl, WhatIsKeptAndDamagedIsNoList) {
    for (const std::string_view text : {"", ",read=1", "1,", "1,read", "1,read=", "1,look=2"})
        EXPECT_EQ(DecodeAcl(text).error().kind(), ErrorKind::kCorrupt) << text;
}

}  // namespace
}  // namespace coffer::codec
