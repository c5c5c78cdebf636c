#include "coffer/codec/policy/ip_network.h"

#include <gtest/gtest.h>

namespace coffer::codec::policy {
namespace {

bool Contains(std::string_view network, std::string_view address) {
    const auto parsed = IpNetwork::Parse(network);
    const auto of_request = IpAddress::Parse(address);
    EXPECT_TRUE(parsed && of_request) << network << " " << address;
    return parsed && of_request && parsed->Contains(*of_request);
}

TEST(IpNetwork, HoldsWhatSharesItsPrefix) {
    EXPECT_TRUE(Contains("203.0.113.0/24", "203.0.113.255"));
    EXPECT_FALSE(Contains("203.0.113.0/24", "203.0.114.0"));
    EXPECT_TRUE(Contains("203.0.113.7/24", "203.0.113.1"));  // bits behind the prefix
    EXPECT_TRUE(Contains("10.0.0.0/9", "10.127.255.255"));
    EXPECT_FALSE(Contains("10.0.0.0/9", "10.128.0.0"));
    EXPECT_TRUE(Contains("0.0.0.0/0", "255.255.255.255"));
    EXPECT_TRUE(Contains("192.0.2.1", "192.0.2.1"));
    EXPECT_FALSE(Contains("192.0.2.1", "192.0.2.2"));
    EXPECT_TRUE(Contains("2001:db8::/33", "2001:db8:7fff::1"));
    EXPECT_FALSE(Contains("2001:db8::/33", "2001:db8:8000::1"));
    EXPECT_TRUE(Contains("2001:DB8:1234:5678::/64", "2001:db8:1234:5678:abcd::1"));
    EXPECT_TRUE(Contains("::/0", "2001:db8::1"));
}

TEST(IpNetwork, KeepsTheFamiliesApart) {
    EXPECT_FALSE(Contains("0.0.0.0/0", "::1"));
    EXPECT_FALSE(Contains("::/0", "127.0.0.1"));
}

TEST(IpNetwork, TakesMappedAddressesAsIpv4) {
    EXPECT_TRUE(Contains("192.0.2.0/24", "::ffff:192.0.2.9"));
    EXPECT_TRUE(Contains("::ffff:192.0.2.0/120", "192.0.2.9"));
    EXPECT_FALSE(Contains("::ffff:192.0.2.0/120", "192.0.3.9"));
    EXPECT_FALSE(IpNetwork::Parse("::ffff:192.0.2.0/24"));
}

TEST(IpNetwork, RefusesWhatIsNone) {
    using namespace std::string_view_literals;
    for (const std::string_view text :
         {""sv, "/8"sv, "10.0.0.0/"sv, "10.0.0.0/33"sv, "10.0.0.0/-1"sv, "10.0.0.0/08"sv,
          "10.0.0.0/8 "sv, "10.0.0/8"sv, "10.0.0.256"sv, "010.0.0.1"sv, "0x7f.1"sv, "::1/129"sv,
          "::1::"sv, "localhost"sv, "10.0.0.1\0"sv, "1.2.3.4:80"sv, "fe80::1%eth0"sv}) {
        EXPECT_FALSE(IpNetwork::Parse(text)) << text;
    }
}

}  // namespace
}  // namespace coffer::codec::policy
