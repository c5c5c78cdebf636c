#include "coffer/catalog/version_id.h"

#include <fmt/format.h>

#include <charconv>

#include "coffer/base/random.h"

namespace coffer::catalog {
namespace {

constexpr size_t kIdDigits = 32;
constexpr size_t kSequenceDigits = 16;

}  // namespace

std::string NewVersionId(Sequence sequence) {
    return fmt::format("{:016x}{:016x}", static_cast<uint64_t>(sequence.value()), RandomUint64());
}

std::optional<Sequence> SequenceOf(std::string_view version_id) {
    if (version_id.size() != kIdDigits) return std::nullopt;
    int64_t value = 0;
    const char* const end = version_id.data() + kSequenceDigits;
    const auto [at, error] = std::from_chars(version_id.data(), end, value, 16);
    if (error != std::errc() || at != end || value < 0) return std::nullopt;
    return Sequence(value);
}

}  // namespace coffer::catalog
