#include "coffer/codec/policy/anonymous_access.h"

#include <gtest/gtest.h>

#include "coffer/codec/policy/decide.h"

namespace coffer::codec::policy {
namespace {

class NoValues final : public ValueSource {
  public:
    ConditionValues Find(const ConditionKey&) override { return std::nullopt; }
};

bool MayAnybody(std::string_view word, std::string_view action, std::string resource) {
    const std::string document = AnonymousPolicy(ParseAnonymousAccess(word).value(), "photos");
    if (document.empty()) return false;
    const auto policy = Policy::ParseForBucket(document, "photos");
    EXPECT_TRUE(policy) << policy.error().ToString();
    const Principal anonymous;
    NoValues values;
    Request request(anonymous, action, std::move(resource), values);
    return Decide(request, {.bucket = &policy.value()}) == Verdict::kAllowed;
}

TEST(AnonymousAccess, AWordGivesWhatItSays) {
    struct Case {
        std::string_view word;
        bool lists, reads, writes;
    };
    for (const Case& c : {Case{"none", false, false, false}, Case{"private", false, false, false},
                          Case{"download", true, true, false}, Case{"upload", false, false, true},
                          Case{"public", true, true, true}}) {
        EXPECT_EQ(MayAnybody(c.word, "s3:ListBucket", "arn:aws:s3:::photos"), c.lists) << c.word;
        EXPECT_EQ(MayAnybody(c.word, "s3:GetObject", "arn:aws:s3:::photos/a"), c.reads) << c.word;
        EXPECT_EQ(MayAnybody(c.word, "s3:PutObject", "arn:aws:s3:::photos/a"), c.writes) << c.word;
        EXPECT_FALSE(MayAnybody(c.word, "s3:PutBucketPolicy", "arn:aws:s3:::photos")) << c.word;
        EXPECT_FALSE(MayAnybody(c.word, "s3:DeleteBucket", "arn:aws:s3:::photos")) << c.word;
    }
}

TEST(AnonymousAccess, OtherWordsMeanNothing) {
    for (const std::string_view word : {"", "Public", "readwrite", "custom"})
        EXPECT_FALSE(ParseAnonymousAccess(word)) << word;
}

}  // namespace
}  // namespace coffer::codec::policy
