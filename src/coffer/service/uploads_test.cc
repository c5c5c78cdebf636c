#include "coffer/catalog/uploads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "coffer/codec/hex.h"
#include "coffer/os/fault_file_system.h"
#include "coffer/runtime/executors.h"
#include "coffer/service/recovery.h"

#include "tests/support/failing_store.h"
#include "tests/support/service_fixture.h"

namespace coffer::service {
namespace {

using ::testing::ElementsAre;
using testing::RunTask;
using testing::ServiceFixture;

constexpr size_t kPart = 5_MiB;

class UploadsTest : public ::testing::Test {
  protected:
    UploadsTest() { fixture.MakeBucket("films"); }

    UploadId Create(std::string_view key,
                    std::optional<codec::ChecksumAlgorithm> checksum = std::nullopt,
                    std::optional<ChecksumType> type = std::nullopt) {
        const UploadInfo info =
            RunTask(fixture.uploads().Create({.bucket = ServiceFixture::Bucket("films"),
                                              .key = ServiceFixture::Key(key),
                                              .headers = {},
                                              .checksum = checksum,
                                              .checksum_type = type}))
                .value();
        return {ServiceFixture::Bucket("films"), ServiceFixture::Key(key), info.upload_id};
    }

    Result<PartInfo> PutPart(const UploadId& upload, int number, std::string body) {
        runtime::StringSource source(std::move(body));
        return RunTask(fixture.uploads().PutPart(
            {.upload = upload, .part_number = number, .content = {}}, source));
    }

    CompletePart Part(const UploadId& upload, int number, std::string body) {
        return {number, PutPart(upload, number, std::move(body)).value().etag, std::nullopt};
    }

    Result<PutResult> Complete(const UploadId& upload, std::vector<CompletePart> parts) {
        return RunTask(fixture.uploads().Complete(
            {.upload = upload, .parts = std::move(parts), .conditions = {}}));
    }

    ServiceFixture fixture;
};

TEST_F(UploadsTest, PartsBecomeOneObjectWithoutCopyingAByte) {
    const UploadId upload = Create("long.mp4");
    const CompletePart one = Part(upload, 1, std::string(kPart, 'a'));
    const CompletePart two = Part(upload, 2, std::string(kPart, 'b'));
    const CompletePart three = Part(upload, 7, "tail");
    const PutResult done = Complete(upload, {one, two, three}).value();
    EXPECT_TRUE(done.etag.ends_with("-3"));
    EXPECT_EQ(fixture.StoredCopies(), 3u);
    EXPECT_EQ(fixture.Get("films", "long.mp4").value(),
              std::string(kPart, 'a') + std::string(kPart, 'b') + "tail");

    GetRequest range{.bucket = upload.bucket, .key = upload.key};
    range.range = codec::RangeSpec{.first = kPart - 2, .last = kPart + 1};
    EXPECT_EQ(fixture.Get(range).value(), "aabb");
    range.range.reset();
    range.part_number = 7;
    EXPECT_EQ(fixture.Get(range).value(), "tail");
    range.part_number = 3;
    EXPECT_EQ(fixture.Get(range).error().code(), "InvalidPartNumber");

    ASSERT_TRUE(fixture.Delete("films", "long.mp4"));
    EXPECT_EQ(fixture.StoredCopies(), 0u);
}

TEST_F(UploadsTest, CompletionChecksTheListAndChangesNothingWhenItIsWrong) {
    const UploadId upload = Create("x");
    const CompletePart one = Part(upload, 1, std::string(kPart, 'a'));
    const CompletePart small = Part(upload, 2, "small");
    const CompletePart last = Part(upload, 3, "last");
    const auto code = [&](std::vector<CompletePart> parts) {
        return std::string(Complete(upload, std::move(parts)).error().code());
    };
    EXPECT_EQ(code({}), "MalformedXML");
    EXPECT_EQ(code({small, one}), "InvalidPartOrder");
    EXPECT_EQ(code({one, one}), "InvalidPartOrder");
    EXPECT_EQ(code({one, small, last}), "EntityTooSmall");
    EXPECT_EQ(code({one, {4, one.etag, {}}}), "InvalidPart");
    EXPECT_EQ(code({{1, small.etag, {}}}), "InvalidPart");
    EXPECT_EQ(fixture.Get("films", "x").error().code(), "NoSuchKey");
    EXPECT_EQ(RunTask(fixture.uploads().ListParts(upload, 0, 10)).value().parts.size(), 3u);

    UploadId foreign = upload;
    foreign.key = ServiceFixture::Key("y");
    EXPECT_EQ(Complete(foreign, {one}).error().code(), "NoSuchUpload");
    EXPECT_TRUE(Complete(upload, {one, last}));
    EXPECT_EQ(fixture.StoredCopies(), 2u);  // the part that was not listed is gone
}

TEST_F(UploadsTest, CompletionComparesChecksumsOfPartsWhereTheUploadHasThem) {
    const Checksum other{codec::ChecksumAlgorithm::kCrc32, ChecksumType::kFullObject, "1234"};
    const UploadId with = Create("x", codec::ChecksumAlgorithm::kCrc32);
    CompletePart part = Part(with, 1, "x");
    part.checksum = other;
    EXPECT_EQ(Complete(with, {part}).error().code(), "InvalidPart");
    const UploadId with_another = Create("x", codec::ChecksumAlgorithm::kSha256);
    part = Part(with_another, 1, "x");
    part.checksum = other;
    EXPECT_EQ(Complete(with_another, {part}).error().code(), "InvalidPart");
    const UploadId without = Create("x");
    part = Part(without, 1, "x");
    part.checksum = other;
    EXPECT_TRUE(Complete(without, {part}));
}

TEST_F(UploadsTest, AnObjectHasAtMostFiveTebibytes) {
    const UploadId upload = Create("huge");
    constexpr uint64_t kLargestPart = 5ull << 30;
    std::vector<CompletePart> parts;
    // Rows of parts that nobody could send in a test.
    ASSERT_TRUE(fixture.database->WriteBlocking([&](db::Transaction& tx) -> Result<> {
        TRY(const auto row,
            catalog::FindUpload(tx, catalog::BucketId(1), "huge", upload.upload_id));
        for (int number = 1; number <= 1025; ++number) {
            const std::string etag(32, 'a');
            TRY(catalog::PutPart(tx, row->id,
                                 {.number = number, .size_bytes = kLargestPart, .etag = etag}, {}));
            parts.push_back({number, etag, {}});
        }
        return Ok();
    }));
    EXPECT_EQ(Complete(upload, parts).error().code(), "EntityTooLarge");
    parts.pop_back();
    EXPECT_EQ(Complete(upload, parts).value().size_bytes, 5ull << 40);
}

TEST_F(UploadsTest, ACompletionThatIsRepeatedAnswersAsItDid) {
    ASSERT_TRUE(
        RunTask(Buckets(*fixture.core)
                    .SetLifecycle(ServiceFixture::Bucket("films"),
                                  {{.id = "rule", .enabled = true, .expiration_days = 1}})));
    const UploadId upload = Create("x", codec::ChecksumAlgorithm::kCrc32);
    const CompletePart part = Part(upload, 1, "only");
    const PutResult first = Complete(upload, {part}).value();
    EXPECT_NE(first.expiration, "");
    const PutResult again = Complete(upload, {part}).value();
    EXPECT_EQ(again.etag, first.etag);
    EXPECT_EQ(again.version_id, first.version_id);
    EXPECT_EQ(again.checksum, first.checksum);
    EXPECT_EQ(again.size_bytes, first.size_bytes);
    EXPECT_EQ(again.expiration, first.expiration);
    EXPECT_EQ(PutPart(upload, 1, "again").error().code(), "NoSuchUpload");
    ASSERT_TRUE(fixture.Put("films", "x", "another"));
    EXPECT_EQ(Complete(upload, {part}).error().code(), "NoSuchUpload");
    EXPECT_EQ(fixture.Get("films", "x").value(), "another");
}

TEST_F(UploadsTest, AbortFreesEverything) {
    const UploadId upload = Create("x");
    ASSERT_TRUE(PutPart(upload, 1, "one"));
    ASSERT_TRUE(RunTask(fixture.uploads().Abort(upload)));
    EXPECT_EQ(fixture.StoredCopies(), 0u);
    EXPECT_EQ(RunTask(fixture.uploads().Abort(upload)).error().code(), "NoSuchUpload");
    EXPECT_EQ(PutPart(upload, 2, "two").error().code(), "NoSuchUpload");
    EXPECT_EQ(fixture.StoredCopies(), 0u);
}

TEST_F(UploadsTest, APartThatIsSentAgainReplacesTheFirst) {
    const UploadId upload = Create("x");
    ASSERT_TRUE(PutPart(upload, 1, "one"));
    const CompletePart second = Part(upload, 1, "two");
    EXPECT_EQ(fixture.StoredCopies(), 1u);
    ASSERT_TRUE(Complete(upload, {second}));
    EXPECT_EQ(fixture.Get("films", "x").value(), "two");
}

TEST_F(UploadsTest, PartNumbersHaveBounds) {
    const UploadId upload = Create("x");
    for (const int number : {0, -1, 10'001})
        EXPECT_EQ(PutPart(upload, number, "x").error().code(), "InvalidArgument");
    EXPECT_TRUE(PutPart(upload, 10'000, "x"));
}

TEST_F(UploadsTest, AFullObjectChecksumIsTheOneOfTheWholeBytes) {
    const std::string a(kPart, 'a');
    const UploadId upload =
        Create("x", codec::ChecksumAlgorithm::kCrc32c, ChecksumType::kFullObject);
    const PutResult done = Complete(upload, {Part(upload, 1, a), Part(upload, 2, "tail")}).value();
    ASSERT_TRUE(done.checksum);
    const std::unique_ptr<codec::Hasher> whole =
        codec::NewHasher(codec::ChecksumAlgorithm::kCrc32c);
    whole->Update(AsBytes(a));
    whole->Update(AsBytes("tail"));
    EXPECT_EQ(codec::ToHex(AsBytes(done.checksum->raw)), codec::ToHex(AsBytes(whole->Finish())));
}

TEST_F(UploadsTest, ACompositeChecksumIsTheOneOfThePartsChecksums) {
    const UploadId upload = Create("x", codec::ChecksumAlgorithm::kSha256);
    const PutResult done = Complete(upload, {Part(upload, 1, "only")}).value();
    const codec::Sha256Digest part = codec::Sha256(AsBytes("only"));
    ASSERT_TRUE(done.checksum);
    EXPECT_EQ(done.checksum->type, ChecksumType::kComposite);
    EXPECT_EQ(done.checksum->raw, AsText(codec::Sha256(part)));
}

TEST_F(UploadsTest, APartCanBeCopiedFromARangeOfAnObjectOfParts) {
    const UploadId source = Create("source");
    ASSERT_TRUE(Complete(source, {Part(source, 1, std::string(kPart, 'a')),
                                  Part(source, 2, std::string(kPart, 'b'))}));
    const UploadId upload = Create("copy");
    const auto copy = [&](int number, std::optional<store::ByteRange> range) {
        return RunTask(
            fixture.uploads().CopyPart({.upload = upload,
                                        .part_number = number,
                                        .source = {.bucket = source.bucket, .key = source.key},
                                        .range = range,
                                        .source_conditions = {}}));
    };
    EXPECT_EQ(copy(1, store::ByteRange{2 * kPart, 1}).error().code(), "CopyRangeBeyondSource");
    const PartInfo whole = copy(1, std::nullopt).value().part;
    const PartInfo middle = copy(2, store::ByteRange{kPart - 1, 2}).value().part;
    EXPECT_EQ(middle.etag, codec::ToHex(codec::Md5(AsBytes("ab"))));
    ASSERT_TRUE(Complete(upload, {{1, whole.etag, {}}, {2, middle.etag, {}}}));
    EXPECT_EQ(fixture.StoredCopies(), 2u);
    ASSERT_TRUE(fixture.Delete("films", "source"));
    EXPECT_EQ(fixture.Get("films", "copy").value(),
              std::string(kPart, 'a') + std::string(kPart, 'b') + "ab");
}

TEST_F(UploadsTest, ACopyOfAnObjectOfPartsLivesOnItsOwn) {
    const UploadId upload = Create("a");
    const PutResult original =
        Complete(upload, {Part(upload, 1, std::string(kPart, 'a')), Part(upload, 2, "b")}).value();
    const CopyRequest copy{.source = {.bucket = upload.bucket, .key = upload.key},
                           .bucket = upload.bucket,
                           .key = ServiceFixture::Key("b")};
    EXPECT_EQ(RunTask(fixture.objects().Copy(copy)).value().etag, original.etag);
    ASSERT_TRUE(fixture.Delete("films", "a"));
    EXPECT_EQ(fixture.StoredCopies(), 2u);
    EXPECT_EQ(fixture.Get("films", "b").value(), std::string(kPart, 'a') + "b");
}

TEST_F(UploadsTest, OpenUploadsAreListedByKeyAndThenByAge) {
    const UploadId first = Create("b");
    const UploadId second = Create("b");
    const UploadId other = Create("a/x");
    const UploadId finished = Create("c");
    ASSERT_TRUE(Complete(finished, {Part(finished, 1, "x")}));
    std::vector<std::string> ids;
    ListUploadsRequest request{.bucket = first.bucket, .limit = 1};
    for (;;) {
        const ListUploadsResult page = RunTask(fixture.uploads().List(request)).value();
        for (const UploadInfo& upload : page.uploads)
            ids.push_back(upload.upload_id);
        if (!page.truncated) break;
        request.key_marker = page.next_key_marker;
        request.upload_id_marker = page.next_upload_id_marker;
    }
    EXPECT_THAT(ids, ElementsAre(other.upload_id, first.upload_id, second.upload_id));
    const ListUploadsResult rolled =
        RunTask(fixture.uploads().List({.bucket = first.bucket, .delimiter = "/"})).value();
    EXPECT_THAT(rolled.common_prefixes, ElementsAre("a/"));
    EXPECT_EQ(rolled.uploads.size(), 2u);
}

TEST_F(UploadsTest, AListingGoesOnWhereTheUploadOfItsMarkerIsGone) {
    const UploadId first = Create("b");
    const UploadId second = Create("b");
    ListUploadsRequest request{.bucket = first.bucket, .limit = 1};
    const ListUploadsResult page = RunTask(fixture.uploads().List(request)).value();
    ASSERT_TRUE(RunTask(fixture.uploads().Abort(first)));
    request.key_marker = page.next_key_marker;
    request.upload_id_marker = page.next_upload_id_marker;
    const ListUploadsResult next = RunTask(fixture.uploads().List(request)).value();
    ASSERT_EQ(next.uploads.size(), 1u);
    EXPECT_EQ(next.uploads[0].upload_id, second.upload_id);
}

TEST_F(UploadsTest, APageOfNoPartsIsNotCutShort) {
    const UploadId upload = Create("b");
    Part(upload, 1, "x");
    EXPECT_FALSE(RunTask(fixture.uploads().ListParts(upload, 0, 0)).value().truncated);
}

TEST_F(UploadsTest, PartsOfAnObjectAreToldByPages) {
    const UploadId upload = Create("x", codec::ChecksumAlgorithm::kCrc32);
    const CompletePart one = Part(upload, 1, std::string(kPart, 'a'));
    const CompletePart three = Part(upload, 3, std::string(kPart, 'b'));
    const CompletePart four = Part(upload, 4, "tail");
    ASSERT_TRUE(Complete(upload, {one, three, four}));
    GetRequest get{.bucket = upload.bucket, .key = upload.key};
    EXPECT_TRUE(RunTask(fixture.objects().Get(get)).value().parts.empty());
    get.parts_page = {.after = 1, .limit = 1};
    std::vector<PartInfo> parts = RunTask(fixture.objects().Get(get)).value().parts;
    ASSERT_EQ(parts.size(), 1u);
    EXPECT_EQ(parts[0].number, 3);
    EXPECT_EQ(parts[0].size_bytes, kPart);
    EXPECT_EQ(parts[0].etag, three.etag);
    EXPECT_TRUE(parts[0].checksum);
    get.parts_page = {.after = 1, .limit = 10};
    parts = RunTask(fixture.objects().Get(get)).value().parts;
    ASSERT_EQ(parts.size(), 2u);
    EXPECT_EQ(parts[1].number, 4);
    ASSERT_TRUE(fixture.Put("films", "whole", "x"));
    get.key = ServiceFixture::Key("whole");
    get.parts_page = {.after = 0, .limit = 10};
    EXPECT_TRUE(RunTask(fixture.objects().Get(get)).value().parts.empty());
}

TEST_F(UploadsTest, ACopyWithAnotherChecksumHasNoneOfItsParts) {
    const UploadId upload = Create("a", codec::ChecksumAlgorithm::kCrc32);
    ASSERT_TRUE(Complete(upload, {Part(upload, 1, std::string(kPart, 'a')), Part(upload, 2, "b")}));
    CopyRequest copy{.source = {.bucket = upload.bucket, .key = upload.key},
                     .bucket = upload.bucket,
                     .key = ServiceFixture::Key("b"),
                     .checksum = codec::ChecksumAlgorithm::kSha256};
    EXPECT_EQ(RunTask(fixture.objects().Copy(copy)).value().checksum->raw,
              AsText(codec::Sha256(AsBytes(std::string(kPart, 'a') + "b"))));
    GetRequest get{.bucket = upload.bucket, .key = copy.key};
    get.parts_page = {.after = 0, .limit = 10};
    const std::vector<PartInfo> parts = RunTask(fixture.objects().Get(get)).value().parts;
    EXPECT_EQ(parts.size(), 2u);
    for (const PartInfo& part : parts)
        EXPECT_FALSE(part.checksum) << part.number;
    get.part_number = 1;
    EXPECT_FALSE(RunTask(fixture.objects().Get(std::move(get))).value().part_checksum);
}

TEST_F(UploadsTest, ABucketWithOnlyUnfinishedUploadsCanBeDeleted) {
    const UploadId upload = Create("x");
    ASSERT_TRUE(PutPart(upload, 1, "one"));
    ASSERT_TRUE(RunTask(Buckets(*fixture.core).Delete(upload.bucket)));
    EXPECT_EQ(fixture.StoredCopies(), 0u);
}

TEST(Buckets, ThatHoldObjectsStay) {
    ServiceFixture fixture;
    fixture.MakeBucket("photos");
    EXPECT_EQ(RunTask(Buckets(*fixture.core).Create(fixture.Bucket("photos"))).error().code(),
              "BucketAlreadyOwnedByYou");
    ASSERT_TRUE(fixture.Put("photos", "a", "1"));
    EXPECT_EQ(RunTask(Buckets(*fixture.core).Delete(fixture.Bucket("photos"))).error().code(),
              "BucketNotEmpty");
    ASSERT_TRUE(fixture.Delete("photos", "a"));
    EXPECT_TRUE(RunTask(Buckets(*fixture.core).Delete(fixture.Bucket("photos"))));
    EXPECT_EQ(RunTask(Buckets(*fixture.core).Get(fixture.Bucket("photos"))).error().code(),
              "NoSuchBucket");
}

TEST(BucketDirectories, EmptyOnesBecomeBucketsAndGoWithThem) {
    ServiceFixture fixture;
    for (const char* name : {"/data/photos", "/data/Bad_Name", "/data/full", "/data/full/x"})
        ASSERT_TRUE(fixture.files.MakeDirectory(name));
    EXPECT_THAT(fixture.directories.MakeBuckets(*fixture.database, fixture.clock.Now()).value(),
                ElementsAre("photos"));
    EXPECT_THAT(fixture.directories.MakeBuckets(*fixture.database, fixture.clock.Now()).value(),
                ElementsAre());
    ASSERT_TRUE(RunTask(Buckets(*fixture.core).Delete(fixture.Bucket("photos"))));
    EXPECT_EQ(fixture.files.Stat("/data/photos").error().kind(), ErrorKind::kNotFound);
    EXPECT_TRUE(fixture.files.Stat("/data/full/x"));
    EXPECT_TRUE(fixture.files.Stat("/data/Bad_Name"));
}

TEST(BucketDirectories, ARemovalThatWasNotSyncedIsSyncedByTheNextCall) {
    os::MemoryFileSystem files;
    os::FaultFileSystem fault(files);
    ASSERT_TRUE(files.MakeDirectory("/data"));
    ASSERT_TRUE(files.MakeDirectory("/data/photos"));
    ASSERT_TRUE(files.SyncDirectory("/"));
    ASSERT_TRUE(files.SyncDirectory("/data"));
    BucketDirectories directories(fault, "/data");
    fault.Inject({.operation = os::Operation::kSyncDirectory, .errno_value = EMFILE});
    EXPECT_EQ(directories.Remove("photos").error().kind(), ErrorKind::kBusy);
    EXPECT_TRUE(directories.Remove("photos"));
    files.Crash();
    EXPECT_EQ(files.Stat("/data/photos").error().kind(), ErrorKind::kNotFound);
}

TEST(BucketDirectoriesDeathTest, ASyncThatFailsEndsTheProcess) {
    os::MemoryFileSystem files;
    os::FaultFileSystem fault(files);
    ASSERT_TRUE(files.MakeDirectory("/data"));
    BucketDirectories directories(fault, "/data");
    fault.Inject({.operation = os::Operation::kSyncDirectory, .errno_value = EIO});
    EXPECT_DEATH((void)directories.Remove("photos"), "durable");
}

TEST(Recovery, DropsWhatNoRowNamesAndNothingElse) {
    ServiceFixture fixture;
    fixture.MakeBucket("photos");
    EXPECT_EQ(BeginServing(*fixture.database).value(), LastEnd::kInOrder);
    ASSERT_TRUE(fixture.Put("photos", "a", "kept"));
    // What a crash between the store's commit and the catalogue's leaves.
    runtime::StringSource source("orphan");
    auto staged = RunTask(fixture.store->Stage(source, {}));
    ASSERT_TRUE(RunTask(fixture.store->Commit(std::move(staged).value())));
    EXPECT_EQ(fixture.StoredCopies(), 2u);

    EXPECT_EQ(BeginServing(*fixture.database).value(), LastEnd::kCrashed);
    EXPECT_EQ(RunTask(fixture.reclaimer->DropOrphans()).value(), 1);
    EXPECT_EQ(fixture.StoredCopies(), 1u);
    EXPECT_EQ(fixture.Get("photos", "a").value(), "kept");
    ASSERT_TRUE(RunTask(EndServing(*fixture.core, true)));
    EXPECT_EQ(BeginServing(*fixture.database).value(), LastEnd::kInOrder);
}

TEST(Recovery, IsNotNeededForWhatAnEndInGoodOrderCanDrop) {
    ServiceFixture fixture;
    EXPECT_EQ(BeginServing(*fixture.database).value(), LastEnd::kInOrder);
    runtime::StringSource source("spare");
    auto staged = RunTask(fixture.store->Stage(source, {}));
    const std::string key = RunTask(fixture.store->Commit(std::move(staged).value())).value();
    fixture.reclaimer->DropSpareLater(codec::Sha256(AsBytes(std::string("spare"))), key);
    ASSERT_TRUE(RunTask(EndServing(*fixture.core, true)));
    EXPECT_EQ(BeginServing(*fixture.database).value(), LastEnd::kInOrder);
    EXPECT_EQ(fixture.StoredCopies(), 0u);
}

// What can't be looked at is looked for again; and was no crash.
TEST(Recovery, TellsAnEndThatLeftSomethingUnseenFromACrash) {
    ServiceFixture fixture;
    EXPECT_EQ(BeginServing(*fixture.database).value(), LastEnd::kInOrder);
    ASSERT_TRUE(RunTask(EndServing(*fixture.core, false)));
    EXPECT_EQ(BeginServing(*fixture.database).value(), LastEnd::kUnsure);
    EXPECT_EQ(BeginServing(*fixture.database).value(), LastEnd::kCrashed);
    fixture.reclaimer->NoteOrphan();
    ASSERT_TRUE(RunTask(EndServing(*fixture.core, true)));
    EXPECT_EQ(BeginServing(*fixture.database).value(), LastEnd::kUnsure);
}

TEST(Recovery, IsNotDoneWhileTheStoreLeavesSomethingOut) {
    auto given = std::make_unique<testing::MemoryStore>();
    testing::MemoryStore& store = *given;
    ServiceFixture fixture(std::move(given));
    const auto commit = [&](std::string content) {
        runtime::StringSource source(std::move(content));
        auto staged = RunTask(store.Stage(source, {}));
        return RunTask(store.Commit(std::move(staged).value())).value();
    };
    const std::string hidden = commit("can't be looked at");
    commit("comes after it");
    store.Hide(hidden);
    EXPECT_FALSE(RunTask(RecoverInBackground(*fixture.core)));
    EXPECT_EQ(store.Keys(), std::vector<std::string>{hidden});
    // As the next start does.
    store.Hide(hidden, false);
    EXPECT_TRUE(RunTask(RecoverInBackground(*fixture.core)));
    EXPECT_EQ(store.size(), 0u);
}

// Descriptors are the requests' first; the next start would have all to look at again.
TEST(Recovery, WaitsForWhatTheServerLacksJustNow) {
    auto given = std::make_unique<testing::FailingStore>();
    testing::FailingStore& store = *given;
    ServiceFixture fixture(std::move(given));
    for (const char* content : {"one", "two"}) {
        runtime::StringSource source(content);
        auto staged = RunTask(store.Stage(source, {}));
        ASSERT_TRUE(RunTask(store.Commit(std::move(staged).value())));
    }
    int lists = 0;
    store.before_list = [&](const std::string&) -> Result<> {
        if (++lists <= 2) return Error(ErrorKind::kBusy, "no descriptor is free");
        return Ok();
    };
    int removals = 0;
    store.before_remove = [&](const std::string&) -> Result<> {
        if (++removals == 1) return Error(ErrorKind::kBusy, "no descriptor is free");
        return Ok();
    };
    EXPECT_TRUE(RunTask(RecoverInBackground(*fixture.core)));
    EXPECT_EQ(lists, 3);
    EXPECT_EQ(removals, 3);
    EXPECT_EQ(store.size(), 0u);
    // Not for ever.
    store.before_list = [&](const std::string&) -> Result<> {
        if (++lists == 5) fixture.reclaimer->Stop();
        return Error(ErrorKind::kBusy, "no descriptor is free");
    };
    EXPECT_FALSE(RunTask(RecoverInBackground(*fixture.core)));
    EXPECT_EQ(lists, 5);
}

// The walk may be at a page that takes long; what it waits for comes after Stop has returned.
TEST(Recovery, EndsWithTheReclaimerWhereverItIs) {
    runtime::Executors executors(1);
    auto given = std::make_unique<testing::FailingStore>();
    testing::FailingStore& store = *given;
    ServiceFixture fixture(std::move(given));
    constexpr size_t kCopies = 600;  // several pages
    for (size_t i = 0; i < kCopies; ++i) {
        runtime::StringSource source("orphan " + std::to_string(i));
        auto staged = RunTask(store.Stage(source, {}));
        ASSERT_TRUE(RunTask(store.Commit(std::move(staged).value())));
    }
    fixture.reclaimer->Start(executors.at(0).get_executor());
    size_t lists = 0;
    store.before_list = [&](const std::string&) -> Result<> {
        if (++lists == 1) fixture.reclaimer->Stop();
        return Ok();
    };
    EXPECT_EQ(RunTask(fixture.reclaimer->DropOrphans()).error().kind(), ErrorKind::kClosed);
    EXPECT_EQ(lists, 1u);
    EXPECT_EQ(store.size(), kCopies);
}

}  // namespace
}  // namespace coffer::service
