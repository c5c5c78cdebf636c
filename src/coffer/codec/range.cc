#include "coffer/codec/range.h"

#include <algorithm>
#include <limits>

namespace coffer::codec {
namespace {

constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();

// Digits only; a number that does not fit is kMax.
std::optional<uint64_t> ParseNumber(std::string_view digits) {
    if (digits.empty()) return std::nullopt;
    uint64_t number = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9') return std::nullopt;
        const uint64_t digit = static_cast<uint64_t>(c - '0');
        number = number > (kMax - digit) / 10 ? kMax : number * 10 + digit;
    }
    return number;
}

// "bytes=" in any case: RFC 9110, 14.1.
bool TakeUnit(std::string_view& header) {
    constexpr std::string_view kUnit = "bytes=";
    if (header.size() < kUnit.size()) return false;
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    if (!std::ranges::equal(header.substr(0, kUnit.size()), kUnit, {}, lower)) return false;
    header.remove_prefix(kUnit.size());
    return true;
}

}  // namespace

std::optional<RangeSpec> ParseRange(std::string_view header) {
    if (!TakeUnit(header)) return std::nullopt;
    const size_t dash = header.find('-');
    if (dash == header.npos) return std::nullopt;
    const std::string_view first_text = header.substr(0, dash);
    const std::string_view last_text = header.substr(dash + 1);

    RangeSpec range{ParseNumber(first_text), ParseNumber(last_text)};
    if (!range.first && !first_text.empty()) return std::nullopt;
    if (!range.last && !last_text.empty()) return std::nullopt;
    if (!range.first && !range.last) return std::nullopt;
    if (range.first && range.last && *range.first > *range.last) return std::nullopt;
    return range;
}

std::optional<ResolvedRange> ResolveRange(const RangeSpec& range, uint64_t size) {
    if (!range.first) {
        const uint64_t length = std::min(range.last.value_or(0), size);
        if (length == 0) return std::nullopt;
        return ResolvedRange{size - length, length};
    }
    if (*range.first >= size) return std::nullopt;
    const uint64_t last = std::min(range.last.value_or(kMax), size - 1);
    return ResolvedRange{*range.first, last - *range.first + 1};
}

}  // namespace coffer::codec
