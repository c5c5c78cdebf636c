// Who takes a bucket's name while a request is on its way: the request is not to touch what is now
// another account's.
#pragma once

#include "tests/support/s3_fixture.h"

namespace coffer::api::s3 {

// Sends `write` again and again: each time, between another two transactions of it, "bucket", which
// is root's and empty, becomes another account's of that name. Then it is refused, and nothing is
// in that; undisturbed it ends with `status`, and the object that it `made` is deleted.
inline void RefusesWhenBucketBecomesAnothers(S3Fixture& s3, const TestRequest& write, int status,
                                             const std::string& made) {
    const service::Accounts::Created other =
        testing::RunTask(s3.accounts.Create("usurper")).value();
    const auto by_other = [&](std::string method) {
        return TestRequest{.method = std::move(method),
                           .target = "/bucket",
                           .access_key = other.key.access_key,
                           .secret_key = std::string(other.key.secret_key.Reveal())};
    };
    bool happened = true;
    const auto replace = [&]() -> Task<void> {
        happened = true;
        EXPECT_EQ((co_await s3.Exchange({.method = "DELETE", .target = "/bucket"})).status, 204);
        EXPECT_EQ((co_await s3.Exchange(by_other("PUT"))).status, 200);
    };
    int refused_late = 0;
    // Whether it came to it: else nothing is left to come before.
    const auto send = [&] {
        happened = false;
        const TestReply reply = s3.Send(write);
        s3.services.database->GoOn();
        if (!happened) {
            EXPECT_EQ(reply.status, status) << reply.body;
            EXPECT_EQ(s3.Send("DELETE", made).status, 204);
            return false;
        }
        const std::string code = reply.Element("Code");
        EXPECT_TRUE(code == "AccessDenied" || code == "NoSuchBucket") << reply.body;
        if (code == "NoSuchBucket") ++refused_late;
        EXPECT_EQ(s3.Send(by_other("DELETE")).status, 204) << "it holds nothing";
        EXPECT_EQ(s3.Send("PUT", "/bucket").status, 200);
        return true;
    };
    int n = 0;
    do
        s3.services.database->BeforeRead(++n, replace);
    while (send());
    n = 0;
    do
        s3.services.database->BeforeWrite(++n, replace);
    while (send());
    EXPECT_GE(refused_late, 2) << "before the transaction that writes, and the one before";
}

}  // namespace coffer::api::s3
