// Addresses and networks of IPv4 and IPv6, as aws:SourceIp compares them. Values; any thread may
// use them.
//
// Source: RFC 4632 and RFC 4291 for the text forms. An IPv4 address mapped into IPv6
// ("::ffff:192.0.2.1", what a socket for both kinds reports) is the IPv4 address.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace coffer::codec::policy {

struct IpAddress {
    bool is_v6 = false;
    std::array<uint8_t, 16> bytes = {};  // of IPv4 the first four

    // "192.0.2.1", "2001:db8::1"; nothing for anything else.
    static std::optional<IpAddress> Parse(std::string_view text);
};

class IpNetwork {
  public:
    // "192.0.2.0/24", "2001:db8::/32", or an address alone. Bits behind the prefix do not count.
    static std::optional<IpNetwork> Parse(std::string_view text);

    bool Contains(const IpAddress& address) const;

    bool is_v6() const { return address_.is_v6; }
    int prefix_bits() const { return prefix_bits_; }

  private:
    IpAddress address_;
    int prefix_bits_ = 0;
};

}  // namespace coffer::codec::policy
