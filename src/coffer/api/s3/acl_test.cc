// Ownership and ACLs over HTTP, with two accounts and anonymous requests.
#include <gtest/gtest.h>

#include "tests/support/s3_fixture.h"
#include "tests/support/zip_archives.h"

namespace coffer::api::s3 {
namespace {

class AclRequests : public ::testing::Test, protected S3Fixture {
  protected:
    AclRequests() {
        other_ = testing::RunTask(accounts.Create("other")).value();
        EXPECT_EQ(Make("/writers", "ObjectWriter").status, 200);
        EXPECT_EQ(Make("/preferred", "BucketOwnerPreferred").status, 200);
        EXPECT_EQ(Make("/enforced", "BucketOwnerEnforced").status, 200);
    }

    using Headers = std::vector<http::Header>;

    TestReply Make(std::string target, std::string ownership) {
        return Send("PUT", std::move(target), "", {{"x-amz-object-ownership", ownership}});
    }
    TestReply ByOther(std::string method, std::string target, std::string body = {},
                      Headers headers = {}) {
        return Send(TestRequest{.method = std::move(method),
                                .target = std::move(target),
                                .headers = std::move(headers),
                                .body = std::move(body),
                                .access_key = other_.key.access_key,
                                .secret_key = std::string(other_.key.secret_key.Reveal())});
    }
    TestReply Anonymously(std::string method, std::string target, std::string body = {},
                          Headers headers = {}) {
        return Send(TestRequest{.method = std::move(method),
                                .target = std::move(target),
                                .headers = std::move(headers),
                                .body = std::move(body),
                                .sign = false});
    }
    static Headers Acl(std::string name) { return {{"x-amz-acl", std::move(name)}}; }

    // Opens a bucket to writers of every kind.
    void Open(const std::string& bucket) {
        ASSERT_EQ(Send("PUT", bucket + "?acl", "", Acl("public-read-write")).status, 200);
    }

    std::string OwnerOf(const std::string& target) {
        return Send("GET", target + "?acl").Element("ID");
    }

    // Whose the entries of a listing are, in their order: 'm' the main account's, 'o' the other's.
    std::string OwnersIn(std::string listing, Headers headers = {}) {
        const std::string body = Send("GET", std::move(listing), "", std::move(headers)).body;
        std::string text;
        for (size_t at = 0; (at = body.find("<ID>", at)) != std::string::npos; ++at) {
            const std::string_view id = std::string_view(body).substr(at + 4);
            text += id.starts_with(main_id_)                      ? 'm'
                    : id.starts_with(other_.account.canonical_id) ? 'o'
                                                                  : '?';
        }
        return text;
    }

    service::Accounts::Created other_;
    const std::string main_id_{service::kCanonicalId};
};

TEST_F(AclRequests, AreRefusedWhereTheBucketHasNone) {
    for (const std::string target : {"/enforced?acl", "/enforced/k"}) {
        for (const std::string acl : {"public-read", "private", "authenticated-read"})
            EXPECT_EQ(Send("PUT", target, "", Acl(acl)).Element("Code"),
                      "AccessControlListNotSupported")
                << target << " " << acl;
    }
    EXPECT_EQ(Send("PUT", "/enforced/k", "x", Acl("bucket-owner-full-control")).status, 200);
    EXPECT_EQ(Send("POST", "/enforced/k?uploads", "", Acl("public-read")).Element("Code"),
              "AccessControlListNotSupported");
    EXPECT_EQ(Send("PUT", "/enforced/c", "",
                   {{"x-amz-acl", "public-read"}, {"x-amz-copy-source", "/enforced/k"}})
                  .Element("Code"),
              "AccessControlListNotSupported");
    EXPECT_EQ(Send("PUT", "/made", "", Acl("public-read")).Element("Code"),
              "InvalidBucketAclWithObjectOwnership");
    EXPECT_EQ(Send("GET", "/made").Element("Code"), "NoSuchBucket");
    EXPECT_EQ(Send("PUT", "/made", "", Acl("private")).status, 200);
}

TEST_F(AclRequests, LetInWhomTheyGrantSomething) {
    Send("PUT", "/writers/open", "open", Acl("public-read"));
    Send("PUT", "/writers/known", "known", Acl("authenticated-read"));
    Send("PUT", "/writers/shut", "shut");
    Send("PUT", "/writers/given", "given",
         {{"x-amz-grant-read", "id=" + other_.account.canonical_id}});
    EXPECT_EQ(Anonymously("GET", "/writers/open").body, "open");
    EXPECT_EQ(Anonymously("GET", "/writers/known").status, 403);
    EXPECT_EQ(ByOther("GET", "/writers/known").body, "known");
    EXPECT_EQ(ByOther("GET", "/writers/given").body, "given");
    EXPECT_EQ(Anonymously("GET", "/writers/given").status, 403);
    EXPECT_EQ(ByOther("GET", "/writers/shut").status, 403);
    EXPECT_EQ(ByOther("GET", "/writers").status, 403);
    EXPECT_EQ(ByOther("PUT", "/writers/open", "x").status, 403);
    EXPECT_EQ(ByOther("GET", "/writers/open?acl").status, 403);
    EXPECT_EQ(Send("PUT", "/writers/open?acl", "", Acl("private")).status, 200);
    EXPECT_EQ(Anonymously("GET", "/writers/open").status, 403);
}

TEST_F(AclRequests, AnObjectIsItsWritersWhereOwnershipSaysSo) {
    Open("/writers");
    ASSERT_EQ(ByOther("PUT", "/writers/k", "theirs").status, 200);
    EXPECT_EQ(Send("GET", "/writers/k").status, 403) << "the bucket's owner reads it only if told";
    EXPECT_EQ(Send("GET", "/writers/k?acl").status, 403);
    EXPECT_EQ(ByOther("GET", "/writers/k").body, "theirs");
    EXPECT_NE(ByOther("GET", "/writers/k?acl").body.find(other_.account.canonical_id),
              std::string::npos);
    EXPECT_NE(Send("GET", "/writers").body.find(other_.account.canonical_id), std::string::npos);
    ASSERT_EQ(ByOther("PUT", "/writers/k?acl", "", Acl("bucket-owner-read")).status, 200);
    EXPECT_EQ(Send("GET", "/writers/k").body, "theirs");
    EXPECT_EQ(Send("DELETE", "/writers/k").status, 204);
    // A copy is whoever makes it.
    Send("PUT", "/writers/mine", "mine", Acl("public-read"));
    ASSERT_EQ(ByOther("PUT", "/writers/copy", "", {{"x-amz-copy-source", "/writers/mine"}}).status,
              200);
    EXPECT_EQ(Anonymously("GET", "/writers/copy").status, 403) << "the source's list is not copied";
    EXPECT_EQ(ByOther("GET", "/writers/copy").body, "mine");
}

TEST_F(AclRequests, AListingTellsWhoseEachObjectIs) {
    Open("/writers");
    Send("PUT", "/writers/a", "mine");
    ByOther("PUT", "/writers/b", "theirs");
    ByOther("PUT", "/writers/c", "theirs");
    Send("PUT", "/writers/d", "mine");
    EXPECT_EQ(OwnersIn("/writers"), "moom");
    EXPECT_EQ(OwnersIn("/writers?list-type=2&fetch-owner=true"), "moom");
    EXPECT_EQ(OwnersIn("/writers?versions"), "moom");
    // Where ACLs have ceased to count, all is the bucket owner's, whatever is kept.
    ASSERT_EQ(Send("DELETE", "/writers?ownershipControls").status, 204);
    EXPECT_EQ(OwnersIn("/writers"), "mmmm");
    EXPECT_EQ(OwnersIn("/writers?versions"), "mmmm");
}

TEST_F(AclRequests, AListingOfAnArchiveTellsWhoseTheArchiveIs) {
    Open("/writers");
    ByOther("PUT", "/writers/a.zip", testing::ZipArchive(), Acl("bucket-owner-read"));
    Send("PUT", "/writers/b.zip", testing::ZipArchive());
    const auto owners = [&](const std::string& archive) {
        return OwnersIn("/writers?prefix=" + archive + "/", {{"x-minio-extract", "true"}});
    };
    EXPECT_EQ(owners("a.zip"), "oooo");
    EXPECT_EQ(owners("b.zip"), "mmmm");
    // It is the bucket owner's with everything else where ACLs have ceased to count.
    ASSERT_EQ(Send("DELETE", "/writers?ownershipControls").status, 204);
    EXPECT_EQ(owners("a.zip"), "mmmm");
}

// It is judged by the object, though nothing in the bucket speaks of its owner any more.
TEST_F(AclRequests, AnObjectsOwnerTagsIt) {
    ASSERT_EQ(
        Send("PUT", "/writers?policy",
             R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},)"
             R"("Action":"s3:PutObject","Resource":"arn:aws:s3:::writers/*"}]})")
            .status,
        204);
    ASSERT_EQ(ByOther("PUT", "/writers/k", "theirs").status, 200);
    ASSERT_EQ(Send("DELETE", "/writers?policy").status, 204);
    const std::string tagging =
        "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    EXPECT_EQ(ByOther("PUT", "/writers/k?tagging", tagging).status, 200);
    EXPECT_EQ(ByOther("GET", "/writers/k?tagging").status, 200);
    Send("PUT", "/writers/main", "main");
    EXPECT_EQ(ByOther("PUT", "/writers/main?tagging", tagging).status, 403);
}

TEST_F(AclRequests, TheBucketsOwnerGetsWhatItIsGivenWhereItIsPreferred) {
    Open("/preferred");
    ASSERT_EQ(ByOther("PUT", "/preferred/given", "x", Acl("bucket-owner-full-control")).status,
              200);
    ASSERT_EQ(ByOther("PUT", "/preferred/kept", "x").status, 200);
    EXPECT_EQ(OwnerOf("/preferred/given"), main_id_);
    EXPECT_EQ(Send("GET", "/preferred/kept").status, 403);
    EXPECT_EQ(ByOther("GET", "/preferred/given").status, 403);
    // Once ACLs do not count, everything is the bucket's owner's.
    ASSERT_EQ(Send("PUT", "/preferred?acl", "", Acl("private")).status, 200);
    ASSERT_EQ(Send("PUT", "/preferred?ownershipControls",
                   "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced"
                   "</ObjectOwnership></Rule></OwnershipControls>")
                  .status,
              200);
    EXPECT_EQ(Send("GET", "/preferred/kept").body, "x");
    EXPECT_EQ(OwnerOf("/preferred/kept"), main_id_);
    EXPECT_EQ(ByOther("GET", "/preferred/kept").status, 403);
    EXPECT_EQ(Send("GET", "/preferred").body.find(other_.account.canonical_id), std::string::npos);
}

TEST_F(AclRequests, OwnershipIsNotEnforcedOverGrantsThatAreThere) {
    Open("/writers");
    const std::string enforce =
        "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>"
        "</OwnershipControls>";
    EXPECT_EQ(Send("PUT", "/writers?ownershipControls", enforce).Element("Code"),
              "InvalidBucketAclWithObjectOwnership");
    EXPECT_EQ(Send("GET", "/writers?ownershipControls").Element("ObjectOwnership"), "ObjectWriter");
    EXPECT_EQ(Send("DELETE", "/writers?ownershipControls").status, 204);
    EXPECT_EQ(Send("GET", "/writers?ownershipControls").Element("Code"),
              "OwnershipControlsNotFoundError");
    EXPECT_EQ(Anonymously("GET", "/writers").status, 403) << "as if it had just been made";
}

TEST_F(AclRequests, WhatNobodyInParticularWritesIsTheBucketsOwners) {
    Open("/writers");
    ASSERT_EQ(Anonymously("PUT", "/writers/k", "x").status, 200);
    EXPECT_EQ(OwnerOf("/writers/k"), main_id_);
    EXPECT_EQ(Anonymously("GET", "/writers/k").status, 403);
    EXPECT_EQ(Anonymously("DELETE", "/writers/k").status, 403);
    EXPECT_EQ(Send("GET", "/writers/k").body, "x");
}

TEST_F(AclRequests, WriterMayDeleteItsOwnAndNothingElse) {
    Open("/writers");
    Send("PUT", "/writers/mine", "x");
    ByOther("PUT", "/writers/theirs", "x");
    EXPECT_EQ(ByOther("DELETE", "/writers/mine").status, 403);
    EXPECT_EQ(ByOther("DELETE", "/writers/theirs").status, 204);
    EXPECT_EQ(ByOther("DELETE", "/writers/never").status, 204);
}

TEST_F(AclRequests, AnUploadIsLookedAfterByWhoBeganIt) {
    Open("/writers");
    const std::string id =
        ByOther("POST", "/writers/k?uploads", "", Acl("public-read")).Element("UploadId");
    ASSERT_FALSE(id.empty());
    const std::string parts = "/writers/k?uploadId=" + id;
    EXPECT_EQ(Anonymously("GET", parts).status, 403);
    EXPECT_EQ(Send("GET", parts).status, 200) << "and by the bucket's owner";
    const TestReply listed = ByOther("GET", parts);
    EXPECT_EQ(listed.status, 200);
    EXPECT_EQ(listed.Element("ID"), other_.account.canonical_id);
    const std::string etag = ByOther("PUT", parts + "&partNumber=1", "part").Header("ETag");
    ASSERT_EQ(ByOther("POST", parts,
                      "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + etag +
                          "</ETag></Part></CompleteMultipartUpload>")
                  .status,
              200);
    EXPECT_EQ(Anonymously("GET", "/writers/k").body, "part");
    const std::string given_up = ByOther("POST", "/writers/k?uploads").Element("UploadId");
    EXPECT_EQ(Anonymously("DELETE", "/writers/k?uploadId=" + given_up).status, 403);
    EXPECT_EQ(ByOther("DELETE", "/writers/k?uploadId=" + given_up).status, 204);
}

TEST_F(AclRequests, WhoMayListTheBucketLearnsWhatIsNotThere) {
    EXPECT_EQ(Anonymously("GET", "/writers/none").status, 403);
    ASSERT_EQ(Send("PUT", "/writers?acl", "", Acl("public-read")).status, 200);
    EXPECT_EQ(Anonymously("GET", "/writers/none").Element("Code"), "NoSuchKey");
    EXPECT_EQ(Anonymously("PUT", "/writers/none", "x").status, 403);
}

TEST_F(AclRequests, ThePublicAccessBlockBlocksAndIgnoresPublicLists) {
    Open("/writers");
    Send("PUT", "/writers/open", "x", Acl("public-read"));
    const auto block = [&](std::string_view field) {
        return Send("PUT", "/writers?publicAccessBlock",
                    fmt::format("<PublicAccessBlockConfiguration><{0}>true</{0}>"
                                "</PublicAccessBlockConfiguration>",
                                field));
    };
    ASSERT_EQ(block("BlockPublicAcls").status, 200);
    for (const std::string target : {"/writers?acl", "/writers/k", "/writers/open?acl"})
        EXPECT_EQ(Send("PUT", target, "", Acl("public-read")).status, 403) << target;
    EXPECT_EQ(Send("POST", "/writers/k?uploads", "", Acl("public-read")).status, 403);
    EXPECT_EQ(Send("PUT", "/writers/k", "", Acl("private")).status, 200);
    EXPECT_EQ(Anonymously("GET", "/writers/open").status, 200) << "what there was stays";
    EXPECT_EQ(Send("GET", "/writers?policyStatus").Element("IsPublic"), "true");
    ASSERT_EQ(block("IgnorePublicAcls").status, 200);
    EXPECT_EQ(Anonymously("GET", "/writers/open").status, 403);
    EXPECT_EQ(ByOther("GET", "/writers").status, 403);
    EXPECT_EQ(ByOther("PUT", "/writers/k", "x").status, 403);
    EXPECT_EQ(Send("GET", "/writers?policyStatus").Element("IsPublic"), "false");
}

TEST_F(AclRequests, ADenialOfThePolicyIsAboveThem) {
    Send("PUT", "/writers/open", "x", Acl("public-read"));
    ASSERT_EQ(Send("PUT", "/writers?policy",
                   R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*",)"
                   R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::writers/*"}]})")
                  .status,
              204);
    EXPECT_EQ(Anonymously("GET", "/writers/open").status, 403);
    EXPECT_EQ(ByOther("GET", "/writers/open").status, 403);
    EXPECT_EQ(Send("GET", "/writers/open").status, 403);
}

TEST_F(AclRequests, SayOneThingOnly) {
    EXPECT_EQ(Send("PUT", "/writers/k", "x",
                   {{"x-amz-acl", "private"}, {"x-amz-grant-read", "id=" + main_id_}})
                  .Element("Code"),
              "InvalidRequest");
    EXPECT_EQ(Send("PUT", "/writers?acl", "<AccessControlPolicy/>", Acl("private")).Element("Code"),
              "UnexpectedContent");
    EXPECT_EQ(Send("PUT", "/writers/k", "x", {{"x-amz-grant-read", "id=nobody"}}).Element("Code"),
              "InvalidArgument");
    EXPECT_EQ(Send("PUT", "/made", "", {{"x-amz-object-ownership", "Mine"}}).Element("Code"),
              "InvalidArgument");
}

TEST_F(AclRequests, CannotChangeTheOwner) {
    Send("PUT", "/writers/k", "x");
    const std::string document = "<AccessControlPolicy><Owner><ID>" + other_.account.canonical_id +
                                 "</ID></Owner><AccessControlList/></AccessControlPolicy>";
    for (const std::string target : {"/writers?acl", "/writers/k?acl"})
        EXPECT_EQ(Send("PUT", target, document).Element("Code"), "AccessDenied") << target;
}

TEST_F(AclRequests, WhoMayListAPrefixLearnsWhatIsNotThereBelowIt) {
    ASSERT_EQ(Send("PUT", "/writers?policy",
                   R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",)"
                   R"("Action":"s3:ListBucket","Resource":"arn:aws:s3:::writers",)"
                   R"("Condition":{"StringLike":{"s3:prefix":"public/*"}}}]})")
                  .status,
              204);
    EXPECT_EQ(ByOther("GET", "/writers/public/none").status, 404);
    EXPECT_EQ(ByOther("GET", "/writers/private/none").status, 403);
}

TEST_F(AclRequests, WhoeverMayWriteMaySayWhatItIs) {
    Open("/writers");
    const Headers tagged = {{"x-amz-tagging", "a=b"}, {"x-amz-acl", "public-read"}};
    EXPECT_EQ(Anonymously("PUT", "/writers/k", "x", tagged).status, 200);
    EXPECT_EQ(ByOther("PUT", "/writers/k", "x", tagged).status, 200);
    EXPECT_EQ(Send("PUT", "/writers/k", "x", tagged).status, 200) << "over another's object";
    EXPECT_EQ(ByOther("PUT", "/writers/k?tagging", "<Tagging><TagSet/></Tagging>").status, 403);
    EXPECT_EQ(Anonymously("PUT", "/enforced/k", "x", {{"x-amz-tagging", "a=b"}}).status, 403);
}

TEST_F(AclRequests, OfAVersionStaysWithIt) {
    Send("PUT", "/writers?versioning",
         "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
    const std::string first =
        Send("PUT", "/writers/k", "first", Acl("public-read")).Header("x-amz-version-id");
    Send("PUT", "/writers/k", "second");
    EXPECT_EQ(Anonymously("GET", "/writers/k").status, 403);
    EXPECT_EQ(Anonymously("GET", "/writers/k?versionId=" + first).body, "first");
    Send("PUT", "/writers/k?acl&versionId=" + first, "", Acl("private"));
    EXPECT_EQ(Anonymously("GET", "/writers/k?versionId=" + first).status, 403);
}

// Whatever an object is replaced by between two steps of a request: what is answered was open to
// everybody when it was judged.
TEST_F(AclRequests, GiveNothingThatCameInPlaceOfWhatWasJudged) {
    const auto put = [](std::string body, std::string acl) {
        return TestRequest{.method = "PUT",
                           .target = "/writers/k",
                           .headers = {{"x-amz-acl", std::move(acl)},
                                       {"x-amz-tagging", "is=" + body},
                                       {"x-amz-meta-is", body}},
                           .body = body};
    };
    for (const TestRequest& read :
         {TestRequest{.method = "GET", .target = "/writers/k"},
          TestRequest{.method = "HEAD", .target = "/writers/k"},
          TestRequest{.method = "GET", .target = "/writers/k", .headers = {{"Range", "bytes=0-1"}}},
          TestRequest{.method = "GET",
                      .target = "/writers/k",
                      .headers = {{"If-None-Match", "\"other\""}}}}) {
        bool happened = true;
        int answered = 0;
        for (int n = 1; happened; ++n) {
            ASSERT_EQ(Send(put("open", "public-read")).status, 200);
            happened = false;
            services.database->BeforeRead(n, [&]() -> Task<void> {
                happened = true;
                EXPECT_EQ((co_await Exchange(put("shut", "private"))).status, 200);
            });
            TestRequest request = read;
            request.sign = false;
            const TestReply reply = Send(std::move(request));
            services.database->BeforeRead(0, nullptr);
            const std::string all = reply.body + reply.Header("x-amz-meta-is");
            EXPECT_EQ(all.find("sh"), std::string::npos) << read.target << " " << n;
            EXPECT_TRUE(reply.status == 403 || reply.status == 200 || reply.status == 206)
                << read.target << " " << n << ": " << reply.status;
            if (reply.status < 300) ++answered;
        }
        EXPECT_GE(answered, 1) << "undisturbed, it is answered";
    }
}

TEST_F(AclRequests, ChangeNothingThatCameInPlaceOfWhatWasJudged) {
    Open("/writers");
    ASSERT_EQ(ByOther("PUT", "/writers/k", "theirs").status, 200);
    // While the body is on its way, root puts an object of its own there.
    const TestReply reply = Send(TestRequest{
        .method = "PUT",
        .target = "/writers/k?acl",
        .body = "<AccessControlPolicy><Owner><ID>" + other_.account.canonical_id +
                "</ID></Owner><AccessControlList><Grant><Grantee "
                "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
                "xsi:type=\"CanonicalUser\"><ID>" +
                other_.account.canonical_id +
                "</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant>"
                "</AccessControlList></AccessControlPolicy>",
        .meanwhile = [&]() -> Task<void> {
            EXPECT_EQ(
                (co_await Exchange({.method = "PUT", .target = "/writers/k", .body = "secret"}))
                    .status,
                200);
        },
        .access_key = other_.key.access_key,
        .secret_key = std::string(other_.key.secret_key.Reveal())});
    EXPECT_EQ(reply.status, 409);
    EXPECT_EQ(reply.Element("Code"), "OperationAborted");
    EXPECT_EQ(ByOther("GET", "/writers/k").status, 403);
}

}  // namespace
}  // namespace coffer::api::s3
