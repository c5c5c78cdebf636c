// What a declaration asks for and is not there, step by step.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "coffer/base/result.h"
#include "coffer/runtime/task.h"

namespace coffer::app::bootstrap {

// One step, told as Reconcile has it.
struct Change {
    std::string subject;
    std::string aspect;
    std::string before;
    std::string after;
    std::function<Task<Result<>>()> apply;
};

class Changes {
  public:
    using Step = std::function<Task<Result<>>()>;

    void Add(std::string subject, std::string aspect, std::string before, std::string after,
             Step apply) {
        all_.push_back({std::move(subject), std::move(aspect), std::move(before), std::move(after),
                        std::move(apply)});
    }

    // Adds it only where something differs.
    void Compare(const std::string& subject, std::string aspect, std::string before,
                 std::string after, Step apply) {
        if (before != after)
            Add(subject, std::move(aspect), std::move(before), std::move(after), std::move(apply));
    }

    std::vector<Change> Take() { return std::move(all_); }

  private:
    std::vector<Change> all_;
};

// "one, two".
std::string Joined(const std::vector<std::string>& names);

// A policy is kept as it was sent: white space makes no difference.
std::string WithoutWhiteSpace(const std::string& document);

// What is there, or nothing where that was not found.
template <class T>
Result<std::optional<T>> IfThere(Result<T> found) {
    if (found) return std::optional<T>(std::move(found).value());
    if (found.error().kind() == ErrorKind::kNotFound) return std::optional<T>();
    return found.error();
}

}  // namespace coffer::app::bootstrap
