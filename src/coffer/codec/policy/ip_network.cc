#include "coffer/codec/policy/ip_network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <span>
#include <string>

namespace coffer::codec::policy {
namespace {

constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

// "0" to "128", without sign or leading zeros.
std::optional<int> ParsePrefix(std::string_view text) {
    int bits = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
    const bool plain =
        !text.empty() && text[0] >= '0' && text[0] <= '9' && (text[0] != '0' || text.size() == 1);
    if (!plain || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return bits;
}

}  // namespace

std::optional<IpAddress> IpAddress::Parse(std::string_view text) {
    // inet_pton reads up to a NUL.
    if (text.find('\0') != text.npos) return std::nullopt;
    const std::string terminated(text);
    IpAddress address;
    if (::inet_pton(AF_INET, terminated.c_str(), address.bytes.data()) == 1) return address;
    if (::inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) != 1) return std::nullopt;
    if (std::ranges::equal(kMapped, std::span(address.bytes).first(kMapped.size()))) {
        IpAddress v4;
        std::ranges::copy(std::span(address.bytes).last(4), v4.bytes.begin());
        return v4;
    }
    address.is_v6 = true;
    return address;
}

std::optional<IpNetwork> IpNetwork::Parse(std::string_view text) {
    const size_t slash = text.find('/');
    const auto address = IpAddress::Parse(text.substr(0, slash));
    if (!address) return std::nullopt;
    IpNetwork network;
    network.address_ = *address;
    const int all_bits = address->is_v6 ? 128 : 32;
    network.prefix_bits_ = all_bits;
    if (slash == text.npos) return network;

    const auto prefix = ParsePrefix(text.substr(slash + 1));
    if (!prefix) return std::nullopt;
    network.prefix_bits_ = *prefix;
    // "::ffff:192.0.2.0/120" counts its prefix from the beginning of the IPv6 address.
    const bool mapped = !address->is_v6 && text.substr(0, slash).find(':') != text.npos;
    if (mapped) network.prefix_bits_ -= 96;
    if (network.prefix_bits_ < 0 || network.prefix_bits_ > all_bits) return std::nullopt;
    return network;
}

bool IpNetwork::Contains(const IpAddress& address) const {
    if (address.is_v6 != address_.is_v6) return false;
    const size_t whole = static_cast<size_t>(prefix_bits_) / 8;
    if (!std::equal(address.bytes.begin(), address.bytes.begin() + whole, address_.bytes.begin()))
        return false;
    const int rest = prefix_bits_ % 8;
    return rest == 0 || (address.bytes[whole] ^ address_.bytes[whole]) >> (8 - rest) == 0;
}

}  // namespace coffer::codec::policy
