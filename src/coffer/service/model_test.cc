// Random operations on the services against a model of a few maps: the same answers, the same
// bytes, and in the end no byte on the store that nothing refers to.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "tests/support/service_fixture.h"

namespace coffer::service {
namespace {

using testing::RunTask;
using testing::ServiceFixture;

constexpr int kSequences = 12;
constexpr int kOperations = 60;

// Few keys and few contents, so that overwrites, equal contents and copies onto themselves happen
// all the time.
constexpr std::string_view kKeys[] = {"a", "a/b", "b", "c/../c"};

class Model {
  public:
    explicit Model(uint32_t seed) : random_(seed) { fixture_.MakeBucket("bucket"); }

    void Step() {
        switch (Pick(8)) {
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
        }
    }

    void CheckEverything() {
        const auto page = RunTask(fixture_.objects().List({.bucket = bucket_}));
        ASSERT_TRUE(page);
        std::vector<std::string> listed;
        for (const VersionInfo& object : page.value().objects)
            listed.push_back(object.key);
        std::vector<std::string> expected;
        for (const auto& [key, content] : objects_)
            expected.push_back(key);
        ASSERT_EQ(listed, expected);
        for (const auto& [key, content] : objects_) {
            const auto got = fixture_.Get("bucket", key);
            ASSERT_TRUE(got) << got.error().ToString();
            ASSERT_TRUE(got.value() == content) << "other bytes under " << key;
        }
    }

    void DeleteEverything() {
        for (const auto& [key, content] : objects_)
            ASSERT_TRUE(fixture_.Delete("bucket", key));
        for (const auto& upload : uploads_)
            ASSERT_TRUE(RunTask(fixture_.uploads().Abort(upload.id)));
        ASSERT_EQ(fixture_.StoredCopies(), 0u);
    }

  private:
    struct OpenUpload {
        UploadId id;
        std::map<int, std::pair<std::string, std::string>> parts;  // number -> etag, content
    };

    size_t Pick(size_t count) { return random_() % count; }
    std::string Key() { return std::string(kKeys[Pick(std::size(kKeys))]); }

    // Small, or long enough to be a part that another follows.
    std::string Content() {
        const char letter = "xyz"[Pick(3)];
        return std::string(Pick(4) == 0 ? kMinPartBytes : Pick(3), letter);
    }

    void Put() {
        const std::string key = Key();
        const std::string content = Content();
        ASSERT_TRUE(fixture_.Put("bucket", key, content));
        objects_[key] = content;
    }

    void Delete() {
        const std::string key = Key();
        ASSERT_TRUE(fixture_.Delete("bucket", key));
        objects_.erase(key);
    }

    void Copy() {
        const std::string from = Key();
        const std::string to = Key();
        const auto result = RunTask(fixture_.objects().Copy(
            {.source_bucket = bucket_,
             .source_key = ServiceFixture::Key(from),
             .bucket = bucket_,
             .key = ServiceFixture::Key(to),
             .replace_headers = from == to ? std::optional(ObjectHeaders()) : std::nullopt}));
        ASSERT_EQ(result.has_value(), objects_.contains(from));
        if (result) objects_[to] = objects_[from];
    }

    void CreateUpload() {
        const std::string key = Key();
        const auto info = RunTask(fixture_.uploads().Create(
            {.bucket = bucket_, .key = ServiceFixture::Key(key), .headers = {}}));
        ASSERT_TRUE(info);
        uploads_.push_back({{bucket_, ServiceFixture::Key(key), info.value().upload_id}, {}});
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
        const auto part = RunTask(fixture_.uploads().PutPart(
            {.upload = upload->id, .part_number = number, .content = {}}, source));
        ASSERT_TRUE(part);
        upload->parts[number] = {part.value().etag, content};
    }

    void CopyPart() {
        OpenUpload* upload = AnyUpload();
        const std::string from = Key();
        if (upload == nullptr || !objects_.contains(from)) return;
        const std::string& source = objects_[from];
        const uint64_t offset = source.empty() ? 0 : Pick(source.size());
        const store::ByteRange range{offset, source.size() - offset};
        const int number = 1 + static_cast<int>(Pick(3));
        const auto part =
            RunTask(fixture_.uploads().CopyPart({.upload = upload->id,
                                                 .part_number = number,
                                                 .source_bucket = bucket_,
                                                 .source_key = ServiceFixture::Key(from),
                                                 .range = range,
                                                 .source_conditions = {}}));
        ASSERT_TRUE(part) << part.error().ToString();
        upload->parts[number] = {part.value().etag, source.substr(offset)};
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
        objects_[upload->id.key.bytes()] = content;
        uploads_.erase(uploads_.begin() + (upload - uploads_.data()));
    }

    void Abort() {
        OpenUpload* upload = AnyUpload();
        if (upload == nullptr) return;
        ASSERT_TRUE(RunTask(fixture_.uploads().Abort(upload->id)));
        uploads_.erase(uploads_.begin() + (upload - uploads_.data()));
    }

    std::mt19937 random_;
    ServiceFixture fixture_;
    const BucketName bucket_ = ServiceFixture::Bucket("bucket");
    std::map<std::string, std::string> objects_;
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
