#include "coffer/codec/form_signature.h"

#include <gtest/gtest.h>

#include "coffer/codec/date.h"

namespace coffer::codec {
namespace {

// Source: the Amazon S3 API Reference, "Example: Browser-based upload using HTTP POST (using AWS
// Signature Version 4)".
constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
constexpr std::string_view kPolicy =
    "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7"
    "ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91"
    "c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3Qi"
    "OiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwi"
    "fSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRh"
    "LXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVT"
    "MjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNy"
    "ZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9"
    "LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAi"
    "MjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9";

std::vector<FormField> OfVersion4() {
    return {
        {"X-Amz-Algorithm", "AWS4-HMAC-SHA256"},
        {"X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},
        {"X-Amz-Date", "20151229T000000Z"},
        {"Policy", std::string(kPolicy)},
        {"X-Amz-Signature", "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"}};
}

std::vector<FormField> OfVersion2() {
    return {{"AWSAccessKeyId", "AKIAIOSFODNN7EXAMPLE"},
            {"policy", "eyJhIjoxfQ=="},
            {"signature", "0x1e/mguux7FcW60ms9P29wyA7w="}};
}

std::string Refusal(std::vector<FormField> fields) {
    const auto signature = ParseFormSignature(fields);
    if (signature) return "accepted";
    return std::string(signature.error().code()) + ": " + signature.error().message();
}

TEST(FormSignature, OfVersion4IsThatOfTheDocumentation) {
    const std::vector<FormField> fields = OfVersion4();
    const auto signature = ParseFormSignature(fields).value();
    ASSERT_TRUE(signature && signature->credential);
    EXPECT_EQ(signature->access_key, "AKIAIOSFODNN7EXAMPLE");
    EXPECT_EQ(signature->credential->region, "us-east-1");
    EXPECT_EQ(signature->date, *ParseBasicDate("20151229T000000Z"));
    EXPECT_TRUE(Verify(*signature, kSecret));
    EXPECT_FALSE(Verify(*signature, "another"));
    for (const std::string_view name : {"Policy", "X-Amz-Signature"}) {
        std::vector<FormField> other = OfVersion4();
        for (FormField& field : other)
            if (field.name == name) field.value[7] ^= 1;
        EXPECT_FALSE(Verify(*ParseFormSignature(other).value(), kSecret)) << name;
    }
}

TEST(FormSignature, OfVersion2SignsThePolicy) {
    // The signature was computed with Python's hmac.
    const std::vector<FormField> fields = OfVersion2();
    const auto signature = ParseFormSignature(fields).value();
    ASSERT_TRUE(signature);
    EXPECT_FALSE(signature->credential);
    EXPECT_TRUE(Verify(*signature, kSecret));
    EXPECT_FALSE(Verify(*signature, "another"));
}

TEST(FormSignature, IsMissingFromAnAnonymousForm) {
    EXPECT_FALSE(ParseFormSignature({}).value());
    const std::vector<FormField> fields = {{"key", "a"}, {"x-amz-meta-a", "b"}};
    EXPECT_FALSE(ParseFormSignature(fields).value());
}

TEST(FormSignature, IsWholeOrRefused) {
    for (const auto& whole : {OfVersion4(), OfVersion2()}) {
        for (size_t i = 0; i < whole.size(); ++i) {
            std::vector<FormField> fields = whole;
            fields.erase(fields.begin() + static_cast<long>(i));
            EXPECT_TRUE(Refusal(fields).starts_with(
                "InvalidArgument: Bucket POST must contain a field named '"))
                << whole[i].name;
        }
    }
    std::vector<FormField> both = OfVersion4();
    both.push_back({"AWSAccessKeyId", "AKIAIOSFODNN7EXAMPLE"});
    EXPECT_TRUE(Refusal(both).starts_with("InvalidArgument: Only one"));
    for (const auto& [index, value] : std::vector<std::pair<size_t, std::string>>{
             {0, "AWS4-HMAC-SHA1"},
             {1, "AKIAIOSFODNN7EXAMPLE"},
             {1, "AKIAIOSFODNN7EXAMPLE/20151230/us-east-1/s3/aws4_request"},
             {1, "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/ec2/aws4_request"},
             {2, "2015-12-29"}}) {
        std::vector<FormField> fields = OfVersion4();
        fields[index].value = value;
        EXPECT_NE(Refusal(fields), "accepted") << value;
    }
}

}  // namespace
}  // namespace coffer::codec
