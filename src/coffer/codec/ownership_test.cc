#include "coffer/codec/ownership.h"

#include <gtest/gtest.h>

namespace coffer::codec {
namespace {

TEST(Ownership, WhatIsWrittenIsReadAsTheSame) {
    for (const Ownership ownership : {Ownership::kBucketOwnerEnforced,
                                      Ownership::kBucketOwnerPreferred, Ownership::kObjectWriter}) {
        EXPECT_EQ(ParseOwnershipControls(WriteOwnershipControls(ownership)).value(), ownership);
        EXPECT_EQ(ParseOwnershipName(OwnershipName(ownership)), ownership);
    }
    EXPECT_EQ(OwnershipName(Ownership::kObjectWriter), "ObjectWriter");
}

TEST(Ownership, OtherDocumentsAreRefused) {
    for (const std::string_view document :
         {"", "<OwnershipControls/>", "<OwnershipControls><Rule/></OwnershipControls>",
          "<OwnershipControls><Rule><ObjectOwnership>Mine</ObjectOwnership></Rule>"
          "</OwnershipControls>",
          "<Other><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></Other>",
          "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>"
          "<Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>"}) {
        const auto parsed = ParseOwnershipControls(document);
        ASSERT_FALSE(parsed) << document;
        EXPECT_EQ(parsed.error().code(), "MalformedXML") << document;
    }
}

}  // namespace
}  // namespace coffer::codec
