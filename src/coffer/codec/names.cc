#include "coffer/codec/names.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace coffer::codec {
namespace {

constexpr size_t kMaxKeyBytes = 1024;
constexpr size_t kMinBucketBytes = 3;
constexpr size_t kMaxBucketBytes = 63;

constexpr std::array<std::string_view, 3> kReservedPrefixes = {"xn--", "sthree-", "amzn-s3-demo-"};
constexpr std::array<std::string_view, 5> kReservedSuffixes = {"-s3alias", "--ol-s3", ".mrap",
                                                               "--x-s3", "--table-s3"};

bool IsDigit(char c) {
    return c >= '0' && c <= '9';
}
bool IsLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || IsDigit(c);
}

// Four groups of digits. Longer groups than an address has are refused too: some resolvers take
// them.
bool LooksLikeIpv4(std::string_view text) {
    return std::ranges::count(text, '.') == 3 &&
           std::ranges::all_of(text, [](char c) { return c == '.' || IsDigit(c); });
}

Error BadBucketName(std::string_view why) {
    return Error(ErrorKind::kInvalid, "InvalidBucketName",
                 "The specified bucket is not valid: " + std::string(why));
}

// Bytes of the well-formed sequence that `bytes` begins with; 0 where there is none. Unicode 15,
// table 3-7.
size_t SequenceLength(std::string_view bytes) {
    const auto at = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
    const auto continues = [&](size_t i) { return i < bytes.size() && (at(i) & 0xc0) == 0x80; };
    const uint8_t first = at(0);
    if (first < 0x80) return 1;
    if (first < 0xc2 || first > 0xf4 || !continues(1)) return 0;
    if (first < 0xe0) return 2;

    const uint8_t second = at(1);
    if (!continues(2)) return 0;
    if (first < 0xf0) {
        const bool overlong = first == 0xe0 && second < 0xa0;
        const bool surrogate = first == 0xed && second > 0x9f;
        return overlong || surrogate ? 0 : 3;
    }
    const bool overlong = first == 0xf0 && second < 0x90;
    const bool too_large = first == 0xf4 && second > 0x8f;
    return overlong || too_large || !continues(3) ? 0 : 4;
}

}  // namespace

size_t CountCharacters(std::string_view utf8) {
    const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
    return static_cast<size_t>(std::ranges::count_if(utf8, begins));
}

bool IsUtf8(std::string_view bytes) {
    while (!bytes.empty()) {
        uint64_t word = 0;
        if (bytes.size() >= sizeof word) {
            std::memcpy(&word, bytes.data(), sizeof word);
            if ((word & 0x8080808080808080) == 0) {
                bytes.remove_prefix(sizeof word);
                continue;
            }
        }
        const size_t length = SequenceLength(bytes);
        if (length == 0) return false;
        bytes.remove_prefix(length);
    }
    return true;
}

Result<ObjectKey> ObjectKey::Parse(std::string_view bytes) {
    const auto invalid = [](const char* why) {
        return Error(ErrorKind::kInvalid, "InvalidURI", why);
    };
    if (bytes.empty()) return invalid("An object key can't be empty.");
    if (bytes.size() > kMaxKeyBytes) {
        return Error(ErrorKind::kInvalid, "KeyTooLongError", "Your key is too long.");
    }
    if (bytes.find('\0') != bytes.npos) return invalid("An object key can't hold a NUL.");
    if (!IsUtf8(bytes)) return invalid("An object key must be UTF-8.");
    return ObjectKey(std::string(bytes));
}

Result<BucketName> BucketName::Parse(std::string_view text) {
    if (text.size() < kMinBucketBytes || text.size() > kMaxBucketBytes) {
        return BadBucketName("it must have 3 to 63 characters.");
    }
    if (!std::ranges::all_of(text,
                             [](char c) { return IsLetterOrDigit(c) || c == '.' || c == '-'; })) {
        return BadBucketName("only a-z, 0-9, '.' and '-' can stand in it.");
    }
    if (!IsLetterOrDigit(text.front()) || !IsLetterOrDigit(text.back())) {
        return BadBucketName("it must begin and end with a letter or digit.");
    }
    if (text.find("..") != text.npos) return BadBucketName("it can't hold two periods in a row.");
    if (LooksLikeIpv4(text)) return BadBucketName("it can't look like an IP address.");
    for (const std::string_view prefix : kReservedPrefixes) {
        if (text.starts_with(prefix)) return BadBucketName("its beginning is reserved.");
    }
    for (const std::string_view suffix : kReservedSuffixes) {
        if (text.ends_with(suffix)) return BadBucketName("its end is reserved.");
    }
    if (text == "minio") return BadBucketName("'minio' is reserved.");
    return BucketName(std::string(text));
}

}  // namespace coffer::codec
