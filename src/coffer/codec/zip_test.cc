#include "coffer/codec/zip.h"

#include <gtest/gtest.h>

#include <vector>

#include "coffer/codec/date.h"
#include "coffer/codec/digest.h"
#include "coffer/codec/inflate.h"

#include "tests/support/zip_archives.h"

namespace coffer::codec {
namespace {

// All entries, or the error's message as a name.
std::vector<ZipEntry> EntriesOf(const std::string& archive) {
    const size_t tail = std::min<size_t>(archive.size(), kZipTailBytes);
    const auto directory = ReadZipEnd(archive.substr(archive.size() - tail), archive.size());
    std::vector<ZipEntry> entries;
    if (!directory) return {ZipEntry{.name = directory.error().message()}};
    std::string_view rest = std::string_view(archive).substr(directory.value().offset_bytes,
                                                             directory.value().size_bytes);
    while (!rest.empty()) {
        ZipEntry entry;
        const auto taken = ReadZipEntry(rest, archive.size(), entry);
        if (!taken) return {ZipEntry{.name = taken.error().message()}};
        if (!taken.value()) return {ZipEntry{.name = "more"}};
        entries.push_back(entry);
        rest.remove_prefix(*taken.value());
    }
    return entries;
}

std::string ContentOf(const std::string& archive, const ZipEntry& entry) {
    const auto begin = ReadZipHeader(archive.substr(entry.header_offset_bytes, kZipHeaderBytes),
                                     entry, archive.size());
    if (!begin) return begin.error().message();
    const std::string raw = archive.substr(begin.value(), entry.compressed_bytes);
    if (entry.method == ZipMethod::kStored) return raw;
    Inflater inflater;
    std::string content(entry.size_bytes + 1, '\0');
    const auto step = inflater.Inflate(AsBytes(raw), std::as_writable_bytes(std::span(content)));
    if (!step || !step.value().done) return "not inflated";
    content.resize(step.value().produced);
    return content;
}

TEST(Zip, IsReadAsPythonWroteIt) {
    for (const std::string& archive : {testing::ZipArchive(), testing::Zip64Archive()}) {
        const auto entries = EntriesOf(archive);
        ASSERT_EQ(entries.size(), 5U) << entries[0].name;
        EXPECT_EQ(entries[0].name, "a.txt");
        EXPECT_EQ(entries[0].method, ZipMethod::kStored);
        EXPECT_EQ(entries[0].modified, *ParseIso8601("2026-01-02T03:04:06Z"));
        EXPECT_EQ(entries[0].crc32, 0x3610a686U);  // of "hello"
        EXPECT_EQ(ContentOf(archive, entries[0]), "hello");
        EXPECT_EQ(entries[1].name, "dir/");
        EXPECT_EQ(entries[2].method, ZipMethod::kDeflated);
        EXPECT_EQ(entries[2].size_bytes, 100'000U);
        EXPECT_EQ(ContentOf(archive, entries[2]), std::string(100'000, 'x'));
        EXPECT_EQ(ContentOf(archive, entries[3]), "<p>c</p>");
        EXPECT_EQ(entries[4].size_bytes, 0U);
    }
}

TEST(Zip, SaysWhenMoreOfTheDirectoryIsNeeded) {
    const std::string archive = testing::ZipArchive();
    const auto directory = ReadZipEnd(archive, archive.size()).value();
    ZipEntry entry;
    const size_t size =
        *ReadZipEntry(archive.substr(directory.offset_bytes), archive.size(), entry).value();
    for (size_t part = 0; part < size; ++part)
        EXPECT_FALSE(
            ReadZipEntry(archive.substr(directory.offset_bytes, part), archive.size(), entry)
                .value())
            << part;
}

TEST(Zip, IsNothingElse) {
    for (const std::string_view text :
         {"", "PK", "PK\x05\x06", "no archive at all, but long enough"})
        EXPECT_FALSE(ReadZipEnd(text, text.size())) << text;
    const std::string archive = testing::ZipArchive();
    for (size_t size = 0; size < archive.size(); ++size)
        EXPECT_FALSE(ReadZipEnd(archive.substr(0, size), size)) << size;
}

TEST(Zip, MustNotPointOutOfItself) {
    // The directory's place and size, of the last record; sizes and place of the first entry.
    const std::string good = testing::ZipArchive();
    const size_t end = good.size() - 22 - 9;
    const size_t entry = good.find("PK\x01\x02");
    for (const size_t field : {end + 12, end + 16, entry + 20, entry + 42}) {
        for (const char high : {'\x7f', '\xfe'}) {
            std::string archive = good;
            archive[field + 3] = high;
            const auto entries = EntriesOf(archive);
            EXPECT_TRUE(entries[0].name.starts_with("The object is no ZIP archive")) << field;
        }
    }
    std::string archive = good;
    archive[entry + 42] = 1;
    const auto entries = EntriesOf(archive);
    EXPECT_EQ(ContentOf(archive, entries[0]),
              "The object is no ZIP archive that can be read: an entry is not where its directory "
              "says.");
}

TEST(Inflate, RefusesWhatIsNotDeflated) {
    Inflater inflater;
    std::string out(100, '\0');
    const auto step = inflater.Inflate(AsBytes(std::string_view("\xff\xff\xff\xff")),
                                       std::as_writable_bytes(std::span(out)));
    ASSERT_FALSE(step);
    EXPECT_EQ(step.error().kind(), ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace coffer::codec
