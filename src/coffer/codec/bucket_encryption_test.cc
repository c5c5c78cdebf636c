#include "coffer/codec/bucket_encryption.h"

#include <gtest/gtest.h>

namespace coffer::codec {
namespace {

std::string Document(std::string_view rules) {
    return "<ServerSideEncryptionConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" +
           std::string(rules) + "</ServerSideEncryptionConfiguration>";
}

std::string Rule(std::string_view by_default, std::string_view rest = "") {
    return Document("<Rule><ApplyServerSideEncryptionByDefault>" + std::string(by_default) +
                    "</ApplyServerSideEncryptionByDefault>" + std::string(rest) + "</Rule>");
}

// The error's code, or what was read, written again.
std::string Read(std::string_view document) {
    const auto encryption = ParseBucketEncryption(document);
    return encryption ? WriteBucketEncryption(encryption.value())
                      : std::string(encryption.error().code());
}

TEST(BucketEncryption, ReadsWhatItWrites) {
    for (const BucketEncryption& encryption :
         {BucketEncryption{}, BucketEncryption{.kms = true},
          BucketEncryption{.kms = true, .kms_key = "a <key>", .bucket_key = true}}) {
        const auto read = ParseBucketEncryption(WriteBucketEncryption(encryption));
        ASSERT_TRUE(read);
        EXPECT_EQ(read.value(), encryption);
    }
}

TEST(BucketEncryption, ReadsWhatClientsSend) {
    const auto read = ParseBucketEncryption(
        Rule("<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>one</KMSMasterKeyID>",
             "<BucketKeyEnabled>true</BucketKeyEnabled>"));
    ASSERT_TRUE(read);
    EXPECT_EQ(read.value(), (BucketEncryption{.kms = true, .kms_key = "one", .bucket_key = true}));
}

TEST(BucketEncryption, RefusesWhatIsNoConfiguration) {
    EXPECT_EQ(Read("<Other/>"), "MalformedXML");
    EXPECT_EQ(Read(Document("")), "MalformedXML");
    EXPECT_EQ(Read(Document("<Rule></Rule>")), "MalformedXML");
    EXPECT_EQ(Read(Rule("")), "MalformedXML");
    EXPECT_EQ(Read(Rule("<SSEAlgorithm>AES128</SSEAlgorithm>")), "MalformedXML");
    EXPECT_EQ(Read(Rule("<SSEAlgorithm>AES256</SSEAlgorithm>",
                        "<BucketKeyEnabled>maybe</BucketKeyEnabled>")),
              "MalformedXML");
    EXPECT_EQ(Read(Rule("<SSEAlgorithm>AES256</SSEAlgorithm>") +
                   Rule("<SSEAlgorithm>AES256</SSEAlgorithm>")),
              "MalformedXML");
    EXPECT_EQ(Read(Rule("<SSEAlgorithm>AES256</SSEAlgorithm><KMSMasterKeyID>one</KMSMasterKeyID>")),
              "InvalidArgument");
    EXPECT_EQ(Read(Rule("<SSEAlgorithm>aws:kms:dsse</SSEAlgorithm>")), "NotImplemented");
}

}  // namespace
}  // namespace coffer::codec
