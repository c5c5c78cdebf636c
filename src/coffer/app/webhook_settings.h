// The settings of webhooks, of which there are any number: each has an id, which its variables end
// with.
//
// MINIO_NOTIFY_WEBHOOK_ENDPOINT_<id> and COFFER_NOTIFY_WEBHOOK_ENDPOINT_<id> in the environment,
// which count more than `endpoint` under [notify_webhook.<id>] in the TOML file. Without "_<id>"
// the id is "_", as MinIO has it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/app/config_file.h"
#include "coffer/app/environment.h"
#include "coffer/base/result.h"
#include "coffer/job/webhook.h"

namespace coffer::app {

// The table of the TOML file that holds them.
inline constexpr std::string_view kWebhookTable = "notify_webhook";

// What a webhook's setting may be called: "endpoint", "auth_token", …
bool IsWebhookSetting(std::string_view name);

// Whether a variable is a webhook's.
bool IsWebhookVariable(std::string_view name);

// What was said of one webhook.
struct ResolvedWebhook {
    struct Value {
        std::string text;
        std::string origin;  // "MINIO_NOTIFY_WEBHOOK_ENDPOINT_one", "/etc/coffer.toml:7"
    };

    std::string id;
    std::map<std::string, Value, std::less<>> values;  // by setting's name
};

// All of them, by id. `file`: of the TOML file or the bootstrap, each as
// "notify_webhook.<id>.<name>".
std::vector<ResolvedWebhook> ResolveWebhooks(const Environment& environment,
                                             const FileSettings& file);

struct Webhooks {
    std::vector<job::WebhookTarget> targets;
    std::map<std::string, std::string> off;  // by id: the setting that switches it off
};

// Appends to `warnings`. kInvalid: the message names the setting, where it came from, and what
// would be right. Reads files that hold tokens or certificates.
Result<Webhooks> MakeWebhooks(const std::vector<ResolvedWebhook>& resolved,
                              std::vector<std::string>& warnings);

}  // namespace coffer::app
