#include "coffer/db/sqlite/commits.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "coffer/base/log.h"
#include "coffer/base/random.h"
#include "coffer/codec/digest.h"
#include "coffer/db/table.h"
#include "coffer/os/posix_file_system.h"

namespace coffer::db {
namespace {

using enum ColumnKind;

const Table kCommits("commits", 1,
                     {{"id", kInt},
                      {"database_id", kBytes},
                      {"commit_count", kInt, true},
                      {"last_number", kInt, true}});
constexpr int64_t kOnlyRow = 1;

// The file: two slots, written in turn, so that one is whole when the other was being written. All
// numbers are little-endian (docs/formats/commits.md).
constexpr std::string_view kMagic = "CofrCmts";
constexpr uint32_t kFormatVersion = 1;
constexpr uint64_t kSlotDistance = 512;  // what a disk writes as one
constexpr size_t kVersionOffset = 8;
constexpr size_t kDatabaseOffset = 16;
constexpr size_t kCountOffset = 32;
constexpr size_t kCrcOffset = 40;
constexpr size_t kSlotBytes = 44;
using Slot = std::array<std::byte, kSlotBytes>;

template <class Word>
void Store(ByteSpan out, size_t offset, Word value) {
    for (size_t i = 0; i < sizeof(Word); ++i)
        out[offset + i] = static_cast<std::byte>(value >> (8 * i));
}

template <class Word>
Word Load(ByteView in, size_t offset) {
    Word value = 0;
    for (size_t i = 0; i < sizeof(Word); ++i)
        value |= std::to_integer<Word>(in[offset + i]) << (8 * i);
    return value;
}

std::string FilePath(const std::string& path) {
    return path + "-commits";
}

Slot MakeSlot(const Commits::DatabaseId& database, int64_t count) {
    Slot slot{};
    std::ranges::copy(AsBytes(kMagic), slot.begin());
    Store(slot, kVersionOffset, kFormatVersion);
    std::ranges::copy(database, slot.begin() + kDatabaseOffset);
    Store(slot, kCountOffset, static_cast<uint64_t>(count));
    Store(slot, kCrcOffset, codec::Crc32c(0, ByteView(slot).first(kCrcOffset)));
    return slot;
}

struct Record {
    Commits::DatabaseId database{};
    int64_t count = -1;
};

std::optional<Record> ParseSlot(ByteView slot) {
    if (slot.size() != kSlotBytes || AsText(slot.first(kMagic.size())) != kMagic ||
        Load<uint32_t>(slot, kVersionOffset) != kFormatVersion ||
        Load<uint32_t>(slot, kCrcOffset) != codec::Crc32c(0, slot.first(kCrcOffset)))
        return std::nullopt;
    Record record;
    std::ranges::copy(slot.subspan(kDatabaseOffset, record.database.size()),
                      record.database.begin());
    record.count = static_cast<int64_t>(Load<uint64_t>(slot, kCountOffset));
    return record;
}

// The greater of the slots that are whole.
Result<std::optional<Record>> ReadRecord(os::File& file) {
    std::optional<Record> found;
    for (const uint64_t offset : {uint64_t{0}, kSlotDistance}) {
        Slot bytes;
        TRY(const size_t size, file.ReadAt(offset, bytes));
        const std::optional<Record> slot = ParseSlot(ByteView(bytes).first(size));
        if (slot && (!found || slot->count > found->count)) found = slot;
    }
    return found;
}

Result<> WriteBothSlots(os::File& file, const Commits::DatabaseId& database, int64_t count) {
    const Slot slot = MakeSlot(database, count);
    TRY(file.WriteAt(0, slot));
    return file.WriteAt(kSlotDistance, slot);
}

// Nothing where there is no file, or no slot of it is whole.
Result<std::optional<Record>> ReadRecordAt(os::FileSystem& files, const std::string& path) {
    auto file = files.Open(FilePath(path), os::OpenMode::kRead);
    if (file) return ReadRecord(*file.value());
    if (file.error().kind() == ErrorKind::kNotFound) return std::optional<Record>();
    return file.error();
}

// What is to be said of a database that is not what its file speaks of, if anything.
std::optional<std::string> Complaint(const std::string& path, const Record& record,
                                     const Commits::DatabaseId& database, int64_t count) {
    if (record.database != database)
        return fmt::format(
            "{0} is another database than the one of which {0}-commits says that {1} transactions "
            "were committed to it: it was put in its place",
            path, record.count);
    if (record.count <= count) return std::nullopt;
    return fmt::format(
        "{0} has lost the last {1} of {2} transactions that were committed and acknowledged: its "
        "log, {0}-wal, was cut short, damaged or taken away, or {0} is an older copy. What the "
        "lost transactions wrote, deleted or replaced is as it was before them",
        path, record.count - count, record.count);
}

Result<> RefuseUnlessAccepted(const std::string& complaint, bool accept_loss) {
    if (!accept_loss) return Error(ErrorKind::kCorrupt, kLostCommits, complaint);
    Log(LogLevel::kWarning, "going on without what is lost, as told", {{"what", complaint}});
    return Ok();
}

}  // namespace

Result<> Commits::Create(Connection& connection, os::FileSystem& files, const std::string& path) {
    DatabaseId database;
    FillRandom(database);
    ConnectionTransaction transaction(connection, nullptr);
    TRY(
        transaction.Execute("CREATE TABLE commits (id INTEGER PRIMARY KEY, "
                            "database_id BLOB NOT NULL, commit_count INTEGER NOT NULL, "
                            "last_number INTEGER NOT NULL, crc INTEGER NOT NULL)",
                            {}));
    TRY(kCommits.Insert(transaction, {kOnlyRow, ByteView(database), int64_t{0}, int64_t{0}}));
    const Result<> removed = files.Remove(FilePath(path));
    if (!removed && removed.error().kind() != ErrorKind::kNotFound) return removed.error();
    TRY(auto file, files.Open(FilePath(path), os::OpenMode::kCreate));
    return WriteBothSlots(*file, database, 0);
}

Result<> Commits::CheckMayBegin(os::FileSystem& files, const std::string& path, bool accept_loss) {
    TRY(const std::optional<Record> record, ReadRecordAt(files, path));
    if (!record || record->count == 0) return Ok();
    return RefuseUnlessAccepted(
        fmt::format("{0} is gone, and {0}-commits says that {1} transactions were committed to it: "
                    "bring it back, together with its log, {0}-wal",
                    path, record->count),
        accept_loss);
}

Result<std::unique_ptr<Commits>> Commits::Open(Connection& connection, const SqliteOptions& options,
                                               const std::string& path) {
    static const std::string kGet = kCommits.Select("WHERE id = $1");
    std::unique_ptr<Commits> commits;
    ConnectionTransaction transaction(connection, nullptr);
    TRY(kCommits.Query(transaction, kGet, {kOnlyRow}, [&](const Row& row) {
        DatabaseId database{};
        const ByteView bytes = row.Blob(1);
        std::copy_n(bytes.begin(), std::min(bytes.size(), database.size()), database.begin());
        commits.reset(new Commits(database, row.Int(2), row.Int(3)));
        return false;
    }));
    if (commits == nullptr)
        return Error(ErrorKind::kCorrupt, "the database does not say how often it was committed");
    if (!options.files) commits->machine_ = os::NewPosixFileSystem();
    TRY(commits->OpenFile(options.files ? *options.files->file_system : *commits->machine_, path,
                          options.accept_lost_commits));
    return commits;
}

Result<> Commits::OpenFile(os::FileSystem& files, const std::string& path, bool accept_loss) {
    auto opened = files.Open(FilePath(path), os::OpenMode::kReadWrite);
    if (!opened && opened.error().kind() == ErrorKind::kNotFound)
        opened = files.Open(FilePath(path), os::OpenMode::kCreate);
    if (!opened) return opened.error();
    file_ = std::move(opened).value();
    TRY(const std::optional<Record> record, ReadRecord(*file_));
    if (!record) {
        Log(LogLevel::kWarning,
            "nothing says how many transactions the catalogue should have: whether it has lost "
            "some can't be told; from now on it can",
            {{"file", FilePath(path)}, {"transactions", count_}});
    } else if (const auto complaint = Complaint(path, *record, database_, count_)) {
        TRY(RefuseUnlessAccepted(*complaint, accept_loss));
    }
    return WriteBothSlots(*file_, database_, count_);
}

Result<> Commits::CountInRow(Connection& connection) {
    ConnectionTransaction transaction(connection, nullptr);
    return kCommits.Put(transaction, {kOnlyRow, ByteView(database_), count_ + 1, last_number_});
}

void Commits::CountInFile() {
    ++count_;
    const Result<> written =
        file_->WriteAt(count_ % 2 == 0 ? 0 : kSlotDistance, MakeSlot(database_, count_));
    if (!written && !failing_)
        Log(LogLevel::kWarning, "the number of committed transactions can't be written down",
            {{"error", written.error().ToString()}});
    failing_ = !written;
}

}  // namespace coffer::db
