// A bit that flips, or an end that is cut off, anywhere in any file of a data directory: the server
// refuses to start, or a request fails, or nothing has changed for anybody. Never other bytes,
// never "there is no such object" for one that is there; and what is left is not thrown away.
//
// COFFER_TEST_FLIPS says how many of each, COFFER_TEST_SEED where.
#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "coffer/base/check.h"
#include "coffer/base/log.h"
#include "coffer/os/memory_file_system.h"

#include "tests/fault/model.h"
#include "tests/fault/operation.h"
#include "tests/fault/subject.h"
#include "tests/support/instance.h"
#include "tests/support/scale.h"
#include "tests/support/seed.h"

namespace coffer::testing {
namespace {

constexpr std::string_view kHistory = R"(put 0 0 0 0
put 1 0 0 0
put 2 7 0 0
put 3 3 0 0
put 4 8 0 0
put 4 5 0 0
create_upload 5 0 0 0
put_part 0 0 5 0
put_part 0 1 6 0
create_upload 2 0 0 0
put_part 1 0 8 0
complete 1 1 0 0
put 3 9 0 0
delete 1 0 0 0
)";

constexpr std::string_view kQuestions = R"(get 0 0 0 0
get 1 0 0 0
get 2 0 0 0
get 3 0 0 0
get 4 0 0 0
get 5 0 0 0
get_range 2 1 2 0
get_range 3 4 2 0
list 0 0 0 0
list 1 1 1 0
)";

// What a data directory holds: files by their paths.
void FindFiles(os::FileSystem& files, const std::string& directory,
               std::vector<std::string>& paths) {
    const std::vector<os::DirectoryEntry> entries = files.List(directory).value();
    for (const os::DirectoryEntry& entry : entries) {
        const std::string path = directory + "/" + entry.name;
        if (entry.kind == os::FileKind::kDirectory) {
            FindFiles(files, path, paths);
        } else if (files.Stat(path).value().size_bytes > 0) {
            paths.push_back(path);
        }
    }
}

// "catalogue.db", "catalogue.db-wal", …; of bytes of objects, where they lie: "blobs", "packs".
std::string KindOf(const std::string& path) {
    const std::string name = path.substr(std::string(Instance::kOwnDirectory).size() + 1);
    return name.substr(0, name.find('/'));
}

struct Damage {
    std::string path;
    uint64_t at = 0;
    int bit = -1;  // to flip; -1: the file ends here

    std::string ToString() const {
        const std::string where = path + ", byte " + std::to_string(at);
        return bit < 0 ? where + ", cut off" : where + ", bit " + std::to_string(bit);
    }
    void Do(os::FileSystem& files) const {
        const auto file = files.Open(path, os::OpenMode::kReadWrite).value();
        if (bit < 0) {
            COFFER_CHECK(file->Truncate(at).has_value());
            return;
        }
        std::byte byte{};
        COFFER_CHECK(file->ReadAt(at, ByteSpan(&byte, 1)).value() == 1);
        byte ^= std::byte{1} << bit;
        COFFER_CHECK(file->WriteAt(at, ByteView(&byte, 1)).has_value());
    }
};

struct Tally {
    uint64_t refused_starts = 0;
    uint64_t failed_requests = 0;
    uint64_t harmless = 0;
};

// A data directory, and what it holds.
class Image {
  public:
    // `killed`: it has a log; else the process ended in good order.
    explicit Image(bool killed) : files_(std::make_unique<os::MemoryFileSystem>()) {
        ConfigureLog(LogFormat::kText, LogLevel::kError);
        Instance::MakeDirectories(*files_);
        auto instance = Instance::Start(*files_).value();
        COFFER_CHECK(MakeModelBucket(*instance).has_value());
        const std::vector<Operation> history = ParseSequence(kHistory).value();
        for (const Operation& operation : history) {
            Model after = model_;
            const std::string expected = after.Do(operation);
            COFFER_CHECK(Do(*instance, operation, model_, uploads_) == expected);
            model_ = std::move(after);
        }
        COFFER_CHECK(instance->Reclaim().has_value());
        if (!killed) COFFER_CHECK(instance->Stop().has_value());
        auto left = files_->AfterKill();
        instance.reset();
        if (killed) files_ = std::move(left);
        std::vector<std::string> paths;
        FindFiles(*files_, Instance::kOwnDirectory, paths);
        for (const std::string& path : paths)
            by_kind_[KindOf(path)].push_back(Look(path));
    }

    // Kinds of files, each as often as another, and files of a kind. Of the bytes of a file mostly
    // those that are not zero: much of a catalogue and of a pack is space that is held ahead.
    Damage Draw(std::mt19937_64& random) const {
        auto kind = by_kind_.begin();
        std::advance(kind, static_cast<ptrdiff_t>(random() % by_kind_.size()));
        const File& file = kind->second[random() % kind->second.size()];
        const bool used = !file.used.empty() && random() % 8 != 0;
        const uint64_t at = used ? file.used[random() % file.used.size()] : random() % file.size;
        return {file.path, at, static_cast<int>(random() % 8)};
    }

    // What clients see after it, or why that is wrong.
    void Check(const Damage& damage, Tally& tally) {
        const auto files = files_->AfterKill();
        damage.Do(*files);
        auto started = Instance::Start(*files);
        if (!started) {
            ++tally.refused_starts;
            return;
        }
        Instance& instance = *started.value();
        bool failed = false;
        for (const Operation& question : questions_) {
            Model model = model_;
            const std::string expected = model.Do(question);
            const std::string answer = Do(instance, question, model_, uploads_);
            if (answer == expected) continue;
            failed = true;
            ASSERT_TRUE(answer.starts_with("error: "))
                << damage.ToString() << ", " << Format(question) << ": \"" << answer
                << "\" in place of \"" << expected << "\"";
        }
        ++(failed ? tally.failed_requests : tally.harmless);
    }

  private:
    struct File {
        std::string path;
        uint64_t size = 0;
        std::vector<uint64_t> used;  // where its bytes are not zero
    };

    File Look(const std::string& path) const {
        File file{path, files_->Stat(path).value().size_bytes, {}};
        Bytes bytes(file.size);
        const auto opened = files_->Open(path, os::OpenMode::kRead).value();
        COFFER_CHECK(opened->ReadAt(0, bytes).value() == bytes.size());
        for (uint64_t at = 0; at < file.size; ++at) {
            if (bytes[at] != std::byte{0}) file.used.push_back(at);
        }
        return file;
    }

    std::unique_ptr<os::MemoryFileSystem> files_;
    std::map<std::string, std::vector<File>> by_kind_;
    const std::vector<Operation> questions_ = ParseSequence(kQuestions).value();
    Model model_;
    UploadIds uploads_;
};

class Corruption : public ::testing::TestWithParam<bool> {
  protected:
    void Run(bool flip) {
        const uint64_t seed = TestSeed();
        const uint64_t count = TestScale("COFFER_TEST_FLIPS", 400);
        Image image(GetParam());
        std::mt19937_64 random(seed);
        std::map<std::string, Tally> tallies;
        for (uint64_t i = 0; i < count && !HasFatalFailure(); ++i) {
            Damage damage = image.Draw(random);
            if (!flip) damage.bit = -1;
            image.Check(damage, tallies[KindOf(damage.path)]);
        }
        for (const auto& [kind, tally] : tallies) {
            std::cout << kind << ": " << tally.refused_starts << " refused starts, "
                      << tally.failed_requests << " requests refused, " << tally.harmless
                      << " harmless" << std::endl;
        }
    }
};

TEST_P(Corruption, OfABitIsNoticedOrHarmless) {
    Run(true);
}

TEST_P(Corruption, OfAnEndIsNoticedOrHarmless) {
    Run(false);
}

INSTANTIATE_TEST_SUITE_P(After, Corruption, ::testing::Values(false, true),
                         [](const auto& info) { return info.param ? "AKill" : "AGoodEnd"; });

}  // namespace
}  // namespace coffer::testing
