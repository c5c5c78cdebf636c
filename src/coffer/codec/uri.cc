#include "coffer/codec/uri.h"

#include <algorithm>
#include <array>
#include <utility>

#include "coffer/codec/hex.h"

namespace coffer::codec {
namespace {

constexpr std::array<bool, 256> kUnreserved = [] {
    std::array<bool, 256> unreserved{};
    for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                         "0123456789-._~")) {
        unreserved[static_cast<uint8_t>(c)] = true;
    }
    return unreserved;
}();

enum class Plus { kLiteral, kSpace };

Result<std::string> Decode(std::string_view text, Plus plus) {
    std::string bytes;
    bytes.reserve(text.size());
    while (true) {
        // Most of most targets stands for itself.
        const std::string_view plain = text.substr(0, text.find('%'));
        bytes += plain;
        if (plus == Plus::kSpace) {
            std::replace(bytes.end() - static_cast<ptrdiff_t>(plain.size()), bytes.end(), '+', ' ');
        }
        text.remove_prefix(plain.size());
        if (text.empty()) return bytes;
        const int high = text.size() > 2 ? HexDigitValue(text[1]) : -1;
        const int low = text.size() > 2 ? HexDigitValue(text[2]) : -1;
        if (high < 0 || low < 0) {
            return Error(ErrorKind::kInvalid, "InvalidURI",
                         "A '%' in the URI is not followed by two hexadecimal digits.");
        }
        bytes += static_cast<char>(high << 4 | low);
        text.remove_prefix(3);
    }
}

bool StandsForItself(char c, Slash slash) {
    return kUnreserved[static_cast<uint8_t>(c)] || (c == '/' && slash == Slash::kKeep);
}

}  // namespace

bool IsUnreserved(std::string_view bytes, Slash slash) {
    return std::ranges::all_of(bytes, [&](char c) { return StandsForItself(c, slash); });
}

std::string PercentEncode(std::string_view bytes, Slash slash) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string text;
    text.reserve(bytes.size() + bytes.size() / 4);
    for (const char c : bytes) {
        const auto byte = static_cast<uint8_t>(c);
        if (StandsForItself(c, slash)) {
            text += c;
        } else {
            text += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
        }
    }
    return text;
}

Result<std::string> PercentDecode(std::string_view text) {
    return Decode(text, Plus::kLiteral);
}

Result<std::string> QueryDecode(std::string_view text) {
    return Decode(text, Plus::kSpace);
}

Target SplitTarget(std::string_view target) {
    const size_t mark = target.find('?');
    if (mark == target.npos) return {target, std::nullopt};
    return {target.substr(0, mark), target.substr(mark + 1)};
}

Result<Query> Query::Parse(std::string_view text) {
    Query query;
    const auto parts = static_cast<size_t>(std::ranges::count(text, '&')) + 1;
    query.parameters_.reserve(std::min(parts, kMaxParameters));
    while (!text.empty()) {
        const size_t end = std::min(text.find('&'), text.size());
        const std::string_view raw = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (raw.empty()) continue;
        if (query.parameters_.size() == kMaxParameters) {
            return Error(ErrorKind::kInvalid, "InvalidURI", "The URI has too many parameters.");
        }
        const size_t equals = raw.find('=');
        const bool has_value = equals != raw.npos;
        TRY(std::string name, QueryDecode(raw.substr(0, equals)));
        TRY(std::string value, QueryDecode(has_value ? raw.substr(equals + 1) : ""));
        query.parameters_.push_back({std::move(name), std::move(value), has_value, raw});
    }
    return query;
}

std::optional<std::string_view> Query::Get(std::string_view name) const {
    const auto found = std::ranges::find(parameters_, name, &QueryParameter::name);
    if (found == parameters_.end()) return std::nullopt;
    return found->value;
}

size_t Query::Count(std::string_view name) const {
    return static_cast<size_t>(std::ranges::count(parameters_, name, &QueryParameter::name));
}

}  // namespace coffer::codec
