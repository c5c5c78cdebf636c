#include "coffer/db/join.h"

#include <array>
#include <optional>

#include "coffer/base/check.h"

namespace coffer::db {
namespace {

constexpr size_t kMostMembers = 4;

// The columns of one member.
class Slice final : public Row {
  public:
    Slice(const Row& row, int first_column) : row_(row), first_(first_column) {}
    Value Get(int column) const override { return row_.Get(first_ + column); }
    int64_t Int(int column) const override { return row_.Int(first_ + column); }

    // An outer join that found nothing; a NULL alone can be damage.
    bool IsNothing(size_t width) const {
        for (size_t column = width; column-- > 0;)
            if (!IsNull(static_cast<int>(column))) return false;
        return true;
    }

  private:
    const Row& row_;
    const int first_;
};

}  // namespace

Join::Join(std::initializer_list<Member> members, std::string_view from) {
    COFFER_CHECK(members.size() <= kMostMembers);
    int column = 0;
    for (const Member& member : members) {
        select_ += column == 0 ? "SELECT " : ", ";
        select_ += member.table.Columns(member.alias);
        places_.push_back({&member.table, column});
        column += static_cast<int>(member.table.width());
    }
    select_ += " FROM ";
    select_ += from;
}

Result<> Join::Query(Transaction& tx, std::initializer_list<Value> values,
                     const std::function<Result<bool>(Rows)>& each) const {
    Result<> failed = Ok();
    TRY(tx.Query(select_, values, [&](const Row& row) {
        std::array<std::optional<Slice>, kMostMembers> slices;
        std::array<const Row*, kMostMembers> rows = {};
        for (size_t i = 0; i < places_.size(); ++i) {
            const Table& table = *places_[i].table;
            const Slice& slice = slices[i].emplace(row, places_[i].first_column);
            if (slice.IsNothing(table.width())) continue;
            failed = table.Verify(slice);
            if (!failed) return false;
            rows[i] = &slice;
        }
        const Result<bool> go_on = each(Rows(rows).first(places_.size()));
        if (go_on) return go_on.value();
        failed = go_on.error();
        return false;
    }));
    return failed;
}

}  // namespace coffer::db
