// Memory for the texts of a value that has thousands of them and holds them as views: a few blocks,
// which stay where they are when the arena is moved, and go together.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <memory_resource>
#include <span>
#include <string_view>

namespace coffer {

// Used by one thread at a time. One that was moved from can only be assigned to, or go.
class TextArena {
  public:
    // A copy of `text` that lives as long as the arena.
    std::string_view Keep(std::string_view text) {
        const std::span<char> copy = Allocate(text.size());
        std::ranges::copy(text, copy.begin());
        return {copy.data(), copy.size()};
    }

    // Room for a text that the caller writes.
    std::span<char> Allocate(size_t bytes) {
        return {static_cast<char*>(memory_->allocate(bytes, 1)), bytes};
    }

  private:
    static constexpr size_t kFirstBlockBytes = 4096;

    std::unique_ptr<std::pmr::monotonic_buffer_resource> memory_ =
        std::make_unique<std::pmr::monotonic_buffer_resource>(kFirstBlockBytes);
};

}  // namespace coffer
