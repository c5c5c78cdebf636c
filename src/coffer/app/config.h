// The configuration of a server: flags > environment > file > defaults, and where each value came
// from.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/api/s3/dialect.h"
#include "coffer/app/bootstrap/declaration.h"
#include "coffer/app/config_file.h"
#include "coffer/app/environment.h"
#include "coffer/app/settings.h"
#include "coffer/app/webhook_settings.h"
#include "coffer/base/log.h"
#include "coffer/base/result.h"
#include "coffer/base/secret.h"
#include "coffer/codec/ownership.h"
#include "coffer/codec/policy/anonymous_access.h"
#include "coffer/service/key_ring.h"

namespace coffer::app {

// What a command line said, or a variable that holds one (MINIO_OPTS).
struct Flags {
    std::map<std::string, std::string, std::less<>> values;  // by setting's name
    std::vector<std::string> directories;
    std::string config_file;
    std::string variable;  // that they stood in; empty: the command line
};

enum class Source : uint8_t { kDefault, kFile, kEnvironment, kFlag };
std::string_view ToString(Source source);

struct ResolvedSetting {
    const Setting* setting = nullptr;
    std::string value;  // of a secret too
    Source source = Source::kDefault;
    std::string origin;  // "--address", "MINIO_ADDRESS", "/etc/coffer.toml:3", "default"
};

struct Resolution {
    std::vector<ResolvedSetting> settings;  // in the order of Settings()
    std::vector<ResolvedWebhook> webhooks;  // by id
    std::optional<ResolvedBootstrap> bootstrap;
    std::vector<std::string> warnings;  // sentences for the log

    const ResolvedSetting& at(std::string_view name) const;
};

// Puts the variables of the file that COFFER_CONFIG_ENV_FILE or MINIO_CONFIG_ENV_FILE names over
// `environment`. Appends a warning where that is a bare name and there is no such file: images for
// MinIO set it so.
Result<> AddEnvFile(Environment& environment, std::vector<std::string>& warnings);

// Decides every setting. `flags`: those that count most first. Errors (kInvalid, or those of
// reading a file) name the source and say what would be right.
Result<Resolution> Resolve(std::span<const Flags> flags, const Environment& environment);

// Decides one setting as Resolve does, and reads nothing for others: the configuration file only
// where nothing before it says what this one is.
Result<ResolvedSetting> ResolveOne(std::string_view name, std::span<const Flags> flags,
                                   const Environment& environment);

struct Endpoint {
    std::string host;  // as given: numeric, a name, or empty for every address
    uint16_t port = 0;
    bool operator==(const Endpoint&) const = default;
};

// ":9000", "127.0.0.1:9000", "[::1]:9000", "localhost:9000".
Result<Endpoint> ParseEndpoint(std::string_view text);

// "on", "off", and what else people write for them.
Result<bool> ParseSwitch(std::string_view text);

// "30s", "1m30s", "500ms", "2h", "30d".
Result<std::chrono::milliseconds> ParseDuration(std::string_view text);

// "500", "64KiB", "16MiB", "1GiB": bytes.
Result<uint64_t> ParseByteSize(std::string_view text);

// A bucket to make at the start where it is missing, and what everybody may do with it then.
struct DefaultBucket {
    std::string name;
    codec::policy::AnonymousAccess access = codec::policy::AnonymousAccess::kNone;

    bool operator==(const DefaultBucket&) const = default;
};

// What is to be there from the start on, and the document that says so, with all secrets in it.
struct Bootstrap {
    bootstrap::Declaration declaration;
    codec::JsonValue document;
};

struct Config {
    std::string directory;  // empty where none was given
    Endpoint address;
    Endpoint console_address;
    bool console_wanted = true;
    bool console_address_given = false;
    std::string certs_dir;  // empty: plain HTTP
    std::string root_user;
    Secret root_password;
    std::vector<service::KeyRing::NamedKey> kms_keys;  // of one name the newest first
    std::string default_kms_key;                       // its name; empty: there is none
    bool sse_c_over_http = false;
    bool recreate_own_bucket = false;
    api::s3::Dialect dialect = api::s3::Dialect::kAws;
    codec::Ownership object_ownership = codec::Ownership::kBucketOwnerEnforced;  // of new buckets
    Secret master_key;                 // empty: the one in the data directory
    bool default_credentials = false;  // the well-known minioadmin, twice
    bool require_credentials = false;
    std::vector<DefaultBucket> default_buckets;
    std::string region;
    std::vector<std::string> domains;
    std::string server_url;
    bool sigv2 = true;
    std::vector<std::string> cors_allow_origin;
    bool metrics_public = false;
    std::chrono::milliseconds shutdown_timeout{};
    std::chrono::milliseconds idle_timeout{};
    std::chrono::milliseconds read_header_timeout{};
    std::chrono::milliseconds transfer_timeout{};
    std::chrono::milliseconds scrub_interval{};  // 0: the server does not scrub by itself
    uint64_t scrub_bytes_per_second = 0;
    std::chrono::milliseconds lifecycle_day{};
    std::vector<job::WebhookTarget> webhooks;
    std::map<std::string, std::string> webhooks_off;  // by id: the setting that switches it off
    std::optional<Bootstrap> bootstrap;
    std::chrono::milliseconds notify_dead_after{};
    LogFormat log_format = LogFormat::kText;
    LogLevel log_level = LogLevel::kInfo;
    bool quiet = false;
};

// The refusal of anything but one directory: where it came from, and what it was.
Error OneDirectory(std::string_view origin, std::string_view what);

// Reads the values' meaning; appends to `resolution.warnings`. kInvalid: the message names the
// setting, where it came from, and what would be right.
Result<Config> MakeConfig(Resolution& resolution, const Environment& environment);

}  // namespace coffer::app
