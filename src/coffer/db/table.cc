#include "coffer/db/table.h"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <bit>
#include <cstring>
#include <utility>

#include "coffer/base/check.h"
#include "coffer/base/log.h"
#include "coffer/codec/digest.h"

namespace coffer::db {
namespace {

// Of a table, with `crc`.
constexpr size_t kMostColumns = 16;

static_assert(std::endian::native == std::endian::little, "checksums are of little-endian words");

std::atomic<uint64_t> damaged_rows = 0;

// The bytes that a checksum is of, gathered so that the CRC runs over long pieces.
class RowChecksum {
  public:
    explicit RowChecksum(std::string_view table) { Add(AsBytes(table)); }

    // Counts once something follows: a column that is added to a table later, NULL in the rows that
    // are there, leaves their checksums as they are.
    void AddNull() { ++nulls_; }

    void Add(int64_t number) { AddHead(1, static_cast<uint64_t>(number)); }

    void Add(ByteView bytes) {
        AddHead(2, bytes.size());
        if (bytes.size() > gathered_.size() - used_) {
            Flush();
            if (bytes.size() > gathered_.size()) {
                crc_ = codec::Crc32c(crc_, bytes);
                return;
            }
        }
        if (!bytes.empty()) std::memcpy(gathered_.data() + used_, bytes.data(), bytes.size());
        used_ += bytes.size();
    }

    void Add(const Value& value) {
        if (const auto* number = std::get_if<int64_t>(&value))
            Add(*number);
        else if (const auto* text = std::get_if<std::string_view>(&value))
            Add(AsBytes(*text));
        else if (const auto* bytes = std::get_if<ByteView>(&value))
            Add(*bytes);
        else
            AddNull();
    }

    // With its sign, so that SQLite needs four bytes for it.
    int64_t Finish() {
        Flush();
        return static_cast<int32_t>(crc_);
    }

  private:
    // What kind of value follows the NULLs so far, and its number.
    void AddHead(uint8_t kind, uint64_t number) {
        constexpr size_t kHeadBytes = 9;
        for (; nulls_ > 0; --nulls_) {
            if (used_ == gathered_.size()) Flush();
            gathered_[used_++] = std::byte{0};
        }
        if (kHeadBytes > gathered_.size() - used_) Flush();
        std::byte* const head = gathered_.data() + used_;
        head[0] = std::byte{kind};
        std::memcpy(head + 1, &number, sizeof(number));
        used_ += kHeadBytes;
    }

    void Flush() {
        crc_ = codec::Crc32c(crc_, {gathered_.data(), used_});
        used_ = 0;
    }

    std::array<std::byte, 512> gathered_;
    size_t used_ = 0;
    int nulls_ = 0;
    uint32_t crc_ = 0;
};

std::string Parameters(size_t count) {
    std::string list;
    for (size_t i = 1; i <= count; ++i)
        list += fmt::format("{}${}", i == 1 ? "" : ", ", i);
    return list;
}

// Keys are bytes: what is not plain text shows as "\xff".
std::string Printable(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        if (c >= ' ' && c <= '~' && c != '\\')
            text += c;
        else
            text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    return text;
}

}  // namespace

// The columns of a row as they were read for its checksum: each of them costs a few calls, and
// nearly all are asked for again. Views are the row's.
class Table::CheckedRow final : public Row {
  public:
    Value Get(int column) const override { return At(column); }
    int64_t Int(int column) const override {
        const auto* const number = std::get_if<int64_t>(&At(column));
        return number == nullptr ? 0 : *number;
    }

    void Clear() { count_ = 0; }
    void Add(const Value& value) { values_[count_++] = value; }
    std::span<const Value> values() const { return std::span(values_).first(count_); }

  private:
    const Value& At(int column) const {
        COFFER_CHECK(static_cast<size_t>(column) < count_);
        return values_[static_cast<size_t>(column)];
    }

    std::array<Value, kMostColumns> values_;
    size_t count_ = 0;
};

Table::Table(std::string_view name, size_t key_columns, std::vector<Column> columns)
    : name_(name), key_columns_(key_columns), columns_(std::move(columns)) {
    COFFER_CHECK(key_columns_ > 0 && key_columns_ <= columns_.size());
    std::string keys;
    std::string changes;
    for (size_t i = 0; i < columns_.size(); ++i) {
        names_ += fmt::format("{}, ", columns_[i].name);
        if (i < key_columns_) keys += fmt::format("{}{}", i == 0 ? "" : ", ", columns_[i].name);
        if (columns_[i].changes) changes += fmt::format("{0} = excluded.{0}, ", columns_[i].name);
    }
    names_ += "crc";
    insert_ = fmt::format("INSERT INTO {} ({}) VALUES ({})", name_, names_,
                          Parameters(columns_.size() + 1));
    put_ = fmt::format("{} ON CONFLICT ({}) DO UPDATE SET {}crc = excluded.crc", insert_, keys,
                       changes);
    first_page_ = Select(fmt::format("ORDER BY {}", keys));
    next_page_ =
        Select(fmt::format("WHERE ({0}) > ({1}) ORDER BY {0}", keys, Parameters(key_columns_)));
}

std::string Table::Select(std::string_view rest) const {
    return fmt::format("SELECT {} FROM {} {}", names_, name_, rest);
}

std::string Table::Columns(std::string_view alias) const {
    std::string list;
    for (const Column& column : columns_)
        list += fmt::format("{}.{}, ", alias, column.name);
    return list + fmt::format("{}.crc", alias);
}

Result<> Table::Insert(Transaction& tx, std::initializer_list<Value> values) const {
    return Write(tx, insert_, values);
}

Result<> Table::Put(Transaction& tx, std::initializer_list<Value> values) const {
    return Write(tx, put_, values);
}

Result<> Table::Write(Transaction& tx, const std::string& sql,
                      std::initializer_list<Value> values) const {
    COFFER_CHECK(values.size() == columns_.size() && values.size() < kMostColumns);
    std::array<Value, kMostColumns> all;
    std::copy(values.begin(), values.end(), all.begin());
    all[values.size()] = Checksum(values);
    TRY(tx.Execute(sql, std::span(all).first(values.size() + 1)));
    return Ok();
}

Result<> Table::Query(Transaction& tx, std::string_view select, std::initializer_list<Value> values,
                      const std::function<Result<bool>(const Row&)>& each) const {
    Result<> failed = Ok();
    CheckedRow checked;
    TRY(tx.Query(select, values, [&](const Row& row) {
        failed = Read(row, checked);
        if (!failed) return false;
        const Result<bool> go_on = each(checked);
        if (go_on) return go_on.value();
        failed = go_on.error();
        return false;
    }));
    return failed;
}

Result<> Table::Check(Transaction& tx, size_t limit, Progress& progress) const {
    std::vector<Value> after;
    for (const auto& part : progress.last_key) {
        if (const auto* number = std::get_if<int64_t>(&part))
            after.emplace_back(*number);
        else
            after.emplace_back(AsBytes(std::get<std::string>(part)));
        if (columns_[after.size() - 1].kind == ColumnKind::kText)
            after.back() = std::string_view(std::get<std::string>(part));
    }
    // The next page begins after the last whole row, as a damaged key may lead anywhere: damaged
    // rows behind that one are met again, and count then.
    size_t rows = 0;
    int64_t damaged = 0;
    int64_t whole = 0;
    TRY(tx.Query(after.empty() ? first_page_ : next_page_, after, [&](const Row& row) {
        ++rows;
        if (Verify(row)) {
            ++whole;
            progress.rows += 1 + damaged;
            progress.damaged += std::exchange(damaged, 0);
            CopyKey(row, progress);
        } else {
            ++damaged;
        }
        return rows < limit || whole == 0;
    }));
    progress.done = rows < limit;
    if (progress.done) {
        progress.rows += damaged;
        progress.damaged += damaged;
    }
    return Ok();
}

void Table::CopyKey(const Row& row, Progress& progress) const {
    progress.last_key.clear();
    for (size_t i = 0; i < key_columns_; ++i) {
        const auto index = static_cast<int>(i);
        if (columns_[i].kind == ColumnKind::kInt)
            progress.last_key.emplace_back(row.Int(index));
        else if (columns_[i].kind == ColumnKind::kText)
            progress.last_key.emplace_back(std::string(row.Text(index)));
        else
            progress.last_key.emplace_back(row.BlobString(index));
    }
}

int64_t Table::Checksum(std::span<const Value> values) const {
    RowChecksum checksum(name_);
    for (const Value& value : values)
        checksum.Add(value);
    return checksum.Finish();
}

Result<> Table::Read(const Row& row, CheckedRow& checked) const {
    checked.Clear();
    int index = 0;
    for (const Column& column : columns_) {
        checked.Add(column.kind == ColumnKind::kInt ? row.Int(index) : row.Get(index));
        ++index;
    }
    if (row.Int(index) == Checksum(checked.values())) return Ok();
    return Damaged(row);
}

Result<> Table::Verify(const Row& row) const {
    CheckedRow checked;
    return Read(row, checked);
}

Error Table::Damaged(const Row& row) const {
    damaged_rows.fetch_add(1, std::memory_order_relaxed);
    std::string key;
    for (size_t i = 0; i < key_columns_; ++i) {
        const auto index = static_cast<int>(i);
        if (i > 0) key += ' ';
        key += columns_[i].kind == ColumnKind::kInt ? std::to_string(row.Int(index))
                                                    : Printable(AsText(row.Blob(index)));
    }
    Log(LogLevel::kError, "a row of the catalogue is damaged: it does not match its checksum",
        {{"table", name_}, {"key", key}});
    return Error(ErrorKind::kCorrupt,
                 fmt::format("the row {} of table {} does not match its checksum", key, name_));
}

uint64_t DamagedRows() {
    return damaged_rows.load(std::memory_order_relaxed);
}

}  // namespace coffer::db
