// Text that must not be seen: it has no conversion to a string, so that a log line or an error
// can't take it by mistake.
#pragma once

#include <string>
#include <string_view>

namespace coffer {

class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}

    // The text itself. Whoever calls it answers for where it goes.
    std::string_view Reveal() const { return value_; }
    bool empty() const { return value_.empty(); }

  private:
    std::string value_;
};

}  // namespace coffer
