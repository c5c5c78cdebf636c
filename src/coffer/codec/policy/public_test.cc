// Which policies open a bucket to everybody.
#include <gtest/gtest.h>

#include <string>

#include "coffer/codec/policy/policy.h"
#include "coffer/codec/policy/policy_fixture.h"

namespace coffer::codec::policy {
namespace {

bool IsPublic(const std::string& principal, const std::string& condition,
              const std::string& effect = "Allow") {
    return BucketPolicy("{'Version':'2012-10-17','Statement':{'Effect':'" + effect +
                        "','Principal':" + principal +
                        ",'Action':'s3:PutObject','Resource':'arn:aws:s3:::b/*','Condition':{" +
                        condition + "}}}")
        .is_public();
}

TEST(Policy, IsPublicForEverybody) {
    EXPECT_TRUE(IsPublic("'*'", ""));
    EXPECT_TRUE(IsPublic("{'AWS':'*'}", ""));
    EXPECT_FALSE(IsPublic("'*'", "", "Deny"));
    EXPECT_FALSE(IsPublic("{'AWS':'1'}", ""));
    EXPECT_FALSE(IsPublic("{'AWS':'arn:aws:iam::1:user/a'}", ""));
    EXPECT_FALSE(IsPublic("{'Service':'x'}", ""));
    EXPECT_FALSE(
        IdentityPolicy("{'Statement':{'Effect':'Allow','Action':'*','Resource':'*'}}").is_public());
}

TEST(Policy, IsNotPublicWithinFixedBounds) {
    for (const std::string condition :
         {"'IpAddress':{'aws:SourceIp':'10.0.0.0/32'}", "'IpAddress':{'aws:SourceIp':'10.0.0.0/8'}",
          "'IpAddress':{'aws:SourceIp':['192.0.2.1','2001:db8::/32']}",
          "'StringEquals':{'aws:SourceVpc':'vpc-1'}", "'StringLike':{'aws:SourceVpc':'vpc-1'}",
          "'ArnEquals':{'aws:SourceArn':'arn:aws:s3:::x'}", "'StringEquals':{'aws:userid':'x'}",
          "'ForAnyValue:StringEquals':{'aws:PrincipalOrgID':['o-1','o-2']}",
          "'StringEquals':{'s3:x-amz-server-side-encryption-aws-kms-key-id':'k'}",
          "'ArnEquals':{'s3:x-amz-server-side-encryption-aws-kms-key-id':"
          "'arn:aws:kms:eu:1:key/k'}",
          "'ArnLike':{'s3:DataAccessPointArn':'arn:aws:s3:eu:1:accesspoint/*'}",
          "'StringLike':{'aws:Referer':'*'},'StringEquals':{'aws:PrincipalAccount':'1'}"})
        EXPECT_FALSE(IsPublic("'*'", condition)) << condition;
}

TEST(Policy, IsPublicWithinWideOrOtherBounds) {
    for (const std::string condition :
         {"'IpAddress':{'aws:SourceIp':'0.0.0.0/0'}", "'IpAddress':{'aws:SourceIp':'10.0.0.0/7'}",
          "'IpAddress':{'aws:SourceIp':['192.0.2.1','2001::/31']}",
          "'NotIpAddress':{'aws:SourceIp':'10.0.0.0/8'}",
          "'IpAddressIfExists':{'aws:SourceIp':'10.0.0.0/8'}",
          "'StringLike':{'aws:SourceVpc':'vpc-*'}", "'StringNotEquals':{'aws:SourceVpc':'vpc-1'}",
          "'StringEqualsIfExists':{'aws:SourceVpc':'vpc-1'}",
          "'ForAllValues:StringEquals':{'aws:PrincipalOrgID':'o-1'}",
          "'StringEquals':{'aws:SourceVpc':['vpc-1','${aws:Referer}']}",
          "'ArnLike':{'aws:SourceArn':'arn:aws:s3:::*'}", "'ArnLike':{'aws:SourceArn':'*'}",
          "'ArnLike':{'s3:DataAccessPointArn':'arn:aws:s3:eu:*:accesspoint/x'}",
          "'Null':{'aws:SourceVpc':'false'}", "'StringEquals':{'aws:Referer':'x'}",
          "'StringEquals':{'s3:x-amz-acl':'private'}"})
        EXPECT_TRUE(IsPublic("'*'", condition)) << condition;
}

}  // namespace
}  // namespace coffer::codec::policy
