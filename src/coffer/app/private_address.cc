#include "coffer/app/private_address.h"

#include <arpa/inet.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string>

namespace coffer::app {
namespace {

bool IsPrivateV4(uint32_t address) {
    struct Network {
        uint32_t address;
        int bits;
    };
    constexpr std::array<Network, 6> kNetworks = {{
        {0x7f000000, 8},   // 127.0.0.0/8
        {0x0a000000, 8},   // 10.0.0.0/8
        {0xac100000, 12},  // 172.16.0.0/12
        {0xc0a80000, 16},  // 192.168.0.0/16
        {0x64400000, 10},  // 100.64.0.0/10
        {0xa9fe0000, 16},  // 169.254.0.0/16
    }};
    for (const Network& network : kNetworks)
        if ((address ^ network.address) >> (32 - network.bits) == 0) return true;
    return false;
}

bool IsPrivateV6(const std::array<uint8_t, 16>& bytes) {
    constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (std::memcmp(bytes.data(), kMapped.data(), kMapped.size()) == 0)
        return IsPrivateV4(uint32_t{bytes[12]} << 24 | uint32_t{bytes[13]} << 16 |
                           uint32_t{bytes[14]} << 8 | bytes[15]);
    constexpr std::array<uint8_t, 16> kLoopback = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    if (bytes == kLoopback) return true;
    const bool unique_local = (bytes[0] & 0xfe) == 0xfc;
    const bool link_local = bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
    return unique_local || link_local;
}

}  // namespace

bool IsPrivateAddress(std::string_view address) {
    // A link-local address may name its interface: fe80::1%eth0.
    const std::string text(address.substr(0, address.find('%')));
    in_addr v4{};
    if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) return IsPrivateV4(ntohl(v4.s_addr));
    std::array<uint8_t, 16> v6{};
    return ::inet_pton(AF_INET6, text.c_str(), v6.data()) == 1 && IsPrivateV6(v6);
}

}  // namespace coffer::app
