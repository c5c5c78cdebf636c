#include "coffer/codec/public_access_block.h"

#include <gtest/gtest.h>

namespace coffer::codec {
namespace {

TEST(PublicAccessBlock, ReadsWhatItWrites) {
    for (int bits = 0; bits < 16; ++bits) {
        const PublicAccessBlock block{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0,
                                      (bits & 8) != 0};
        EXPECT_EQ(ParsePublicAccessBlock(WritePublicAccessBlock(block)).value(), block);
    }
}

TEST(PublicAccessBlock, WhatIsLeftOutIsFalse) {
    const auto block = ParsePublicAccessBlock(
        "<PublicAccessBlockConfiguration><BlockPublicPolicy>TRUE</BlockPublicPolicy>"
        "</PublicAccessBlockConfiguration>");
    EXPECT_EQ(block.value(), (PublicAccessBlock{.block_public_policy = true}));
}

TEST(PublicAccessBlock, RefusesWhatItDoesNotUnderstand) {
    for (const std::string_view document :
         {"", "no XML", "<Other/>",
          "<PublicAccessBlockConfiguration><BlockPublicAcls>yes</BlockPublicAcls>"
          "</PublicAccessBlockConfiguration>",
          "<PublicAccessBlockConfiguration><BlockAll>true</BlockAll>"
          "</PublicAccessBlockConfiguration>",
          "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls>"
          "<BlockPublicAcls>false</BlockPublicAcls></PublicAccessBlockConfiguration>"}) {
        const auto block = ParsePublicAccessBlock(document);
        ASSERT_FALSE(block) << document;
        EXPECT_EQ(block.error().code(), "MalformedXML") << document;
    }
}

}  // namespace
}  // namespace coffer::codec
