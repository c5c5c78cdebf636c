// Objects that are encrypted: what clients get back, what lies on the store, and what becomes of
// the one that somebody changed.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <span>

#include "coffer/catalog/blobs.h"
#include "coffer/codec/chunk_cipher.h"
#include "coffer/codec/hex.h"
#include "coffer/service/uploads.h"

#include "tests/support/memory_store.h"
#include "tests/support/random_bytes.h"
#include "tests/support/service_fixture.h"

namespace coffer::service {
namespace {

using testing::MemoryStore;
using testing::RunTask;
using testing::ServiceFixture;
using testing::TestKey;

const EncryptionRequest kS3{.kind = EncryptionKind::kS3};

EncryptionRequest Kms(std::string name = "", std::string context = "") {
    return {
        .kind = EncryptionKind::kKms, .key_name = std::move(name), .context = std::move(context)};
}
EncryptionRequest Customer(uint8_t key) {
    return {.kind = EncryptionKind::kCustomer, .customer_key = TestKey(key)};
}

std::string Text(size_t size) {
    std::string text;
    while (text.size() < size)
        text += "some plain text, number " + std::to_string(text.size()) + "; ";
    text.resize(size);
    return text;
}

class EncryptionTest : public ::testing::Test {
  protected:
    EncryptionTest() {
        fixture.MakeBucket("photos");
        fixture.MakeBucket("others");
    }

    using Asked = std::optional<EncryptionRequest>;

    Result<PutResult> TryPut(std::string_view key, const std::string& body, Asked asked) {
        PutRequest request{bucket, ServiceFixture::Key(key), {}, {}, {}};
        request.encryption = std::move(asked);
        return fixture.Put(std::move(request), body);
    }
    PutResult Put(std::string_view key, const std::string& body, Asked asked) {
        return TryPut(key, body, std::move(asked)).value();
    }
    GetRequest From(std::string_view key, const Asked& asked = {}) {
        GetRequest get{.bucket = bucket, .key = ServiceFixture::Key(key)};
        if (asked) get.customer_key = asked->customer_key;
        return get;
    }
    // The body, or the error's code.
    std::string Get(std::string_view key, const Asked& asked = {}) {
        const auto got = fixture.Get(From(key, asked));
        return got ? got.value() : "error " + std::string(got.error().code());
    }
    std::string GetRange(std::string_view key, const Asked& asked, uint64_t first, uint64_t last) {
        GetRequest get = From(key, asked);
        get.range = codec::RangeSpec{.first = first, .last = last};
        return fixture.Get(std::move(get)).value();
    }
    Result<CopyResult> Copy(std::string_view from, std::string_view to, const Asked& source,
                            Asked target) {
        CopyRequest copy{.source = {.bucket = bucket, .key = ServiceFixture::Key(from)},
                         .bucket = bucket,
                         .key = ServiceFixture::Key(to)};
        if (source) copy.source_customer_key = source->customer_key;
        copy.encryption = std::move(target);
        return RunTask(fixture.objects().Copy(std::move(copy)));
    }
    MemoryStore& store() { return dynamic_cast<MemoryStore&>(*fixture.store); }

    const BucketName bucket = ServiceFixture::Bucket("photos");
    ServiceFixture fixture{std::make_unique<MemoryStore>("engine")};
};

const std::vector<std::pair<std::string, std::optional<EncryptionRequest>>> kKinds = {
    {"plain", {}},
    {"s3", kS3},
    {"kms", Kms("one")},
    {"other kms", Kms("two")},
    {"kms with a context", Kms("one", R"({"a":"b"})")},
    {"customer", Customer(7)},
    {"other customer", Customer(8)}};

TEST_F(EncryptionTest, WhatIsPutIsReadBackAndLiesOnTheStoreAsSomethingElse) {
    for (const auto& [name, asked] : kKinds) {
        if (!asked) continue;
        for (const size_t size :
             {size_t{0}, size_t{1}, codec::kPlainChunkBytes - 1, codec::kPlainChunkBytes,
              codec::kPlainChunkBytes + 1, 4 * codec::kPlainChunkBytes, size_t{300'000}}) {
            SCOPED_TRACE(name + " " + std::to_string(size));
            const std::string key = name + std::to_string(size);
            const std::string body = Text(size);
            const PutResult put = Put(key, body, asked);
            EXPECT_EQ(put.size_bytes, size);
            EXPECT_EQ(put.encryption->kind, asked->kind);
            EXPECT_EQ(put.etag == codec::ToHex(codec::Md5(AsBytes(body))),
                      asked->kind == EncryptionKind::kS3);
            EXPECT_EQ(Get(key, asked), body);
            const std::string stored = store().BytesOf(store().Keys().back());
            EXPECT_EQ(stored.size(), codec::SealedSize(size));
            EXPECT_EQ(stored.find("plain text"), std::string::npos);
        }
    }
}

TEST_F(EncryptionTest, ARangeReadsItsChunksAlone) {
    const std::string body = Text(1'000'000);
    Put("k", body, kS3);
    const uint64_t chunk = codec::kPlainChunkBytes;
    for (const auto& [first, last] :
         std::vector<std::pair<uint64_t, uint64_t>>{{0, 0},
                                                    {chunk - 1, chunk},
                                                    {chunk, chunk},
                                                    {5, 999'999},
                                                    {999'999, 999'999},
                                                    {3 * chunk, 5 * chunk - 1}}) {
        const uint64_t before = store().read_bytes();
        EXPECT_EQ(GetRange("k", {}, first, last), body.substr(first, last - first + 1));
        const uint64_t chunks = last / chunk - first / chunk + 1;
        EXPECT_LE(store().read_bytes() - before, chunks * codec::kSealedChunkBytes)
            << first << "-" << last;
    }
}

TEST_F(EncryptionTest, TheSameContentIsStoredOnceInADomainAndNeverForTwo) {
    const std::string body = Text(1000);
    size_t copies = 0;
    for (const auto& [name, asked] : kKinds) {
        Put(name, body, asked);
        EXPECT_EQ(store().size(), ++copies) << name;
        Put(name + " again", body, asked);
        if (asked && asked->kind == EncryptionKind::kCustomer) ++copies;
        EXPECT_EQ(store().size(), copies) << name;
    }
    std::set<std::string> all;
    for (const std::string& key : store().Keys())
        all.insert(store().BytesOf(key));
    EXPECT_EQ(all.size(), copies);
    for (const auto& [name, asked] : kKinds) {
        EXPECT_EQ(Get(name, asked), body);
        EXPECT_EQ(Get(name + " again", asked), body);
        ASSERT_TRUE(fixture.Delete("photos", name));
    }
    for (const auto& [name, asked] : kKinds) {
        EXPECT_EQ(Get(name + " again", asked), body);
        ASSERT_TRUE(fixture.Delete("photos", name + " again"));
    }
    EXPECT_EQ(fixture.StoredCopies(), 0u);
}

TEST_F(EncryptionTest, ACopyInsideADomainCopiesNoByteAndAnyOtherIsEncryptedAnew) {
    const std::string body = Text(100'000);
    for (const auto& [from, source] : kKinds) {
        Put("from " + from, body, source);
        for (const auto& [to, target] : kKinds) {
            SCOPED_TRACE(from + " to " + to);
            const uint64_t staged = store().staged_bytes();
            const auto copied = Copy("from " + from, "to", source, target);
            ASSERT_TRUE(copied) << copied.error().ToString();
            EXPECT_EQ(copied.value().encryption.has_value(), target.has_value());
            EXPECT_EQ(store().staged_bytes() == staged, from == to);
            EXPECT_EQ(Get("to", target), body);
        }
    }
}

TEST_F(EncryptionTest, ACopyKeepsWhatItKnowsOfItsSource) {
    PutRequest request{bucket, ServiceFixture::Key("k"), {}, {}, {}};
    request.headers.user = {{"owner", "somebody"}};
    request.headers.tags = {{"a", "b"}};
    request.content.checksum = codec::ChecksumAlgorithm::kCrc32c;
    const PutResult put = fixture.Put(request, "content").value();
    ASSERT_TRUE(Copy("k", "copy", {}, Kms()));
    const GetResult got = RunTask(fixture.objects().Get(From("copy"))).value();
    EXPECT_EQ(got.info.headers, request.headers);
    EXPECT_EQ(got.info.checksum, put.checksum);
    EXPECT_NE(got.info.etag, put.etag);
    ASSERT_TRUE(Copy("copy", "back", {}, kS3));
    EXPECT_EQ(RunTask(fixture.objects().Get(From("back"))).value().info.etag, put.etag);
}

TEST_F(EncryptionTest, OntoItselfAnObjectMayBeEncrypted) {
    Put("k", "content", {});
    EXPECT_EQ(Copy("k", "k", {}, {}).error().code(), "InvalidRequest");
    ASSERT_TRUE(Copy("k", "k", {}, kS3));
    EXPECT_EQ(Get("k"), "content");
    EXPECT_EQ(RunTask(fixture.objects().Get(From("k"))).value().info.encryption->kind,
              EncryptionKind::kS3);
}

TEST_F(EncryptionTest, OnlyTheClientsKeyOpensWhatItClosed) {
    Put("k", "content", Customer(7));
    EXPECT_EQ(Get("k", Customer(7)), "content");
    EXPECT_EQ(Get("k"), "error InvalidRequest");
    EXPECT_EQ(Get("k", Customer(8)), "error CustomerKeyMismatch");
    EXPECT_EQ(Copy("k", "copy", {}, {}).error().code(), "InvalidRequest");
    EXPECT_EQ(Copy("k", "copy", Customer(8), {}).error().code(), "CustomerKeyMismatch");

    Put("plain", "content", {});
    EXPECT_EQ(Get("plain", Customer(7)), "error InvalidRequest");
    EXPECT_EQ(Copy("plain", "copy", Customer(7), {}).error().code(), "InvalidRequest");
    EXPECT_EQ(Get("copy"), "error NoSuchKey");

    GetRequest head = From("k");
    head.with_body = false;
    EXPECT_EQ(RunTask(fixture.objects().Get(head)).error().code(), "InvalidRequest");
    head.with_key = false;  // for tags and their like
    EXPECT_TRUE(RunTask(fixture.objects().Get(head)));
}

TEST_F(EncryptionTest, TheClientsKeyIsNowhere) {
    Put("k", Text(1000), Customer(7));
    fixture.database.reset();
    const std::string key(32, '\7');
    for (const auto& name : {"/catalogue.db", "/catalogue.db-wal"}) {
        std::ifstream file(fixture.directory.path() + name, std::ios::binary);
        const std::string bytes((std::istreambuf_iterator<char>(file)), {});
        EXPECT_EQ(bytes.find(key), std::string::npos) << name;
    }
}

TEST_F(EncryptionTest, NamesOfKeysAreTheServers) {
    EXPECT_EQ(TryPut("k", "content", Kms("three")).error().code(), "KMS.NotFoundException");
    EXPECT_EQ(Put("k", "content", Kms()).encryption->key_name, "one");
    for (const char* arn : {"arn:aws:kms:two", "arn:aws:kms:eu-central-1:123:key/two"})
        EXPECT_EQ(Put("k", "content", Kms(arn)).encryption->key_name, "two");
    Put("k", "content", Kms("one"));
    fixture.encryptor->Unlock(KeyRing(codec::Seal(TestKey(1)), {}));
    EXPECT_EQ(TryPut("k", "content", Kms()).error().code(), "NotImplemented");
    EXPECT_EQ(fixture.Get(From("k")).error().kind(), ErrorKind::kInternal);
}

// A chunk that is not the one that was written there, whatever checksum the store has for it.
TEST_F(EncryptionTest, WhatSomebodyChangedIsNeverServed) {
    const std::string body = Text(3 * codec::kPlainChunkBytes);
    const auto chunk = [](std::string& bytes, size_t number) {
        return std::span(bytes).subspan(number * codec::kSealedChunkBytes,
                                        codec::kSealedChunkBytes);
    };
    Put("other", Text(3 * codec::kPlainChunkBytes - 1) + "!", kS3);
    std::string other = store().BytesOf(store().Keys().front());
    Put("k", body, kS3);
    const std::string key = store().Keys().back();
    const std::string whole = store().BytesOf(key);

    std::string flipped = whole;
    flipped[100] = static_cast<char>(flipped[100] ^ 1);
    std::string swapped = whole;
    std::ranges::swap_ranges(chunk(swapped, 0), chunk(swapped, 1));
    std::string exchanged = whole;
    std::ranges::copy(chunk(other, 1), chunk(exchanged, 1).begin());
    std::string last_moved = whole;
    std::ranges::copy(chunk(last_moved, 2), chunk(last_moved, 1).begin());
    for (const std::string& bytes : {flipped, swapped, exchanged, last_moved, other}) {
        store().Swap(key, bytes);
        EXPECT_EQ(fixture.Get(From("k")).error().kind(), ErrorKind::kCorrupt);
    }
    store().Swap(key, exchanged);
    EXPECT_EQ(GetRange("k", {}, 0, 9), body.substr(0, 10)) << "the other chunks are whole";
    store().Swap(key, whole);
    EXPECT_EQ(Get("k"), body);
}

TEST_F(EncryptionTest, WhatSomebodyCutOffIsNeverServed) {
    Put("k", Text(3 * codec::kPlainChunkBytes), kS3);
    const std::string key = store().Keys().back();
    const std::string whole = store().BytesOf(key);
    for (const size_t size : {2 * codec::kSealedChunkBytes, codec::kSealedChunkBytes, size_t{0}}) {
        store().Swap(key, whole.substr(0, size));
        EXPECT_EQ(fixture.Get(From("k")).error().kind(), ErrorKind::kCorrupt) << size;
    }
}

TEST_F(EncryptionTest, DamageIsMendedByPuttingTheSameContentAgain) {
    const std::string body = Text(1000);
    Put("a", body, kS3);
    Put("b", body, kS3);
    store().Damage(store().Keys().front());
    EXPECT_EQ(fixture.Get(From("a")).error().kind(), ErrorKind::kCorrupt);
    Put("c", body, kS3);
    for (const char* key : {"a", "b", "c"})
        EXPECT_EQ(Get(key), body);
    EXPECT_EQ(fixture.StoredCopies(), 1u);
}

TEST_F(EncryptionTest, ABucketEncryptsWhatSaysNothing) {
    Buckets buckets(*fixture.core);
    const auto set = [&](codec::BucketEncryption encryption) {
        ASSERT_TRUE(RunTask(buckets.PutSetting(bucket, SettingKind::kEncryption,
                                               codec::WriteBucketEncryption(encryption))));
    };
    Put("before", "content", {});
    set({});
    EXPECT_EQ(Put("s3", "content", {}).encryption->kind, EncryptionKind::kS3);
    EXPECT_EQ(Put("customer", "content", Customer(7)).encryption->kind, EncryptionKind::kCustomer);
    set({.kms = true, .kms_key = "two", .bucket_key = true});
    const PutResult kms = Put("kms", "content", {});
    EXPECT_EQ(kms.encryption->key_name, "two");
    EXPECT_TRUE(kms.encryption->bucket_key);
    EXPECT_EQ(Copy("before", "copy", {}, {}).value().encryption->key_name, "two");
    ASSERT_TRUE(RunTask(buckets.DeleteSetting(bucket, SettingKind::kEncryption)));
    EXPECT_FALSE(Put("after", "content", {}).encryption);
    for (const char* key : {"before", "s3", "kms", "copy", "after"})
        EXPECT_EQ(Get(key), "content");
}

TEST_F(EncryptionTest, WhatWasPromisedIsOfThePlainBytes) {
    const std::string body = Text(100'000);
    PutRequest request{bucket, ServiceFixture::Key("k"), {}, {}, {}};
    request.encryption = kS3;
    request.content.size_bytes = body.size();
    request.content.md5 = codec::Md5(AsBytes(body));
    request.content.sha256 = codec::Sha256(AsBytes(body));
    request.content.checksum = codec::ChecksumAlgorithm::kCrc64Nvme;
    EXPECT_TRUE(fixture.Put(request, body));
    EXPECT_EQ(fixture.Put(request, body.substr(1)).error().code(), "IncompleteBody");
    EXPECT_EQ(fixture.Put(request, body + "x").error().code(), "IncompleteBody");
    request.content.size_bytes.reset();
    EXPECT_EQ(fixture.Put(request, body + "x").error().code(), "XAmzContentSHA256Mismatch");
    request.content.sha256.reset();
    EXPECT_EQ(fixture.Put(request, body + "x").error().code(), "BadDigest");
    EXPECT_EQ(fixture.StoredCopies(), 1u);
}

class EncryptedUploads : public EncryptionTest {
  protected:
    UploadId Create(Asked asked, std::optional<codec::ChecksumAlgorithm> checksum = {}) {
        CreateUploadRequest request{.bucket = bucket, .key = ServiceFixture::Key("big")};
        request.checksum = checksum;
        request.encryption = std::move(asked);
        const UploadInfo info = RunTask(fixture.uploads().Create(std::move(request))).value();
        return {bucket, ServiceFixture::Key("big"), info.upload_id};
    }
    Result<PartInfo> PutPart(const UploadId& id, int number, const std::string& body,
                             const Asked& asked) {
        PutPartRequest request{.upload = id, .part_number = number, .content = {}};
        if (asked) request.customer_key = asked->customer_key;
        runtime::StringSource source(body);
        return RunTask(fixture.uploads().PutPart(std::move(request), source));
    }
    Result<CopyPartResult> CopyPart(const UploadId& id, int number, std::string_view from,
                                    const Asked& source, const Asked& asked,
                                    std::optional<store::ByteRange> range = {}) {
        CopyPartRequest request{.upload = id,
                                .part_number = number,
                                .source = {.bucket = bucket, .key = ServiceFixture::Key(from)},
                                .range = range};
        if (source) request.source_customer_key = source->customer_key;
        if (asked) request.customer_key = asked->customer_key;
        return RunTask(fixture.uploads().CopyPart(std::move(request)));
    }
    Result<PutResult> Complete(const UploadId& id, std::vector<std::string> etags,
                               const Asked& asked) {
        CompleteUploadRequest request{.upload = id};
        for (std::string& etag : etags)
            request.parts.push_back(
                {static_cast<int>(request.parts.size()) + 1, std::move(etag), {}});
        if (asked) request.customer_key = asked->customer_key;
        return RunTask(fixture.uploads().Complete(std::move(request)));
    }
};

TEST_F(EncryptedUploads, AreReadBackWholeAndInRanges) {
    const std::string first = Text(kMinPartBytes + 17);
    const std::string second = Text(70'000);
    for (const auto& [name, asked] : kKinds) {
        SCOPED_TRACE(name);
        const UploadId id = Create(asked);
        const auto one = PutPart(id, 1, first, asked);
        const auto two = PutPart(id, 2, second, asked);
        ASSERT_TRUE(one && two);
        EXPECT_EQ(one.value().encryption.has_value(), asked.has_value());
        const auto done = Complete(id, {one.value().etag, two.value().etag}, asked);
        ASSERT_TRUE(done) << done.error().ToString();
        EXPECT_EQ(done.value().size_bytes, first.size() + second.size());
        EXPECT_TRUE(Get("big", asked) == first + second);
        EXPECT_EQ(GetRange("big", asked, first.size() - 3, first.size() + 2),
                  first.substr(first.size() - 3) + second.substr(0, 3));
    }
}

TEST_F(EncryptedUploads, TakePartsFromObjectsOfAnyKind) {
    const std::string body = Text(kMinPartBytes);
    for (const auto& [from, source] : kKinds) {
        Put("from " + from, body, source);
        for (const auto& [to, target] : kKinds) {
            SCOPED_TRACE(from + " to " + to);
            const uint64_t staged = store().staged_bytes();
            const UploadId id = Create(target);
            const auto whole = CopyPart(id, 1, "from " + from, source, target);
            ASSERT_TRUE(whole) << whole.error().ToString();
            const auto range =
                CopyPart(id, 2, "from " + from, source, target, store::ByteRange{100, 70'000});
            ASSERT_TRUE(range) << range.error().ToString();
            EXPECT_EQ(store().staged_bytes() == staged, from == to);
            ASSERT_TRUE(Complete(id, {whole.value().part.etag, range.value().part.etag}, target));
            EXPECT_TRUE(Get("big", target) == body + body.substr(100, 70'000));
        }
    }
}

TEST_F(EncryptedUploads, WantTheSameKeyOfTheClientsThroughout) {
    const UploadId id = Create(Customer(7));
    EXPECT_EQ(PutPart(id, 1, "part", {}).error().code(), "InvalidRequest");
    EXPECT_EQ(PutPart(id, 1, "part", Customer(8)).error().code(), "InvalidRequest");
    const std::string etag = PutPart(id, 1, "part", Customer(7)).value().etag;
    EXPECT_EQ(PutPart(id, 1, "part", Customer(7)).value().etag, etag) << "sent again";
    EXPECT_NE(PutPart(Create(Customer(7)), 1, "part", Customer(7)).value().etag, etag);
    Put("from", "part", {});
    EXPECT_EQ(CopyPart(id, 2, "from", {}, {}).error().code(), "InvalidRequest");
    EXPECT_EQ(CopyPart(id, 2, "from", {}, Customer(8)).error().code(), "InvalidRequest");
    EXPECT_EQ(Complete(id, {etag}, Customer(8)).error().code(), "InvalidRequest");
    EXPECT_TRUE(Complete(id, {etag}, Customer(7)));
    EXPECT_EQ(Get("big", Customer(7)), "part");

    const UploadId plain = Create({});
    EXPECT_EQ(PutPart(plain, 1, "part", Customer(7)).error().code(), "InvalidRequest");
}

TEST_F(EncryptedUploads, WantTheKeyAtTheEndOnlyWhereTheyHaveChecksums) {
    const UploadId without = Create(Customer(7));
    const std::string etag = PutPart(without, 1, "part", Customer(7)).value().etag;
    EXPECT_TRUE(Complete(without, {etag}, {}));
    EXPECT_TRUE(Complete(without, {etag}, {})) << "said again";

    const UploadId with = Create(Customer(7), codec::ChecksumAlgorithm::kCrc32);
    const std::string checked = PutPart(with, 1, "part", Customer(7)).value().etag;
    EXPECT_EQ(Complete(with, {checked}, {}).error().code(), "InvalidRequest");
    EXPECT_TRUE(Complete(with, {checked}, Customer(7)));
}

}  // namespace
}  // namespace coffer::service
