// Rows of several tables side by side, which one statement finds: it costs a third of as many
// statements. Each row is checked against its checksum, as Table does it.
#pragma once

#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/db/table.h"

namespace coffer::db {

class Join {
  public:
    struct Member {
        const Table& table;
        std::string_view alias;  // that `from` gives it
    };

    // "SELECT <the columns of each member> FROM <from>".
    Join(std::initializer_list<Member> members, std::string_view from);

    // The rows that were found together, by the number of their member: null where an outer join
    // found none. They live until the next ones.
    using Rows = std::span<const Row* const>;

    // Calls `each` until it returns false or fails. Returns and errors as Table::Query.
    Result<> Query(Transaction& tx, std::initializer_list<Value> values,
                   const std::function<Result<bool>(Rows)>& each) const;

  private:
    struct Place {
        const Table* table;
        int first_column;
    };

    std::string select_;
    std::vector<Place> places_;
};

}  // namespace coffer::db
