// Which addresses are of one's own network.
#pragma once

#include <string_view>

namespace coffer::app {

// Whether a numeric IPv4 or IPv6 address is loopback, link-local, private (RFC 1918), carrier-grade
// NAT (RFC 6598) or unique local (RFC 4193). An IPv4-mapped IPv6 address counts as the IPv4 one.
// What is not an address is not private.
bool IsPrivateAddress(std::string_view address);

}  // namespace coffer::app
