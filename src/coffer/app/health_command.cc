#include "coffer/app/health_command.h"

#include <fmt/format.h>

#include <span>

#include "coffer/app/command_line.h"
#include "coffer/app/complain.h"
#include "coffer/app/config.h"
#include "coffer/app/environment.h"
#include "coffer/app/exit_codes.h"
#include "coffer/http/client.h"

namespace coffer::app {
namespace {

constexpr std::string_view kReadyPath = "/minio/health/ready";
constexpr int kOk = 200;

// Where the server of this environment listens: in a container both have the same one. What it read
// at its start besides that may be gone since.
Result<std::string> LocalAuthority() {
    Environment environment = Environment::OfProcess();
    std::vector<std::string> warnings;
    TRY(AddEnvFile(environment, warnings));
    std::vector<Flags> layers;
    TRY(layers, FlagsOfEnvironment(environment));
    TRY(const ResolvedSetting setting, ResolveOne("address", layers, environment));
    const auto address = ParseEndpoint(setting.value);
    if (!address) return address.error().Wrap(fmt::format("address ({})", setting.origin));
    std::string host = address.value().host.empty() ? "127.0.0.1" : address.value().host;
    if (host == "0.0.0.0") host = "127.0.0.1";
    if (host.find(':') != std::string::npos) host = "[" + (host == "::" ? "::1" : host) + "]";
    return fmt::format("{}:{}", host, address.value().port);
}

Result<http::FetchResult> AskLocalServer(const HealthRequest& request, const std::string& authority,
                                         std::string* url) {
    http::FetchOptions options;
    options.timeout = request.timeout;
    *url = fmt::format("http://{}{}", authority, kReadyPath);
    auto answer = http::Fetch(*url, options);
    const bool not_http = !answer && (answer.error().kind() == ErrorKind::kClosed ||
                                      answer.error().kind() == ErrorKind::kCorrupt);
    if (!not_http) return answer;
    // It speaks TLS, then. Its certificate is for its names, which the loopback address is seldom
    // one of.
    *url = fmt::format("https://{}{}", authority, kReadyPath);
    options.tls.verify = false;
    return http::Fetch(*url, options);
}

}  // namespace

int RunHealth(const HealthRequest& request) {
    std::string url = request.url;
    http::FetchOptions options;
    options.timeout = request.timeout;
    options.tls.verify = !request.insecure;
    const auto authority = url.empty() ? LocalAuthority() : std::string();
    if (!authority) return Complain("health", authority.error(), kExitUsage);
    const auto answer =
        url.empty() ? AskLocalServer(request, authority.value(), &url) : http::Fetch(url, options);
    url = http::WithoutSecrets(url);
    if (!answer) {
        const bool usage = answer.error().kind() == ErrorKind::kInvalid;
        fmt::print(stderr, "coffer health: {}: {}\n", url, answer.error().message());
        return usage ? kExitUsage : kExitFailure;
    }
    if (answer.value().status == kOk) return kExitOk;
    fmt::print(stderr, "coffer health: {} answered {}\n", url, answer.value().status);
    return kExitFailure;
}

}  // namespace coffer::app
