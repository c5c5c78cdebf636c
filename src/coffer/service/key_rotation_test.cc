#include "coffer/service/key_rotation.h"

#include <gtest/gtest.h>

#include "coffer/catalog/blobs.h"

#include "tests/support/failing_database.h"
#include "tests/support/service_fixture.h"

namespace coffer::service {
namespace {

using testing::FailingDatabase;
using testing::RunTask;
using testing::ServiceFixture;
using testing::TestKey;

KeyRing Ring(std::vector<KeyRing::NamedKey> named) {
    return {codec::Seal(TestKey(1)), named};
}
const KeyRing::NamedKey kOld{"one", TestKey(2)};
const KeyRing::NamedKey kNew{"one", TestKey(9)};
const KeyRing::NamedKey kOther{"two", TestKey(3)};

class KeyRotationTest : public ::testing::Test {
  protected:
    KeyRotationTest() { fixture.MakeBucket("photos"); }

    void Put(std::string_view key, const std::string& body, std::string name) {
        PutRequest request{ServiceFixture::Bucket("photos"), ServiceFixture::Key(key), {}, {}, {}};
        request.encryption =
            EncryptionRequest{.kind = EncryptionKind::kKms, .key_name = std::move(name)};
        ASSERT_TRUE(fixture.Put(std::move(request), body));
    }

    // As a start with these keys: the error's message, or "ok" after what it does behind the
    // requests.
    std::string Start(std::vector<KeyRing::NamedKey> named) {
        const KeyRing ring = Ring(std::move(named));
        const Result<> checked = CheckUsedKeys(*fixture.database, ring);
        if (!checked) return checked.error().message();
        fixture.encryptor->Unlock(ring);
        KeyRotation rotation(*fixture.database, *fixture.encryptor, ring);
        for (;;) {
            const auto more = RunTask(rotation.Step());
            if (!more) return more.error().message();
            if (!more.value()) return "ok";
        }
    }

    ServiceFixture fixture;
};

TEST_F(KeyRotationTest, TheOldKeyIsNeededUntilAllIsSealedByTheNewOne) {
    ASSERT_EQ(Start({kOld, kOther}), "ok");
    for (int i = 0; i < 600; ++i)
        Put(std::to_string(i), "content " + std::to_string(i), i % 3 == 0 ? "two" : "one");
    const std::string missing = Start({kNew, kOther});
    EXPECT_NE(missing.find("'one' (the key with the id " + codec::Seal(kOld.key).KeyId()),
              std::string::npos)
        << missing;
    EXPECT_NE(missing.find(codec::Seal(kNew.key).KeyId()), std::string::npos) << missing;
    ASSERT_EQ(Start({kNew, kOld, kOther}), "ok");
    ASSERT_EQ(Start({kNew, kOther}), "ok");
    for (int i = 0; i < 600; ++i)
        EXPECT_EQ(fixture.Get("photos", std::to_string(i)).value(), "content " + std::to_string(i));
}

TEST_F(KeyRotationTest, AKeyThatNothingUsedIsNotNeeded) {
    ASSERT_EQ(Start({kOld, kOther}), "ok");
    Put("k", "content", "one");
    EXPECT_EQ(Start({kOld}), "ok");
    EXPECT_NE(Start({kOther}).find("'one'"), std::string::npos);
    EXPECT_NE(Start({}).find("COFFER_KMS_KEY_FILE"), std::string::npos);
}

TEST_F(KeyRotationTest, WhatIsPutAfterwardsIsSealedByTheNewKey) {
    ASSERT_EQ(Start({kOld}), "ok");
    Put("before", "content", "one");
    ASSERT_EQ(Start({kNew, kOld}), "ok");
    Put("after", "content", "one");
    ASSERT_EQ(Start({kNew}), "ok");
    EXPECT_EQ(fixture.Get("photos", "before").value(), "content");
    EXPECT_EQ(fixture.Get("photos", "after").value(), "content");
}

// Between the read of its page and the write: there is nothing left to seal.
TEST_F(KeyRotationTest, ABlobThatIsDeletedMeanwhileIsDone) {
    ASSERT_EQ(Start({kOld}), "ok");
    Put("goes", "one content", "one");
    Put("stays", "another content", "one");
    // The first one notes the new key.
    fixture.database->BeforeWrite(2, [&]() -> Task<void> {
        Objects objects(*fixture.core);
        const auto deleted = co_await objects.Delete(
            {.bucket = ServiceFixture::Bucket("photos"), .key = ServiceFixture::Key("goes")});
        EXPECT_TRUE(deleted);
        const auto reclaimed = co_await fixture.reclaimer->RunOnce();
        EXPECT_TRUE(reclaimed);
    });
    ASSERT_EQ(Start({kNew, kOld}), "ok");
    EXPECT_EQ(fixture.StoredCopies(), 1u);
    ASSERT_EQ(Start({kNew}), "ok");
    EXPECT_EQ(fixture.Get("photos", "stays").value(), "another content");
}

TEST_F(KeyRotationTest, APageThatIsTriedAgainCountsWhatFailsOnce) {
    ASSERT_EQ(Start({kOld}), "ok");
    Put("damaged", "one content", "one");
    Put("sound", "another content", "one");
    ASSERT_TRUE(fixture.database->WriteBlocking([](db::Transaction& tx) -> Result<> {
        TRY(const auto blobs, catalog::ListBlobs(tx, catalog::BlobId(0), 1));
        catalog::BlobSeal seal = blobs.at(0).seal.value();
        seal.sealed_key = "damaged";
        return catalog::Reseal(tx, blobs.at(0), seal);
    }));
    FailingDatabase database(*fixture.database);
    const KeyRing ring = Ring({kNew, kOld});
    fixture.encryptor->Unlock(ring);
    KeyRotation rotation(database, *fixture.encryptor, ring);
    int scans = 0;
    database.before_scan = [&] { database.writes_to_fail = ++scans == 1 ? 1 : 0; };
    EXPECT_EQ(RunTask(rotation.Step()).error().kind(), ErrorKind::kNoSpace);
    EXPECT_FALSE(RunTask(rotation.Step()).value());
    EXPECT_EQ(rotation.failed(), 1);
    EXPECT_EQ(fixture.Get("photos", "sound").value(), "another content");
}

}  // namespace
}  // namespace coffer::service
