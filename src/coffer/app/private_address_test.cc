#include "coffer/app/private_address.h"

#include <gtest/gtest.h>

namespace coffer::app {
namespace {

TEST(PrivateAddress, OfOnesOwnNetwork) {
    for (const char* address :
         {"127.0.0.1", "127.255.255.255", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
          "100.64.0.1", "100.127.255.255", "169.254.1.1", "::1", "fe80::1", "fe80::1%eth0",
          "febf::1", "fd00::1", "fc00::1", "::ffff:10.1.2.3", "::ffff:127.0.0.1"})
        EXPECT_TRUE(IsPrivateAddress(address)) << address;
}

TEST(PrivateAddress, OfTheWorld) {
    for (const char* address :
         {"8.8.8.8", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0", "192.167.1.1",
          "11.0.0.1", "169.253.1.1", "0.0.0.0", "2001:db8::1", "fec0::1", "::", "::2",
          "::ffff:8.8.8.8", "64:ff9b::a01:203", "", "localhost", "10.0.0", "10.0.0.1:80"})
        EXPECT_FALSE(IsPrivateAddress(address)) << address;
}

}  // namespace
}  // namespace coffer::app
