#include "coffer/app/webhook_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "coffer/app/config.h"
#include "coffer/codec/ascii.h"
#include "coffer/http/client.h"
#include "coffer/http/tls_stream.h"

namespace coffer::app {
namespace {

constexpr auto kNames = std::to_array<std::string_view>(
    {"enable", "endpoint", "queue_dir", "queue_limit", "client_cert", "client_key", "auth_token"});
constexpr std::string_view kTokenFile = "auth_token_file";

// Those that count more come last.
constexpr auto kPrefixes =
    std::to_array<std::string_view>({"MINIO_NOTIFY_WEBHOOK_", "COFFER_NOTIFY_WEBHOOK_"});
constexpr std::string_view kFileSuffix = "_FILE";
constexpr std::string_view kNoId = "_";
constexpr size_t kMaxIdBytes = 64;

struct Variable {
    std::string id;
    std::string name;
};

// Which webhook's what a variable is; nothing where it is none.
std::optional<Variable> ParseVariable(std::string_view variable) {
    for (const std::string_view prefix : kPrefixes) {
        if (!variable.starts_with(prefix)) continue;
        const std::string_view rest = variable.substr(prefix.size());
        for (const std::string_view name : kNames) {
            std::string upper(name);
            std::ranges::transform(upper, upper.begin(), [](char c) {
                return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
            });
            if (!rest.starts_with(upper)) continue;
            std::string_view id = rest.substr(upper.size());
            const bool file = name == "auth_token" && id.ends_with(kFileSuffix);
            if (file) id.remove_suffix(kFileSuffix.size());
            if (!id.empty() && !id.starts_with('_')) continue;
            if (!id.empty()) id.remove_prefix(1);
            return Variable{std::string(id.empty() ? kNoId : id),
                            std::string(file ? kTokenFile : name)};
        }
    }
    return std::nullopt;
}

Error Wrong(const ResolvedWebhook& webhook, std::string_view name, std::string_view what) {
    const auto found = webhook.values.find(name);
    const std::string origin =
        found == webhook.values.end() ? "" : fmt::format(" ({})", found->second.origin);
    return Error(ErrorKind::kInvalid,
                 fmt::format("{}.{}.{}{}: {}", kWebhookTable, webhook.id, name, origin, what));
}

std::string ValueOf(const ResolvedWebhook& webhook, std::string_view name) {
    const auto found = webhook.values.find(name);
    return found == webhook.values.end() ? std::string() : found->second.text;
}

Result<> CheckId(const ResolvedWebhook& webhook) {
    const bool right =
        webhook.id.size() <= kMaxIdBytes && std::ranges::all_of(webhook.id, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   c == '-' || c == '_';
        });
    if (right) return Ok();
    return Error(ErrorKind::kInvalid,
                 fmt::format("\"{}\" can't be the id of a webhook ({}): letters, digits, \"-\" and "
                             "\"_\" can be in one, and at most {} of them",
                             webhook.id, webhook.values.begin()->second.origin, kMaxIdBytes));
}

// The setting that does; empty where it is on. MinIO's webhooks are off until they are enabled.
Result<std::string> SwitchedOffBy(const ResolvedWebhook& webhook,
                                  std::vector<std::string>& warnings) {
    const auto enable = webhook.values.find("enable");
    if (enable != webhook.values.end()) {
        const auto on = ParseSwitch(enable->second.text);
        if (!on) return Wrong(webhook, "enable", on.error().message());
        return on.value() ? std::string() : enable->second.origin;
    }
    const auto endpoint = webhook.values.find("endpoint");
    if (endpoint == webhook.values.end() || !endpoint->second.origin.starts_with("MINIO_"))
        return std::string();
    std::string missing =
        "MINIO_NOTIFY_WEBHOOK_ENABLE" + (webhook.id == kNoId ? "" : "_" + webhook.id);
    warnings.push_back(
        fmt::format("{} has no effect: set {}=on beside it", endpoint->second.origin, missing));
    return missing;
}

Result<Secret> ReadToken(const ResolvedWebhook& webhook) {
    std::string token = ValueOf(webhook, "auth_token");
    if (const std::string path = ValueOf(webhook, kTokenFile); !path.empty()) {
        auto text = ReadSmallFile(path);
        if (!text) return Wrong(webhook, kTokenFile, text.error().message());
        token = std::move(text).value();
        while (token.ends_with('\n') || token.ends_with('\r'))
            token.pop_back();
    }
    if (std::ranges::any_of(token, [](char c) { return c >= 0 && (c < ' ' || c == 0x7F); }))
        return Wrong(webhook, "auth_token", "it has a line's end or a control character in it");
    return Secret(std::move(token));
}

Result<> ReadCertificate(const ResolvedWebhook& webhook, job::WebhookTarget& target) {
    target.client_cert = ValueOf(webhook, "client_cert");
    target.client_key = ValueOf(webhook, "client_key");
    if (target.client_cert.empty() && target.client_key.empty()) return Ok();
    if (target.client_cert.empty() || target.client_key.empty())
        return Wrong(webhook, target.client_cert.empty() ? "client_key" : "client_cert",
                     "client_cert and client_key are set together, or neither");
    const auto checked =
        http::CheckCertificate({.certificate = target.client_cert, .key = target.client_key});
    if (!checked) return Wrong(webhook, "client_cert", checked.error().message());
    return Ok();
}

Result<job::WebhookTarget> MakeWebhook(const ResolvedWebhook& webhook,
                                       std::vector<std::string>& warnings) {
    job::WebhookTarget target{.id = webhook.id, .endpoint = ValueOf(webhook, "endpoint")};
    if (target.endpoint.empty())
        return Wrong(webhook, "endpoint",
                     "it is missing: a URL such as \"https://example.com/events\"");
    if (const auto checked = http::CheckUrl(target.endpoint); !checked)
        return Wrong(webhook, "endpoint",
                     fmt::format("{}; one looks like \"https://example.com/events\"{}",
                                 checked.error().message(),
                                 target.endpoint.find('@') == std::string::npos
                                     ? ""
                                     : ". A password goes into auth_token: \"Basic \" and "
                                       "user:password in Base64"));
    TRY(target.auth_token, ReadToken(webhook));
    if (const std::string limit = ValueOf(webhook, "queue_limit"); !limit.empty()) {
        const char* const end = limit.data() + limit.size();
        const auto [stop, error] = std::from_chars(limit.data(), end, target.queue_limit);
        if (error != std::errc() || stop != end || target.queue_limit < 0)
            return Wrong(webhook, "queue_limit", fmt::format("\"{}\" is no number", limit));
    }
    if (const std::string directory = ValueOf(webhook, "queue_dir"); !directory.empty()) {
        if (!directory.starts_with('/'))
            return Wrong(webhook, "queue_dir",
                         fmt::format("\"{}\" is no absolute path", directory));
        warnings.push_back(
            fmt::format("{} has no effect: events wait in the catalogue, whatever happens",
                        webhook.values.find("queue_dir")->second.origin));
    }
    TRY(ReadCertificate(webhook, target));
    return target;
}

}  // namespace

bool IsWebhookSetting(std::string_view name) {
    return name == kTokenFile || std::ranges::find(kNames, name) != kNames.end();
}

bool IsWebhookVariable(std::string_view name) {
    return ParseVariable(name).has_value();
}

std::vector<ResolvedWebhook> ResolveWebhooks(const Environment& environment,
                                             const FileSettings& file) {
    std::map<std::string, ResolvedWebhook> webhooks;
    const auto set = [&](const std::string& id, const std::string& name, std::string value,
                         std::string origin) {
        webhooks[id].id = id;
        webhooks[id].values[name] = {std::move(value), std::move(origin)};
    };
    for (const auto& [name, setting] : file) {
        const std::vector<std::string_view> parts = codec::Split(name, '.');
        if (parts.size() != 3 || parts[0] != kWebhookTable || setting.value.empty()) continue;
        set(std::string(parts[1]), std::string(parts[2]), setting.value, setting.origin);
    }
    for (const std::string_view prefix : kPrefixes) {
        for (const auto& [name, variable] : environment.variables()) {
            if (!name.starts_with(prefix) || environment.Find(name) == nullptr) continue;
            if (const auto parsed = ParseVariable(name))
                set(parsed->id, parsed->name, variable.value,
                    variable.file.empty() ? name : fmt::format("{} in {}", name, variable.file));
        }
    }
    std::vector<ResolvedWebhook> out;
    for (auto& [id, webhook] : webhooks)
        out.push_back(std::move(webhook));
    return out;
}

Result<Webhooks> MakeWebhooks(const std::vector<ResolvedWebhook>& resolved,
                              std::vector<std::string>& warnings) {
    Webhooks webhooks;
    for (const ResolvedWebhook& webhook : resolved) {
        TRY(CheckId(webhook));
        TRY(std::string off_by, SwitchedOffBy(webhook, warnings));
        if (!off_by.empty()) {
            webhooks.off.emplace(webhook.id, std::move(off_by));
            continue;
        }
        TRY(job::WebhookTarget target, MakeWebhook(webhook, warnings));
        webhooks.targets.push_back(std::move(target));
    }
    return webhooks;
}

}  // namespace coffer::app
