// From resolved texts to the values that the server works with.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "coffer/app/config.h"
#include "coffer/app/kms_keys.h"
#include "coffer/app/master_key.h"
#include "coffer/base/bytes.h"
#include "coffer/codec/ascii.h"
#include "coffer/codec/names.h"

namespace coffer::app {
namespace {

constexpr std::string_view kDefaultCredential = "minioadmin";
constexpr size_t kMinUserLength = 3;
constexpr size_t kMinPasswordLength = 8;

Error Wrong(const ResolvedSetting& setting, std::string_view what) {
    return Error(ErrorKind::kInvalid,
                 fmt::format("{} ({}): {}", setting.setting->name, setting.origin, what));
}

std::vector<std::string> Split(std::string_view text, std::string_view separators) {
    std::vector<std::string> out;
    for (size_t start = 0; start <= text.size();) {
        const size_t end = std::min(text.find_first_of(separators, start), text.size());
        std::string_view item = text.substr(start, end - start);
        while (item.starts_with(' '))
            item.remove_prefix(1);
        while (item.ends_with(' '))
            item.remove_suffix(1);
        if (!item.empty()) out.emplace_back(item);
        start = end + 1;
    }
    return out;
}

Result<bool> ParseSwitch(const ResolvedSetting& setting) {
    const auto on = app::ParseSwitch(std::string_view(setting.value));
    if (!on) return Wrong(setting, on.error().message());
    return on.value();
}

Result<std::string> ParseDirectory(const ResolvedSetting& setting) {
    std::string text = setting.value;
    // MinIO reads MINIO_VOLUMES as words; a directory of our own names may have spaces in it.
    const bool words = setting.origin.starts_with("MINIO_");
    const std::vector<std::string> several =
        words ? Split(text, " \t") : std::vector<std::string>{text};
    if (words && several.size() == 1) text = several.front();
    if (several.size() > 1) return OneDirectory(setting.origin, text + " names several");
    if (text.find('{') != std::string::npos && text.find("...") != std::string::npos)
        return OneDirectory(setting.origin, text + " is a pattern for several");
    if (text.starts_with("http://") || text.starts_with("https://"))
        return OneDirectory(setting.origin, text + " is a node of a cluster, which is not offered");
    return text;
}

std::string FirstWithCertificate(const Environment& environment) {
    const Environment::Variable* home = environment.Find("HOME");
    if (home == nullptr) return {};
    for (const char* directory : {"/.coffer/certs", "/.minio/certs"}) {
        std::string path = home->value + directory;
        if (::access((path + "/public.crt").c_str(), F_OK) == 0) return path;
    }
    return {};
}

Result<> ReadCredentials(const Resolution& from, Config& config) {
    const ResolvedSetting& user = from.at("root_user");
    const ResolvedSetting& password = from.at("root_password");
    const bool user_given = user.source != Source::kDefault;
    const bool password_given = password.source != Source::kDefault;
    if (user_given != password_given) {
        const ResolvedSetting& given = user_given ? user : password;
        const std::string_view missing = user_given ? "root_password" : "root_user";
        const bool minio = given.origin.starts_with("MINIO_");
        const std::string name = minio ? (user_given ? "MINIO_ROOT_PASSWORD" : "MINIO_ROOT_USER")
                                       : VariableName(*FindSetting(missing));
        return Error(ErrorKind::kInvalid,
                     fmt::format("Missing credential environment variable, \"{}\": {} is set, and "
                                 "neither does without the other. Set both, or none.",
                                 name, given.origin));
    }
    if (user.value.size() < kMinUserLength || password.value.size() < kMinPasswordLength)
        return Error(
            ErrorKind::kInvalid,
            fmt::format("Invalid credentials ({}, {}): MINIO_ROOT_USER length should be at "
                        "least {}, and MINIO_ROOT_PASSWORD length at least {} characters",
                        user.origin, password.origin, kMinUserLength, kMinPasswordLength));
    if (user.value.find_first_of("=,") != std::string::npos)
        return Wrong(user,
                     "an access key can't have \"=\" or \",\" in it: both end it in a "
                     "signed request");
    config.root_user = user.value;
    config.root_password = Secret(password.value);
    config.default_credentials =
        user.value == kDefaultCredential && password.value == kDefaultCredential;
    const ResolvedSetting& master_key = from.at("master_key");
    if (!master_key.value.empty() && !ParseMasterKey(master_key.value))
        return Wrong(master_key,
                     "32 bytes in Base64 are wanted, as `openssl rand -base64 32` prints them");
    config.master_key = Secret(master_key.value);
    TRY(config.require_credentials, ParseSwitch(from.at("require_credentials")));
    return Ok();
}

Result<> ReadEncryption(const Resolution& from, Config& config) {
    const ResolvedSetting& secret = from.at("kms_secret_key");
    if (!secret.value.empty()) {
        auto key = ParseKmsKey(secret.value);
        if (!key)
            return Wrong(secret,
                         "<name>:<32 bytes in Base64> is wanted, as `echo \"my-key:$(openssl rand "
                         "-base64 32)\"` prints it");
        config.default_kms_key = key->name;
        config.kms_keys.push_back(*std::move(key));
    }
    const ResolvedSetting& file = from.at("kms_key_file");
    if (!file.value.empty()) {
        auto keys = ReadKmsKeyFile(file.value);
        if (!keys) return keys.error().Wrap(file.origin);
        std::ranges::move(keys.value(), std::back_inserter(config.kms_keys));
    }
    TRY(config.sse_c_over_http, ParseSwitch(from.at("sse_c_over_http")));
    TRY(config.recreate_own_bucket, ParseSwitch(from.at("recreate_own_bucket")));
    return Ok();
}

Result<> ReadDefaultBuckets(Resolution& from, Config& config) {
    const ResolvedSetting setting = from.at("default_buckets");
    for (const std::string& item : Split(setting.value, ",; ")) {
        const size_t colon = item.find(':');
        const std::string name = item.substr(0, colon);
        auto parsed = codec::BucketName::Parse(name);
        if (!parsed)
            return Wrong(setting, fmt::format("\"{}\" can't be a bucket: {}", name,
                                              parsed.error().message()));
        const std::string word = colon == std::string::npos ? "none" : item.substr(colon + 1);
        const auto access = codec::policy::ParseAnonymousAccess(word.empty() ? "none" : word);
        if (!access)
            return Wrong(setting,
                         fmt::format("bucket \"{}\" has the policy \"{}\", which is none of "
                                     "none, download, upload and public",
                                     name, word));
        config.default_buckets.push_back({name, *access});
    }
    return Ok();
}

Result<> ReadS3(const Resolution& from, Config& config) {
    const ResolvedSetting& region = from.at("region");
    const bool right = std::ranges::all_of(region.value, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
    if (!right)
        return Wrong(region, fmt::format("\"{}\" is no region; one looks like \"eu-central-1\"",
                                         region.value));
    config.region = region.value;

    const ResolvedSetting& domains = from.at("domain");
    for (std::string& domain : Split(domains.value, ",")) {
        const bool valid = domain.front() != '.' && std::ranges::all_of(domain, [](char c) {
                               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                      (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
                           });
        if (!valid)
            return Wrong(domains, fmt::format("\"{}\" is no domain; one looks like "
                                              "\"s3.example.com\", without port or http://",
                                              domain));
        config.domains.push_back(std::move(domain));
    }

    const ResolvedSetting& url = from.at("server_url");
    if (!url.value.empty()) {
        const size_t host = url.value.find("://") + 3;
        const size_t path = url.value.find('/', host);
        const bool web = url.value.starts_with("http://") || url.value.starts_with("https://");
        if (!web || host >= url.value.size() || path == host ||
            (path != std::string::npos && path + 1 != url.value.size()) ||
            url.value.find_first_of("?#@ ") != std::string::npos)
            return Wrong(url, fmt::format("\"{}\" is no URL of a server; one looks like "
                                          "\"https://s3.example.com\", without a path",
                                          url.value));
        config.server_url = url.value.substr(0, path);
    }
    const ResolvedSetting& ownership = from.at("object_ownership");
    const auto parsed_ownership = codec::ParseOwnershipName(ownership.value);
    if (!parsed_ownership)
        return Wrong(ownership,
                     fmt::format("\"{}\" is none of BucketOwnerEnforced, BucketOwnerPreferred and "
                                 "ObjectWriter",
                                 ownership.value));
    config.object_ownership = *parsed_ownership;
    const ResolvedSetting& dialect = from.at("dialect");
    if (dialect.value != "aws" && dialect.value != "ceph")
        return Wrong(dialect, fmt::format("\"{}\" is neither aws nor ceph", dialect.value));
    config.dialect = dialect.value == "ceph" ? api::s3::Dialect::kCeph : api::s3::Dialect::kAws;
    TRY(config.sigv2, ParseSwitch(from.at("sigv2")));
    config.cors_allow_origin = Split(from.at("cors_allow_origin").value, ",");

    const ResolvedSetting& metrics = from.at("metrics_auth");
    if (metrics.value != "jwt" && metrics.value != "public")
        return Wrong(metrics, fmt::format("\"{}\" is neither jwt nor public", metrics.value));
    config.metrics_public = metrics.value == "public";
    return Ok();
}

Result<Endpoint> ReadEndpoint(const ResolvedSetting& setting) {
    auto endpoint = ParseEndpoint(setting.value);
    if (!endpoint) return Wrong(setting, endpoint.error().message());
    return endpoint;
}

Result<> ReadAddresses(const Resolution& from, Config& config) {
    TRY(config.address, ReadEndpoint(from.at("address")));
    const ResolvedSetting& console = from.at("console_address");
    TRY(config.console_address, ReadEndpoint(console));
    config.console_address_given = console.source != Source::kDefault;
    TRY(const bool browser, ParseSwitch(from.at("browser")));
    config.console_wanted = browser || config.console_address_given;
    const bool same_port =
        config.address.port == config.console_address.port && config.address.port != 0;
    if (config.console_wanted && same_port) {
        if (config.console_address_given)
            return Wrong(console,
                         fmt::format("S3 is served on port {} too; give each a port of its own",
                                     config.address.port));
        config.console_wanted = false;  // 9001 was wanted for S3, and nobody asked for the other
    }
    return Ok();
}

Result<> ReadTimeouts(const Resolution& resolution, Config& config) {
    std::chrono::milliseconds notify_timeout{};
    const std::pair<std::string_view, std::chrono::milliseconds&> timeouts[] = {
        {"shutdown_timeout", config.shutdown_timeout},
        {"idle_timeout", config.idle_timeout},
        {"read_header_timeout", config.read_header_timeout},
        {"transfer_timeout", config.transfer_timeout},
        {"scrub_interval", config.scrub_interval},
        {"lifecycle_day", config.lifecycle_day},
        {"notify_timeout", notify_timeout},
        {"notify_dead_after", config.notify_dead_after}};
    for (const auto& [name, timeout] : timeouts) {
        const ResolvedSetting& setting = resolution.at(name);
        const auto parsed = ParseDuration(setting.value);
        if (!parsed) return Wrong(setting, parsed.error().message());
        // The time to shut down may be none at all, and the scrub's says that there is none.
        if (parsed.value().count() == 0 && name != "shutdown_timeout" && name != "scrub_interval")
            return Wrong(setting, "it has to be more than 0");
        timeout = parsed.value();
    }
    for (job::WebhookTarget& webhook : config.webhooks)
        webhook.timeout = notify_timeout;
    const auto rate = ParseByteSize(resolution.at("scrub_rate").value);
    if (!rate) return Wrong(resolution.at("scrub_rate"), rate.error().message());
    config.scrub_bytes_per_second = rate.value();
    return Ok();
}

Result<> ReadBootstrap(const Resolution& from, Config& config) {
    if (!from.bootstrap) return Ok();
    auto document = bootstrap::WithSecrets(from.bootstrap->document);
    if (!document) return document.error().Wrap(from.bootstrap->origin);
    auto declared = bootstrap::ParseDeclaration(document.value());
    if (!declared) return declared.error().Wrap(from.bootstrap->origin);
    config.bootstrap = {std::move(declared).value(), std::move(document).value()};
    return Ok();
}

Result<> ReadLog(const Resolution& from, Config& config) {
    const ResolvedSetting& format = from.at("log_format");
    if (format.value != "text" && format.value != "json")
        return Wrong(format, fmt::format("\"{}\" is neither text nor json", format.value));
    config.log_format = format.value == "json" ? LogFormat::kJson : LogFormat::kText;

    const ResolvedSetting& level = from.at("log_level");
    constexpr std::pair<std::string_view, LogLevel> kLevels[] = {{"debug", LogLevel::kDebug},
                                                                 {"info", LogLevel::kInfo},
                                                                 {"warning", LogLevel::kWarning},
                                                                 {"error", LogLevel::kError}};
    const auto* found = std::ranges::find_if(
        kLevels, [&](const auto& candidate) { return candidate.first == level.value; });
    if (found == std::end(kLevels))
        return Wrong(level,
                     fmt::format("\"{}\" is none of debug, info, warning and error", level.value));
    config.log_level = found->second;
    TRY(config.quiet, ParseSwitch(from.at("quiet")));
    return Ok();
}

}  // namespace

Error OneDirectory(std::string_view origin, std::string_view what) {
    return Error(
        ErrorKind::kInvalid,
        fmt::format("directory ({}): {}. Coffer keeps everything in one directory; give one, "
                    "such as the mount point of your disk array. `coffer server --help` "
                    "shows examples.",
                    origin, what));
}

Result<Endpoint> ParseEndpoint(std::string_view text) {
    const auto wrong = [&] {
        return Error(ErrorKind::kInvalid,
                     fmt::format("\"{}\" is no address; write \":9000\", \"127.0.0.1:9000\" or "
                                 "\"[::1]:9000\"",
                                 text));
    };
    const size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return wrong();
    Endpoint out;
    std::string_view host = text.substr(0, colon);
    const std::string_view port = text.substr(colon + 1);
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    else if (host.find(':') != std::string_view::npos)
        return wrong();
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
    if (error != std::errc() || end != port.data() + port.size() || port.empty()) return wrong();
    if (host.find_first_of("/ []") != std::string_view::npos) return wrong();
    out.host = host;
    return out;
}

Result<bool> ParseSwitch(std::string_view text) {
    const std::string lower = codec::ToLower(text);
    for (const char* word : {"on", "true", "1", "yes", "t", "enable", "enabled"})
        if (lower == word) return true;
    for (const char* word : {"off", "false", "0", "no", "f", "disable", "disabled"})
        if (lower == word) return false;
    return Error(ErrorKind::kInvalid, fmt::format("\"{}\" is neither on nor off", text));
}

Result<std::chrono::milliseconds> ParseDuration(std::string_view text) {
    const auto wrong = [&] {
        return Error(ErrorKind::kInvalid,
                     fmt::format("\"{}\" is no time; write \"30s\", \"2m\" or \"500ms\"", text));
    };
    constexpr std::pair<std::string_view, int64_t> kUnits[] = {
        {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 24 * 3'600'000}};
    constexpr int64_t kLongest = 365LL * 24 * 3'600'000;
    int64_t total = 0;
    std::string_view rest = text;
    if (rest.empty()) return wrong();
    while (!rest.empty()) {
        int64_t number = 0;
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
        if (error != std::errc() || number < 0 || number > kLongest) return wrong();
        rest.remove_prefix(static_cast<size_t>(end - rest.data()));
        const auto* unit = std::ranges::find_if(
            kUnits, [&](const auto& candidate) { return rest.starts_with(candidate.first); });
        if (unit == std::end(kUnits)) return wrong();
        rest.remove_prefix(unit->first.size());
        total += number * unit->second;
        if (total > kLongest) return wrong();
    }
    return std::chrono::milliseconds(total);
}

Result<uint64_t> ParseByteSize(std::string_view text) {
    constexpr std::pair<std::string_view, uint64_t> kUnits[] = {
        {"", 1}, {"B", 1}, {"KiB", 1_KiB}, {"MiB", 1_MiB}, {"GiB", 1_GiB}, {"TiB", 1_TiB}};
    uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view rest = text.substr(static_cast<size_t>(end - text.data()));
    const auto* unit = std::ranges::find_if(
        kUnits, [&](const auto& candidate) { return candidate.first == rest; });
    if (error != std::errc() || unit == std::end(kUnits) || number > 1024_TiB / unit->second)
        return Error(ErrorKind::kInvalid,
                     fmt::format("\"{}\" is no number of bytes; write \"16MiB\"", text));
    return number * unit->second;
}

Result<Config> MakeConfig(Resolution& resolution, const Environment& environment) {
    Config config;
    TRY(config.directory, ParseDirectory(resolution.at("directory")));
    TRY(ReadAddresses(resolution, config));
    config.certs_dir = resolution.at("certs_dir").value;
    if (config.certs_dir.empty()) config.certs_dir = FirstWithCertificate(environment);
    TRY(ReadCredentials(resolution, config));
    TRY(ReadEncryption(resolution, config));
    TRY(ReadDefaultBuckets(resolution, config));
    TRY(ReadS3(resolution, config));
    TRY(Webhooks webhooks, MakeWebhooks(resolution.webhooks, resolution.warnings));
    config.webhooks = std::move(webhooks.targets);
    config.webhooks_off = std::move(webhooks.off);
    TRY(ReadBootstrap(resolution, config));
    TRY(ReadTimeouts(resolution, config));
    TRY(ReadLog(resolution, config));
    return config;
}

}  // namespace coffer::app
