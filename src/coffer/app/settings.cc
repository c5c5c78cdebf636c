#include "coffer/app/settings.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "coffer/app/webhook_settings.h"

namespace coffer::app {
namespace {

const std::vector<Setting>& Table() {
    using enum SettingKind;
    static const std::vector<Setting> table = {
        {.name = "directory",
         .aliases = {"MINIO_VOLUMES", "MINIO_ARGS", "MINIO_ENDPOINTS"},
         .help = "Where everything is kept: one directory, which Coffer makes if need be."},
        {.name = "address",
         .default_value = ":9000",
         .aliases = {"MINIO_ADDRESS"},
         .placeholder = "HOST:PORT",
         .help = "Where S3 is served. Without a host: on every address of the machine."},
        {.name = "console_address",
         .default_value = ":9001",
         .aliases = {"MINIO_CONSOLE_ADDRESS"},
         .placeholder = "HOST:PORT",
         .help = "Where health and metrics are served, and later the console."},
        {.name = "certs_dir",
         .placeholder = "DIR",
         .help = "Directory of public.crt and private.key; with both in it TLS is on. Without it: "
                 "~/.coffer/certs, then ~/.minio/certs."},
        {.name = "root_user",
         .default_value = "minioadmin",
         .aliases = {"MINIO_ROOT_USER", "MINIO_ACCESS_KEY"},
         .help = "Access key of the administrator, at least 3 characters.",
         .by_file = true},
        {.name = "root_password",
         .default_value = "minioadmin",
         .aliases = {"MINIO_ROOT_PASSWORD", "MINIO_SECRET_KEY"},
         .help = "Secret key of the administrator, at least 8 characters.",
         .secret = true,
         .by_file = true},
        {.name = "master_key",
         .help = "What secrets are sealed with: 32 bytes in Base64. Without it: a key that is made "
                 "and kept in the data directory.",
         .secret = true,
         .by_file = true},
        {.name = "kms_secret_key",
         .aliases = {"MINIO_KMS_SECRET_KEY"},
         .help = "The default key of SSE-KMS: a name, a colon, and 32 bytes in Base64.",
         .secret = true,
         .by_file = true},
        {.name = "kms_key_file",
         .placeholder = "FILE",
         .help = "A file of keys for SSE-KMS, one a line in the same form; of one name the newest "
                 "first."},
        {.name = "sse_c_over_http",
         .kind = kSwitch,
         .default_value = "off",
         .placeholder = "on|off",
         .help = "Take keys of clients (SSE-C) over plain HTTP, where anybody on the way sees "
                 "them."},
        {.name = "recreate_own_bucket",
         .kind = kSwitch,
         .default_value = "off",
         .placeholder = "on|off",
         .help = "Answer 200 to making a bucket that is one's own already, as S3 does in "
                 "us-east-1; else 409."},
        {.name = "dialect",
         .default_value = "aws",
         .placeholder = "aws|ceph",
         .help =
             "Whose rules and errors count where servers of S3 differ; ceph is for applications "
             "written for its object gateway."},
        {.name = "require_credentials",
         .kind = kSwitch,
         .default_value = "off",
         .placeholder = "on|off",
         .help = "Refuse to start with the well-known minioadmin credentials."},
        {.name = "default_buckets",
         .kind = kList,
         .aliases = {"MINIO_DEFAULT_BUCKETS"},
         .placeholder = "NAME,...",
         .help = "Buckets to make at the start where they are missing."},
        {.name = "bootstrap",
         .placeholder = "FILE",
         .help = "A YAML file of the policies, groups, users and buckets that are to be there from "
                 "the start."},
        {.name = "region",
         .aliases = {"MINIO_SITE_REGION", "MINIO_REGION", "MINIO_REGION_NAME"},
         .placeholder = "REGION",
         .help = "The region that requests must be signed for. Without it: any."},
        {.name = "domain",
         .kind = kList,
         .aliases = {"MINIO_DOMAIN"},
         .placeholder = "DOMAIN,...",
         .help = "Domains under which <bucket>.<domain> names a bucket."},
        {.name = "server_url",
         .aliases = {"MINIO_SERVER_URL"},
         .placeholder = "URL",
         .help = "How clients reach this server from outside, for what it prints."},
        {.name = "object_ownership",
         .default_value = "BucketOwnerEnforced",
         .placeholder = "NAME",
         .help =
             "Of new buckets: BucketOwnerEnforced (no ACLs), BucketOwnerPreferred, ObjectWriter."},
        {.name = "sigv2",
         .kind = kSwitch,
         .default_value = "on",
         .placeholder = "on|off",
         .help = "Accept requests signed with the old Signature Version 2."},
        {.name = "cors_allow_origin",
         .kind = kList,
         .default_value = "*",
         .aliases = {"MINIO_API_CORS_ALLOW_ORIGIN"},
         .placeholder = "ORIGIN,...",
         .help = "Origins whose web pages may call S3; * in one stands for anything."},
        {.name = "browser",
         .kind = kSwitch,
         .default_value = "on",
         .aliases = {"MINIO_BROWSER"},
         .placeholder = "on|off",
         .help = "off: open no second port, unless console_address is set."},
        {.name = "metrics_auth",
         .default_value = "jwt",
         .aliases = {"MINIO_PROMETHEUS_AUTH_TYPE"},
         .placeholder = "jwt|public",
         .help = "Who may read metrics: holders of a token, or everyone."},
        {.name = "shutdown_timeout",
         .kind = kDuration,
         .default_value = "30s",
         .aliases = {"MINIO_SHUTDOWN_TIMEOUT"},
         .placeholder = "TIME",
         .help = "How long requests in flight may go on after SIGTERM."},
        {.name = "idle_timeout",
         .kind = kDuration,
         .default_value = "2m",
         .aliases = {"MINIO_IDLE_TIMEOUT"},
         .placeholder = "TIME",
         .help = "How long a connection may wait for its next request."},
        {.name = "read_header_timeout",
         .kind = kDuration,
         .default_value = "30s",
         .aliases = {"MINIO_READ_HEADER_TIMEOUT"},
         .placeholder = "TIME",
         .help = "How long a request's headers may take to come."},
        {.name = "transfer_timeout",
         .kind = kDuration,
         .default_value = "1m",
         .placeholder = "TIME",
         .help = "How long a body, either way, may stand still."},
        {.name = "scrub_interval",
         .kind = kDuration,
         .default_value = "30d",
         .placeholder = "TIME",
         .help = "How often everything is read back and checked, behind the requests; 0s: never."},
        {.name = "scrub_rate",
         .default_value = "16MiB",
         .placeholder = "SIZE",
         .help = "The most that those checks read in a second; 0: no limit."},
        {.name = "lifecycle_day",
         .kind = kDuration,
         .default_value = "24h",
         .placeholder = "TIME",
         .help = "How long a day of a lifecycle rule is; shorter for tests alone."},
        {.name = "notify_timeout",
         .kind = kDuration,
         .default_value = "10s",
         .placeholder = "TIME",
         .help = "How long a webhook may take to answer."},
        {.name = "notify_dead_after",
         .kind = kDuration,
         .default_value = "24h",
         .placeholder = "TIME",
         .help = "How long an event that its webhook does not take is sent again and again, before "
                 "it is given up."},
        {.name = "log_format",
         .default_value = "text",
         .placeholder = "text|json",
         .help = "Lines for people, or one JSON object a line."},
        {.name = "log_level",
         .default_value = "info",
         .placeholder = "LEVEL",
         .help = "debug, info, warning or error."},
        {.name = "quiet",
         .kind = kSwitch,
         .default_value = "off",
         .placeholder = "on|off",
         .help = "Say nothing at the start but warnings."},
    };
    return table;
}

// Settings of MinIO that Coffer does not have yet, by how their names begin.
constexpr std::array kNotOffered = {
    "MINIO_API_",      "MINIO_AUDIT_",   "MINIO_BATCH_",      "MINIO_BROWSER_",
    "MINIO_CACHE_",    "MINIO_COMPRESS", "MINIO_CONFIG",      "MINIO_CROSSDOMAIN_XML",
    "MINIO_ETCD_",     "MINIO_FTP",      "MINIO_IDENTITY_",   "MINIO_ILM_",
    "MINIO_KMS_",      "MINIO_LAMBDA_",  "MINIO_LOGGER_",     "MINIO_LOG_",
    "MINIO_NOTIFY_",   "MINIO_POLICY_",  "MINIO_PROMETHEUS_", "MINIO_SFTP",
    "MINIO_SITE_NAME", "MINIO_STS_",     "MINIO_SUBNET_",     "MINIO_WORM",
};

// What concerns MinIO's way of storing, its image or a cluster, and changes nothing that a user of
// Coffer relies on.
constexpr std::array kIgnored = {
    "MINIO_CALLHOME_",  "MINIO_CI_CD",      "MINIO_CONN_",         "MINIO_DNS_",
    "MINIO_DRIVE_",     "MINIO_ERASURE_",   "MINIO_FS_OSYNC",      "MINIO_GID",
    "MINIO_GROUPNAME",  "MINIO_HEAL_",      "MINIO_LISTENERS",     "MINIO_MAX_IDLE_CONNS_PER_HOST",
    "MINIO_MEMLIMIT",   "MINIO_PUBLIC_IPS", "MINIO_RECV_BUF_SIZE", "MINIO_ROOTDISK_",
    "MINIO_ROOTDRIVE_", "MINIO_SCANNER_",   "MINIO_SEND_BUF_SIZE", "MINIO_STORAGE_CLASS_",
    "MINIO_SYNC_BOOT",  "MINIO_UID",        "MINIO_UPDATE",        "MINIO_USERNAME",
};

// Where a service is called "minio" or "coffer", Kubernetes and Docker links put its addresses into
// the environment: MINIO_SERVICE_HOST, MINIO_PORT, MINIO_PORT_9000_TCP_ADDR, …
bool IsServiceLink(std::string_view rest) {
    return rest == "PORT" || rest.starts_with("PORT_") || rest.starts_with("SERVICE_HOST") ||
           rest.starts_with("SERVICE_PORT");
}

template <size_t N>
bool StartsWithAny(std::string_view name, const std::array<const char*, N>& prefixes) {
    return std::ranges::any_of(prefixes, [&](const char* p) { return name.starts_with(p); });
}

std::string Transformed(std::string_view name, char separator, int (*convert)(int)) {
    std::string out(name);
    for (char& c : out)
        c = c == '_' ? separator : static_cast<char>(convert(static_cast<unsigned char>(c)));
    return out;
}

int ToUpper(int c) {
    return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}
int Same(int c) {
    return c;
}

}  // namespace

std::span<const Setting> Settings() {
    return Table();
}

const Setting* FindSetting(std::string_view name) {
    const auto found = std::ranges::find(Table(), name, &Setting::name);
    return found == Table().end() ? nullptr : &*found;
}

std::string FlagName(const Setting& setting) {
    return "--" + Transformed(setting.name, '-', &Same);
}

std::string VariableName(const Setting& setting) {
    return "COFFER_" + Transformed(setting.name, '_', &ToUpper);
}

std::vector<std::string> KnownVariables() {
    std::vector<std::string> known = {"COFFER_CONFIG_FILE", "COFFER_CONFIG_ENV_FILE",
                                      "MINIO_CONFIG_ENV_FILE", "COFFER_OPTS", "MINIO_OPTS"};
    for (const Setting& setting : Table()) {
        std::vector<std::string> names(setting.aliases.begin(), setting.aliases.end());
        names.push_back(VariableName(setting));
        for (std::string& name : names) {
            if (setting.by_file) known.push_back(name + "_FILE");
            known.push_back(std::move(name));
        }
    }
    return known;
}

VariableUse ClassifyVariable(std::string_view name) {
    const bool minio = name.starts_with("MINIO_");
    if (!minio && !name.starts_with("COFFER_")) return VariableUse::kNone;
    static const std::vector<std::string> known = KnownVariables();
    if (std::ranges::find(known, name) != known.end()) return VariableUse::kSetting;
    if (IsWebhookVariable(name)) return VariableUse::kSetting;
    if (IsServiceLink(name.substr(name.find('_') + 1))) return VariableUse::kIgnored;
    if (minio && StartsWithAny(name, kIgnored)) return VariableUse::kIgnored;
    if (minio && StartsWithAny(name, kNotOffered)) return VariableUse::kNotOffered;
    return VariableUse::kUnknown;
}

std::string Nearest(std::string_view word, std::span<const std::string> candidates) {
    std::string best;
    size_t best_distance = 3;  // two slips of the finger, no more
    for (const std::string& candidate : candidates) {
        // Levenshtein's distance, one row of its table at a time.
        std::vector<size_t> row(candidate.size() + 1);
        std::iota(row.begin(), row.end(), size_t{0});
        for (size_t i = 1; i <= word.size(); ++i) {
            size_t diagonal = std::exchange(row[0], i);
            for (size_t j = 1; j <= candidate.size(); ++j) {
                const size_t substituted = diagonal + (word[i - 1] == candidate[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
            }
        }
        if (row.back() < best_distance) {
            best_distance = row.back();
            best = candidate;
        }
    }
    return best;
}

}  // namespace coffer::app
