// Versioning as clients see it: documents, headers and errors. The rules themselves are tested in
// service/versions_test.cc.
#include <gtest/gtest.h>

#include "coffer/api/s3/reply.h"
#include "coffer/codec/base64.h"

#include "tests/support/s3_fixture.h"

namespace coffer::api::s3 {
namespace {

class S3Versioning : public ::testing::Test, public S3Fixture {
  protected:
    S3Versioning() { EXPECT_EQ(Send("PUT", "/bucket").status, 200); }

    TestReply SetStatus(std::string_view status) {
        return Send("PUT", "/bucket?versioning",
                    fmt::format("<VersioningConfiguration xmlns=\"{}\"><Status>{}</Status>"
                                "</VersioningConfiguration>",
                                "http://s3.amazonaws.com/doc/2006-03-01/", status));
    }
    std::string Put(std::string body) {
        return Send("PUT", "/bucket/k", std::move(body)).Header("x-amz-version-id");
    }
    TestReply DeleteKeys(std::string document) {
        return Send("POST", "/bucket?delete", document,
                    {{"Content-MD5", codec::Base64Encode(codec::Md5(AsBytes(document)))}});
    }
};

TEST_F(S3Versioning, IsToldAsItWasSet) {
    EXPECT_EQ(Send("GET", "/bucket?versioning").body,
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
              "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>");
    for (const char* status : {"Suspended", "Enabled", "Enabled", "Suspended"}) {
        EXPECT_EQ(SetStatus(status).status, 200);
        EXPECT_EQ(Send("GET", "/bucket?versioning").Element("Status"), status);
    }
    EXPECT_EQ(Send("GET", "/missing?versioning").Element("Code"), "NoSuchBucket");
}

TEST_F(S3Versioning, RefusesWhatItDoesNotUnderstandAndChangesNothing) {
    const auto code = [&](std::string_view inside) {
        return Send("PUT", "/bucket?versioning",
                    fmt::format("<VersioningConfiguration>{}</VersioningConfiguration>", inside))
            .Element("Code");
    };
    EXPECT_EQ(code(""), "IllegalVersioningConfigurationException");
    EXPECT_EQ(code("<Status>enabled</Status>"), "MalformedXML");
    EXPECT_EQ(code("<Status/>"), "MalformedXML");
    EXPECT_EQ(code("<Status>Enabled</Status><Status>Enabled</Status>"), "MalformedXML");
    EXPECT_EQ(code("<Status>Enabled</Status><Other/>"), "MalformedXML");
    EXPECT_EQ(code("<Status>Enabled</Status><MfaDelete>maybe</MfaDelete>"), "MalformedXML");
    EXPECT_EQ(code("<Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>"), "NotImplemented");
    EXPECT_EQ(code("<Status>Enabled</Status><ExcludeFolders>true</ExcludeFolders>"),
              "NotImplemented");
    EXPECT_EQ(code("<Status>Enabled</Status><ExcludedPrefixes><Prefix>a/*</Prefix>"
                   "</ExcludedPrefixes>"),
              "NotImplemented");
    EXPECT_EQ(Send("PUT", "/bucket?versioning", "<Other/>").Element("Code"), "MalformedXML");
    EXPECT_EQ(Send("PUT", "/bucket?versioning", "<VersioningConfiguration>").Element("Code"),
              "MalformedXML");
    EXPECT_EQ(Send("PUT", "/bucket?versioning").Element("Code"), "MalformedXML");
    EXPECT_EQ(Send("PUT", "/missing?versioning",
                   "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
                  .Element("Code"),
              "NoSuchBucket");
    EXPECT_EQ(Send("GET", "/bucket?versioning").Element("Status"), "");
    EXPECT_EQ(Send("PUT", "/bucket?versioning",
                   "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Disabled"
                   "</MfaDelete></VersioningConfiguration>")
                  .status,
              200);
}

TEST_F(S3Versioning, NamesTheVersionInEveryReplyOnceItWasConfigured) {
    EXPECT_FALSE(Send("PUT", "/bucket/k", "null").headers.Has("x-amz-version-id"));
    EXPECT_FALSE(Send("GET", "/bucket/k").headers.Has("x-amz-version-id"));
    SetStatus("Enabled");
    EXPECT_EQ(Send("GET", "/bucket/k").Header("x-amz-version-id"), "null");
    const std::string first = Put("first");
    const std::string second = Put("second");
    EXPECT_NE(first, second);
    EXPECT_EQ(Send("GET", "/bucket/k").Header("x-amz-version-id"), second);
    const TestReply old = Send("GET", "/bucket/k?versionId=" + first);
    EXPECT_EQ(old.body, "first");
    EXPECT_EQ(old.Header("x-amz-version-id"), first);
    EXPECT_EQ(Send("HEAD", "/bucket/k?versionId=" + first).Header("x-amz-version-id"), first);
    EXPECT_EQ(Send("GET", "/bucket/k?versionId=null").body, "null");
    EXPECT_EQ(Send("GET", "/bucket/k?attributes&versionId=" + first, "",
                   {{"x-amz-object-attributes", "ObjectSize"}})
                  .Header("x-amz-version-id"),
              first);
    SetStatus("Suspended");
    EXPECT_EQ(Put("other null"), "");
    EXPECT_EQ(Send("GET", "/bucket/k?versionId=null").body, "other null");
    EXPECT_EQ(Send("GET", "/bucket/k?versionId=" + second).body, "second");
}

TEST_F(S3Versioning, TellsOfDeleteMarkers) {
    EXPECT_EQ(Send("GET", "/bucket/missing").Header("x-amz-delete-marker"), "false");
    SetStatus("Enabled");
    const std::string version = Put("body");
    const TestReply deleted = Send("DELETE", "/bucket/k");
    const std::string marker = deleted.Header("x-amz-version-id");
    EXPECT_EQ(deleted.status, 204);
    EXPECT_EQ(deleted.Header("x-amz-delete-marker"), "true");

    for (const char* method : {"GET", "HEAD"}) {
        const TestReply get = Send(method, "/bucket/k");
        EXPECT_EQ(get.status, 404);
        EXPECT_EQ(get.Header("x-amz-delete-marker"), "true");
        EXPECT_EQ(get.Header("x-amz-version-id"), marker);
        const TestReply named = Send(method, "/bucket/k?versionId=" + marker);
        EXPECT_EQ(named.status, 405);
        EXPECT_EQ(named.Header("x-amz-delete-marker"), "true");
        EXPECT_EQ(named.Header("Last-Modified"), "Thu, 01 Jan 2026 00:00:00 GMT");
        EXPECT_EQ(named.Header("Allow"), "DELETE");
    }
    EXPECT_EQ(Send("GET", "/bucket/k").Element("Code"), "NoSuchKey");
    EXPECT_EQ(Send("GET", "/bucket/k?versionId=" + marker).Element("Code"), "MethodNotAllowed");

    const TestReply gone = Send("DELETE", "/bucket/k?versionId=" + marker);
    EXPECT_EQ(gone.Header("x-amz-delete-marker"), "true");
    EXPECT_EQ(gone.Header("x-amz-version-id"), marker);
    EXPECT_EQ(Send("GET", "/bucket/k").Header("x-amz-version-id"), version);
    const TestReply last = Send("DELETE", "/bucket/k?versionId=" + version);
    EXPECT_EQ(last.Header("x-amz-version-id"), version);
    EXPECT_FALSE(last.headers.Has("x-amz-delete-marker"));
}

TEST_F(S3Versioning, TellsAnIdThatNoVersionCanHaveFromOneThatIsNotThere) {
    SetStatus("Enabled");
    const std::string version = Put("body");
    const std::string other = std::string(31, '0') + "1";
    for (const char* method : {"GET", "HEAD", "DELETE"}) {
        EXPECT_EQ(Send(method, "/bucket/k?versionId=nonsense").status, 400) << method;
        EXPECT_EQ(Send(method, "/bucket/k?versionId=").status, 400) << method;
    }
    const TestReply malformed = Send("GET", "/bucket/k?versionId=nonsense");
    EXPECT_EQ(malformed.Element("Code"), "InvalidArgument");
    EXPECT_EQ(malformed.Element("Message"), "Invalid version id specified");
    EXPECT_EQ(Send("GET", "/bucket/k?versionId=" + other).Element("Code"), "NoSuchVersion");
    EXPECT_EQ(Send("GET", "/bucket/other?versionId=" + version).Element("Code"), "NoSuchVersion");
    EXPECT_EQ(Send("DELETE", "/bucket/k?versionId=" + other).status, 204);
    EXPECT_EQ(Send("GET", "/bucket/k").body, "body");
    EXPECT_EQ(
        Send("GET", "/bucket?versions&key-marker=k&version-id-marker=nonsense").Element("Code"),
        "InvalidArgument");
    EXPECT_EQ(Send("PUT", "/bucket/c", "", {{"x-amz-copy-source", "bucket/k?versionId=nonsense"}})
                  .Element("Code"),
              "InvalidArgument");
}

TEST_F(S3Versioning, DeletesManyVersionsAndMarkers) {
    SetStatus("Enabled");
    const std::string version = Put("body");
    const TestReply made = DeleteKeys("<Delete><Object><Key>k</Key></Object></Delete>");
    const std::string marker = made.Element("DeleteMarkerVersionId");
    EXPECT_EQ(made.Element("Deleted"),
              fmt::format("<Key>k</Key><DeleteMarker>true</DeleteMarker>"
                          "<DeleteMarkerVersionId>{}</DeleteMarkerVersionId>",
                          marker));
    const std::string both = fmt::format(
        "<Delete><Object><Key>k</Key><VersionId>{}</VersionId></Object>"
        "<Object><Key>k</Key><VersionId>{}</VersionId></Object>"
        "<Object><Key>k</Key><VersionId>nonsense</VersionId></Object></Delete>",
        marker, version);
    const TestReply deleted = DeleteKeys(both);
    EXPECT_NE(deleted.body.find(fmt::format(
                  "<Deleted><Key>k</Key><VersionId>{0}</VersionId><DeleteMarker>true"
                  "</DeleteMarker><DeleteMarkerVersionId>{0}</DeleteMarkerVersionId></Deleted>"
                  "<Deleted><Key>k</Key><VersionId>{1}</VersionId></Deleted>"
                  "<Error><Key>k</Key><VersionId>nonsense</VersionId><Code>NoSuchVersion</Code>",
                  marker, version)),
              std::string::npos)
        << deleted.body;
    EXPECT_EQ(Send("GET", "/bucket?versions").Element("Key"), "");
    // Once more changes nothing, and succeeds.
    EXPECT_EQ(DeleteKeys(both).Element("VersionId"), marker);
}

TEST_F(S3Versioning, CopiesVersions) {
    SetStatus("Enabled");
    const std::string first = Put("first");
    const std::string second = Put("second");
    const TestReply copy =
        Send("PUT", "/bucket/k", "", {{"x-amz-copy-source", "bucket/k?versionId=" + first}});
    EXPECT_EQ(copy.status, 200);
    EXPECT_EQ(copy.Header("x-amz-copy-source-version-id"), first);
    EXPECT_NE(copy.Header("x-amz-version-id"), first);
    EXPECT_EQ(Send("GET", "/bucket/k").body, "first");
    EXPECT_EQ(Send("PUT", "/bucket/c", "", {{"x-amz-copy-source", "bucket/k?versionId=" + second}})
                  .status,
              200);
    EXPECT_EQ(Send("GET", "/bucket/c").body, "second");
    EXPECT_EQ(Send("PUT", "/bucket/d", "", {{"x-amz-copy-source", "bucket/k"}})
                  .Header("x-amz-copy-source-version-id"),
              copy.Header("x-amz-version-id"));

    const std::string marker = Send("DELETE", "/bucket/k").Header("x-amz-version-id");
    EXPECT_EQ(Send("PUT", "/bucket/c", "", {{"x-amz-copy-source", "bucket/k"}}).status, 404);
    EXPECT_EQ(Send("PUT", "/bucket/c", "", {{"x-amz-copy-source", "bucket/k?versionId=" + marker}})
                  .Element("Code"),
              "InvalidRequest");

    const std::string id = Send("POST", "/bucket/big?uploads").Element("UploadId");
    const TestReply part = Send("PUT", "/bucket/big?partNumber=1&uploadId=" + id, "",
                                {{"x-amz-copy-source", "bucket/k?versionId=" + second}});
    EXPECT_EQ(part.Header("x-amz-copy-source-version-id"), second);
    const TestReply done =
        Send("POST", "/bucket/big?uploadId=" + id,
             fmt::format("<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag>"
                         "</Part></CompleteMultipartUpload>",
                         part.Element("ETag")));
    EXPECT_EQ(done.status, 200);
    EXPECT_EQ(Send("GET", "/bucket/big?versionId=" + done.Header("x-amz-version-id")).body,
              "second");
}

TEST_F(S3Versioning, ListsVersions) {
    SetStatus("Enabled");
    const std::string first = Put("first");
    const std::string second = Put("second!");
    const std::string marker = Send("DELETE", "/bucket/k").Header("x-amz-version-id");
    const TestReply all = Send("GET", "/bucket?versions");
    const size_t at_marker = all.body.find(fmt::format(
        "<DeleteMarker><Key>k</Key><VersionId>{}</VersionId><IsLatest>true</IsLatest>", marker));
    const size_t at_second = all.body.find(fmt::format(
        "<Version><Key>k</Key><VersionId>{}</VersionId><IsLatest>false</IsLatest>", second));
    const size_t at_first = all.body.find(fmt::format(
        "<Version><Key>k</Key><VersionId>{}</VersionId><IsLatest>false</IsLatest>", first));
    EXPECT_LT(at_marker, at_second);
    EXPECT_LT(at_second, at_first);
    EXPECT_NE(at_first, std::string::npos);
    EXPECT_EQ(all.Element("IsTruncated"), "false");

    const TestReply page = Send("GET", "/bucket?versions&max-keys=1");
    EXPECT_EQ(page.Element("NextKeyMarker"), "k");
    EXPECT_EQ(page.Element("NextVersionIdMarker"), marker);
    const TestReply next =
        Send("GET", "/bucket?versions&max-keys=1&key-marker=k&version-id-marker=" + marker);
    EXPECT_EQ(next.Element("VersionIdMarker"), marker);
    EXPECT_EQ(next.Element("VersionId"), second);
    EXPECT_EQ(Send("GET", "/bucket?list-type=2").Element("KeyCount"), "0");
    EXPECT_EQ(Send("DELETE", "/bucket").Element("Code"), "BucketNotEmpty");
}

}  // namespace
}  // namespace coffer::api::s3
