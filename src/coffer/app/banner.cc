#include "coffer/app/banner.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>

#include <vector>

#include "coffer/app/version.h"

namespace coffer::app {
namespace {

// IPv4 addresses of this machine, the loopback at the end.
std::vector<std::string> LocalAddresses() {
    std::vector<std::string> out;
    ifaddrs* interfaces = nullptr;
    if (::getifaddrs(&interfaces) == 0) {
        for (const ifaddrs* i = interfaces; i != nullptr; i = i->ifa_next) {
            if (i->ifa_addr == nullptr || i->ifa_addr->sa_family != AF_INET ||
                (i->ifa_flags & IFF_LOOPBACK) != 0)
                continue;
            char text[INET_ADDRSTRLEN];
            const auto* address = reinterpret_cast<const sockaddr_in*>(i->ifa_addr);
            if (::inet_ntop(AF_INET, &address->sin_addr, text, sizeof text) != nullptr)
                out.emplace_back(text);
        }
        ::freeifaddrs(interfaces);
    }
    out.emplace_back("127.0.0.1");
    return out;
}

std::string Urls(const std::string& host, uint16_t port, bool tls) {
    std::string out;
    const std::vector<std::string> hosts =
        host.empty() ? LocalAddresses() : std::vector<std::string>{host};
    for (const std::string& one : hosts) {
        if (!out.empty()) out += "  ";
        const bool v6 = one.find(':') != std::string::npos;
        out += fmt::format("{}://{}:{}", tls ? "https" : "http", v6 ? "[" + one + "]" : one, port);
    }
    return out;
}

}  // namespace

std::string Banner(const Config& config, const Listening& listening) {
    std::string api = Urls(config.address.host, listening.port, listening.tls);
    if (!config.server_url.empty()) api = config.server_url + "  " + api;
    std::string out =
        fmt::format("Coffer {}\n\nAPI: {}\n   RootUser: {}\n", kVersion, api, config.root_user);
    if (config.default_credentials) out += fmt::format("   RootPass: {}\n", config.root_user);
    if (listening.second_port != 0)
        out += fmt::format("Metrics: {} (health and /metrics; there is no console yet)\n",
                           Urls(config.console_address.host, listening.second_port, listening.tls));
    out += fmt::format("Data: {}\n", listening.directory);
    return out;
}

}  // namespace coffer::app
