// Integers that name rows, each kind a type of its own, so that a blob's id is never passed as a
// bucket's.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace coffer {

template <class Tag>
class StrongId {
  public:
    constexpr StrongId() = default;
    constexpr explicit StrongId(int64_t value) : value_(value) {}
    constexpr int64_t value() const { return value_; }
    constexpr auto operator<=>(const StrongId&) const = default;

  private:
    int64_t value_ = 0;
};

}  // namespace coffer

template <class Tag>
struct std::hash<coffer::StrongId<Tag>> {
    size_t operator()(coffer::StrongId<Tag> id) const { return std::hash<int64_t>{}(id.value()); }
};
