// Random operations on the services against a model of a few maps, in a bucket whose versioning is
// switched meanwhile, encrypted in every way or not: the same answers, the same bytes, and in the
// end no byte on the store that nothing refers to.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <tuple>

#include "coffer/catalog/references.h"

#include "tests/support/service_fixture.h"

namespace coffer::service {
namespace {

using testing::RunTask;
using testing::ServiceFixture;

constexpr int kSequences = 12;
constexpr int kOperations = 80;

// Few keys and few contents, so that overwrites, equal contents and copies onto themselves happen
// all the time.
constexpr std::string_view kKeys[] = {"a", "a/b", "b", "c/../c"};

using Asked = std::optional<EncryptionRequest>;

// How things may be encrypted; few, so that a copy often stays in its domain.
const Asked kEncryptions[] = {
    {},
    EncryptionRequest{.kind = EncryptionKind::kS3},
    EncryptionRequest{.kind = EncryptionKind::kKms, .key_name = "two"},
    EncryptionRequest{.kind = EncryptionKind::kCustomer, .customer_key = testing::TestKey(7)}};

std::optional<AeadKey> KeyOf(const Asked& asked) {
    return asked ? asked->customer_key : std::nullopt;
}

// A version of a key, as the model has it.
struct ModelVersion {
    std::string id = "null";
    bool delete_marker = false;
    std::string content;
    Asked encryption;
};

class Model {
  public:
    explicit Model(uint32_t seed) : random_(seed) { fixture_.MakeBucket("bucket"); }

    void Step() {
        switch (Pick(10)) {
            case 0:
            case 1:
                return Put();
            case 2:
                return Delete();
            case 3:
                return Copy();
            case 4:
                return CreateUpload();
            case 5:
                return PutPart();
            case 6:
                return CopyPart();
            case 7:
                return Pick(2) == 0 ? Complete() : Abort();
            case 8:
                return DeleteVersion();
            case 9:
                return Pick(3) == 0 ? SetVersioning() : Put();
        }
    }

    void CheckEverything() {
        const auto page = RunTask(fixture_.objects().List({.bucket = bucket_}));
        ASSERT_TRUE(page);
        std::vector<std::string> listed;
        for (const ListedVersion& object : page.value().objects)
            listed.emplace_back(object.key);
        std::vector<std::string> expected;
        for (const auto& [key, versions] : objects_) {
            if (Current(key) != nullptr) expected.push_back(key);
        }
        ASSERT_EQ(listed, expected);
        for (const auto& [key, versions] : objects_) {
            const ModelVersion* const current = Current(key);
            GetRequest get{.bucket = bucket_, .key = ServiceFixture::Key(key)};
            if (current != nullptr) get.customer_key = KeyOf(current->encryption);
            const auto got = fixture_.Get(std::move(get));
            ASSERT_EQ(got.has_value(), current != nullptr);
            if (got) {
                ASSERT_TRUE(got.value() == Current(key)->content) << "other bytes under " << key;
            }
            for (const ModelVersion& version : versions)
                CheckVersion(key, version);
        }
        CheckListOfVersions();
        CheckCounts();
    }

    void DeleteEverything() {
        for (const auto& [key, versions] : objects_) {
            for (const ModelVersion& version : versions)
                ASSERT_TRUE(Delete(key, version.id));
        }
        for (const auto& upload : uploads_)
            ASSERT_TRUE(RunTask(fixture_.uploads().Abort(upload.id)));
        ASSERT_EQ(fixture_.StoredCopies(), 0u);
        ASSERT_TRUE(RunTask(Buckets(*fixture_.core).Delete(bucket_)));
    }

  private:
    struct OpenUpload {
        UploadId id;
        Asked encryption;
        std::map<int, std::pair<std::string, std::string>> parts;  // number -> etag, content
    };

    size_t Pick(size_t count) { return random_() % count; }
    std::string Key() { return std::string(kKeys[Pick(std::size(kKeys))]); }

    Asked Encryption() { return kEncryptions[Pick(std::size(kEncryptions))]; }

    // Small, or long enough to be a part that another follows.
    std::string Content() {
        const char letter = "xyz"[Pick(3)];
        return std::string(Pick(4) == 0 ? kMinPartBytes : Pick(3), letter);
    }

    // The object under a key; null where there is none.
    const ModelVersion* Current(const std::string& key) {
        const auto found = objects_.find(key);
        if (found == objects_.end() || found->second.front().delete_marker) return nullptr;
        return &found->second.front();
    }

    // The object, or any version of it, under a key, with the id to name it by.
    const ModelVersion* AnySource(const std::string& key, std::optional<std::string>& version_id) {
        if (Pick(2) == 0 || !objects_.contains(key)) return Current(key);
        const std::vector<ModelVersion>& versions = objects_[key];
        const ModelVersion& version = versions[Pick(versions.size())];
        version_id = version.id;
        return version.delete_marker ? nullptr : &version;
    }

    // `told`: the id of the new version in the answer.
    void Stack(const std::string& key, std::string told, bool delete_marker, std::string content,
               Asked encryption = {}) {
        const bool enabled = versioning_ == Versioning::kEnabled;
        ASSERT_EQ(told, enabled ? told : delete_marker ? "null" : "");
        std::vector<ModelVersion>& versions = objects_[key];
        if (told.empty()) told = "null";
        const auto known = std::ranges::find(versions, told, &ModelVersion::id);
        ASSERT_TRUE(told == "null" || known == versions.end());
        std::erase_if(versions, [&](const ModelVersion& version) { return version.id == told; });
        versions.insert(versions.begin(),
                        {told, delete_marker, std::move(content), std::move(encryption)});
    }

    Result<DeleteResult> Delete(std::string_view key, std::optional<std::string> version_id) {
        return RunTask(fixture_.objects().Delete({.bucket = bucket_,
                                                  .key = ServiceFixture::Key(key),
                                                  .version_id = std::move(version_id)}));
    }

    void SetVersioning() {
        versioning_ = Pick(2) == 0 ? Versioning::kEnabled : Versioning::kSuspended;
        ASSERT_TRUE(RunTask(Buckets(*fixture_.core).SetVersioning(bucket_, versioning_)));
    }

    void Put() {
        const std::string key = Key();
        const std::string content = Content();
        PutRequest request{bucket_, ServiceFixture::Key(key), {}, {}, {}};
        request.encryption = Encryption();
        const auto put = fixture_.Put(request, content);
        ASSERT_TRUE(put);
        Stack(key, put.value().version_id, false, content, request.encryption);
    }

    void Delete() {
        const std::string key = Key();
        const auto deleted = Delete(key, std::nullopt);
        ASSERT_TRUE(deleted);
        ASSERT_EQ(deleted.value().delete_marker, versioning_ != Versioning::kUnversioned);
        if (versioning_ == Versioning::kUnversioned)
            objects_.erase(key);
        else
            Stack(key, deleted.value().version_id, true, "");
    }

    void DeleteVersion() {
        const std::string key = Key();
        if (!objects_.contains(key)) return;
        std::vector<ModelVersion>& versions = objects_[key];
        const auto at = versions.begin() + static_cast<std::ptrdiff_t>(Pick(versions.size()));
        const auto deleted = Delete(key, at->id);
        ASSERT_TRUE(deleted);
        ASSERT_EQ(deleted.value().delete_marker, at->delete_marker);
        versions.erase(at);
        if (versions.empty()) objects_.erase(key);
    }

    void Copy() {
        const std::string from = Key();
        const std::string to = Key();
        std::optional<std::string> version_id;
        const ModelVersion* source = AnySource(from, version_id);
        const Asked encryption = Encryption();
        const auto result = RunTask(fixture_.objects().Copy(
            {.source = {.bucket = bucket_,
                        .key = ServiceFixture::Key(from),
                        .version_id = version_id},
             .bucket = bucket_,
             .key = ServiceFixture::Key(to),
             .replace_headers = from == to ? std::optional(ObjectHeaders()) : std::nullopt,
             .source_customer_key = source == nullptr ? std::nullopt : KeyOf(source->encryption),
             .encryption = encryption}));
        ASSERT_EQ(result.has_value(), source != nullptr);
        if (!result) return;
        ASSERT_EQ(result.value().source_version_id,
                  versioning_ == Versioning::kUnversioned ? "" : source->id);
        Stack(to, result.value().version_id, false, std::string(source->content), encryption);
    }

    void CreateUpload() {
        const std::string key = Key();
        CreateUploadRequest request{
            .bucket = bucket_, .key = ServiceFixture::Key(key), .headers = {}};
        request.encryption = Encryption();
        const auto info = RunTask(fixture_.uploads().Create(request));
        ASSERT_TRUE(info);
        uploads_.push_back(
            {{bucket_, ServiceFixture::Key(key), info.value().upload_id}, request.encryption, {}});
    }

    OpenUpload* AnyUpload() {
        return uploads_.empty() ? nullptr : &uploads_[Pick(uploads_.size())];
    }

    void PutPart() {
        OpenUpload* upload = AnyUpload();
        if (upload == nullptr) return;
        const int number = 1 + static_cast<int>(Pick(3));
        const std::string content = Content();
        runtime::StringSource source(content);
        const auto part =
            RunTask(fixture_.uploads().PutPart({.upload = upload->id,
                                                .part_number = number,
                                                .content = {},
                                                .customer_key = KeyOf(upload->encryption)},
                                               source));
        ASSERT_TRUE(part);
        upload->parts[number] = {part.value().etag, content};
    }

    void CopyPart() {
        OpenUpload* upload = AnyUpload();
        const std::string from = Key();
        std::optional<std::string> version_id;
        const ModelVersion* version = AnySource(from, version_id);
        if (upload == nullptr || version == nullptr) return;
        const std::string& source = version->content;
        const uint64_t offset = source.empty() ? 0 : Pick(source.size());
        const store::ByteRange range{offset, source.size() - offset};
        const int number = 1 + static_cast<int>(Pick(3));
        const auto part =
            RunTask(fixture_.uploads().CopyPart({.upload = upload->id,
                                                 .part_number = number,
                                                 .source = {.bucket = bucket_,
                                                            .key = ServiceFixture::Key(from),
                                                            .version_id = version_id},
                                                 .range = range,
                                                 .source_conditions = {},
                                                 .source_customer_key = KeyOf(version->encryption),
                                                 .customer_key = KeyOf(upload->encryption)}));
        ASSERT_TRUE(part) << part.error().ToString();
        upload->parts[number] = {part.value().part.etag, source.substr(offset)};
    }

    void Complete() {
        OpenUpload* upload = AnyUpload();
        if (upload == nullptr || upload->parts.empty()) return;
        std::vector<CompletePart> parts;
        std::string content;
        bool small = false;  // a part that is not the last, and too small
        for (const auto& [number, part] : upload->parts) {
            small = small || (!parts.empty() && last_size_ < kMinPartBytes);
            parts.push_back({number, part.first, {}});
            content += part.second;
            last_size_ = part.second.size();
        }
        const auto result = RunTask(
            fixture_.uploads().Complete({.upload = upload->id, .parts = parts, .conditions = {}}));
        ASSERT_EQ(result.has_value(), !small);
        if (!result) return;
        Stack(upload->id.key.bytes(), result.value().version_id, false, content,
              upload->encryption);
        uploads_.erase(uploads_.begin() + (upload - uploads_.data()));
    }

    void Abort() {
        OpenUpload* upload = AnyUpload();
        if (upload == nullptr) return;
        ASSERT_TRUE(RunTask(fixture_.uploads().Abort(upload->id)));
        uploads_.erase(uploads_.begin() + (upload - uploads_.data()));
    }

    void CheckVersion(const std::string& key, const ModelVersion& version) {
        const auto got = fixture_.Get({.bucket = bucket_,
                                       .key = ServiceFixture::Key(key),
                                       .version_id = version.id,
                                       .customer_key = KeyOf(version.encryption)});
        if (version.delete_marker) {
            ASSERT_EQ(got.error().code(), "MethodNotAllowed");
        } else {
            ASSERT_TRUE(got) << got.error().ToString();
            ASSERT_TRUE(got.value() == version.content) << "other bytes in a version of " << key;
        }
    }

    // In pages of any size.
    void CheckListOfVersions() {
        ListVersionsRequest request{.bucket = bucket_, .limit = 1 + Pick(4)};
        std::vector<std::tuple<std::string, std::string, bool, bool>> listed;
        for (bool more = true; more;) {
            const ListVersionsResult page =
                RunTask(fixture_.objects().ListVersions(request)).value();
            for (const ListedVersion& version : page.versions) {
                listed.emplace_back(version.key, version.version_id, version.is_delete_marker,
                                    version.is_latest);
            }
            request.key_marker = page.next_key_marker;
            request.version_id_marker = page.next_version_id_marker;
            more = page.truncated;
        }
        std::vector<std::tuple<std::string, std::string, bool, bool>> expected;
        for (const auto& [key, versions] : objects_) {
            for (const ModelVersion& version : versions) {
                expected.emplace_back(key, version.id, version.delete_marker,
                                      &version == &versions.front());
            }
        }
        ASSERT_EQ(listed, expected);
    }

    // References of blobs and usage of buckets, against what there is.
    void CheckCounts() {
        ASSERT_TRUE(fixture_.database->ReadBlocking([&](db::Transaction& tx) -> Result<> {
            TRY(const auto references, catalog::CheckReferences(tx, catalog::BlobId(0), 1000));
            EXPECT_TRUE(references.wrong.empty() && references.unknown.empty());
            TRY(const auto usage, catalog::CheckUsage(tx));
            EXPECT_TRUE(usage.empty());
            return Ok();
        }));
    }

    std::mt19937 random_;
    ServiceFixture fixture_;
    const BucketName bucket_ = ServiceFixture::Bucket("bucket");
    Versioning versioning_ = Versioning::kUnversioned;
    std::map<std::string, std::vector<ModelVersion>> objects_;  // newest first; none is empty
    std::vector<OpenUpload> uploads_;
    size_t last_size_ = 0;
};

TEST(ServiceModel, RandomOperationsAnswerAsTheModelDoesAndLeaveNothingBehind) {
    const uint32_t first_seed = std::random_device{}();
    for (uint32_t seed = first_seed; seed < first_seed + kSequences; ++seed) {
        SCOPED_TRACE(::testing::Message() << "seed " << seed);
        Model model(seed);
        for (int i = 0; i < kOperations && !::testing::Test::HasFatalFailure(); ++i)
            model.Step();
        if (!::testing::Test::HasFatalFailure()) model.CheckEverything();
        if (!::testing::Test::HasFatalFailure()) model.DeleteEverything();
        if (::testing::Test::HasFatalFailure()) return;
    }
}

}  // namespace
}  // namespace coffer::service
