#include "coffer/codec/s3_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coffer/codec/cors.h"
#include "coffer/codec/lifecycle.h"

namespace coffer::codec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<std::string> Written(std::string_view root, std::string_view json) {
    return WriteS3Document(root, ParseJson(json).value());
}

TEST(S3Json, ListsBecomeElements) {
    const auto document = Written("CORSConfiguration", R"({"CORSRules": [
        {"ID": "app", "AllowedOrigins": ["https://a.example", "https://b.example"],
         "AllowedMethods": ["GET"], "AllowedHeaders": ["*"], "ExposeHeaders": ["ETag"],
         "MaxAgeSeconds": 600},
        {"AllowedOrigins": ["*"], "AllowedMethods": ["HEAD"]}]})");
    const auto rules = ParseCors(document.value());
    ASSERT_EQ(rules.value().size(), 2);
    EXPECT_EQ(rules.value()[0].id, "app");
    EXPECT_THAT(rules.value()[0].allowed_origins,
                ElementsAre("https://a.example", "https://b.example"));
    EXPECT_THAT(rules.value()[0].allowed_headers, ElementsAre("*"));
    EXPECT_THAT(rules.value()[0].expose_headers, ElementsAre("ETag"));
    EXPECT_EQ(rules.value()[0].max_age_seconds, 600);
    EXPECT_THAT(rules.value()[1].allowed_methods, ElementsAre("HEAD"));
}

TEST(S3Json, ObjectsNest) {
    const auto document = Written("LifecycleConfiguration", R"({"Rules": [
        {"ID": "old", "Status": "Enabled",
         "Filter": {"And": {"Prefix": "logs/", "Tags": [{"Key": "a", "Value": "<1>"},
                                                        {"Key": "b", "Value": "2"}]}},
         "Expiration": {"Days": 30}},
        {"Status": "Disabled", "Filter": {}, "Expiration": {"ExpiredObjectDeleteMarker": true}}]})");
    const auto rules = ParseLifecycle(document.value());
    ASSERT_EQ(rules.value().size(), 2);
    EXPECT_EQ(rules.value()[0].filter.prefix, "logs/");
    EXPECT_THAT(rules.value()[0].filter.tags,
                ElementsAre(LifecycleTag{"a", "<1>"}, LifecycleTag{"b", "2"}));
    EXPECT_EQ(rules.value()[0].expiration_days, 30);
    EXPECT_EQ(rules.value()[1].expired_object_delete_marker, true);
}

TEST(S3Json, WhatNoDocumentSaysIsRefused) {
    for (const char* json :
         {"[]", "1", R"({"Rules": null})", R"({"Days": 1.5})", R"({"Rules": [["a"]]})"})
        EXPECT_EQ(Written("Root", json).error().kind(), ErrorKind::kInvalid) << json;
    EXPECT_THAT(Written("Root", R"({"a><b": "1"})").error().message(), HasSubstr("a><b"));
    EXPECT_THAT(Written("Root", R"({"": "1"})").error().message(), HasSubstr("no name"));
}

}  // namespace
}  // namespace coffer::codec
