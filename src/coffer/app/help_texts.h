// What `coffer --help` says besides the options: first steps, and examples of each command.
#pragma once

#include <string_view>

namespace coffer::app {

inline constexpr std::string_view kAbout =
    "Coffer: an S3 server for one machine, which takes the place of MinIO.";

inline constexpr std::string_view kFirstSteps = R"(
First steps:
  coffer server /data                 S3 on http://localhost:9000, everything kept in /data
  coffer server --help                examples, settings, environment
  coffer scrub /data                  read everything back, and mend what can be mended
  coffer account create /data team-b  another account, with buckets of its own
  coffer events /data                 what webhooks are told, and what they have not taken
  coffer bootstrap /data all.yaml     have the buckets, users and policies that a file declares
  coffer config show                  every setting, its value, and where it came from
)";

inline constexpr std::string_view kServerExamples = R"(
Examples:
  coffer server /data
      S3 on port 9000 with the well-known credentials minioadmin/minioadmin, for a first look.

  COFFER_ROOT_USER=admin COFFER_ROOT_PASSWORD_FILE=/run/secrets/root coffer server /data
      With credentials of your own, the password from a file.

  coffer server --address 127.0.0.1:9000 --console-address 127.0.0.1:9001 /data
      For this machine only.

  coffer server --certs-dir /etc/coffer/certs /data
      Over TLS, with public.crt and private.key from that directory. They are read again when they change.

  mkdir -p /data/photos && coffer server /data
      With a bucket "photos" from the start.

Settings:
  Flags count more than the environment, which counts more than the TOML file of --config. Each setting has one name:
  console_address in the file, COFFER_CONSOLE_ADDRESS in the environment, --console-address here. Variables of MinIO
  (MINIO_ROOT_USER, MINIO_VOLUMES, MINIO_OPTS, ...) work too. `coffer config show` takes the same flags.

Ends with: 0 after SIGTERM or SIGINT, 1 when it can't start or go on, 2 when the command line or the configuration is
wrong, 3 when the directory can't be used. A second signal ends it at once.
)";

inline constexpr std::string_view kHealthExamples = R"(
Examples:
  coffer health
  coffer health https://localhost:9000/minio/health/live --insecure
  In a compose file:  healthcheck: {test: ["CMD", "coffer", "health"]}

Ends with: 0 when the answer is 200, 1 when it is not, or when there is none.
)";

inline constexpr std::string_view kScrubExamples = R"(
Examples:
  coffer scrub /data
      By the server of /data where one runs, at full speed; else this command opens /data itself.

  coffer scrub /data --read-only --json
      Says what is wrong, and changes nothing.

  coffer scrub /data --rate 50MiB
      At most 50 MiB a second.

  coffer scrub /data --status
      How far it is, and what the last one found. --pause, --resume and --cancel are the server's.

A scrub that is cut off goes on where it was the next time; --restart begins again.

Ends with: 0 when everything is as it was written, 1 when damage was found (mended or not) or it could not be done, 2 when
the command line is wrong, 3 when the directory can't be used.
)";

inline constexpr std::string_view kAccountExamples = R"(
Examples:
  coffer account create /data team-b
      Prints the account's id, access key and secret key. The secret is not shown again.

  coffer account list /data
      All accounts: id, name, and the canonical id that ACLs know it by.

  coffer account remove /data team-b
      Refused while it owns buckets.

Each by the server of /data where one runs; else the command opens /data itself, with COFFER_MASTER_KEY where the server
has that.

Ends with: 0 when it is done, 1 when it was refused or failed, 2 when the command line is wrong, 3 when DIR is no data
directory.
)";

inline constexpr std::string_view kEventsExamples = R"(
Examples:
  coffer events /data
      Each webhook: how many events wait for it, how many it has taken, and why the last attempt failed.

  coffer events /data list --json
      The events that were given up, one a line, with what was to be sent.

  coffer events /data replay --target orders
      Sends those of one webhook again. They come after all that wait.

  coffer events /data drop --id 4711
      Drops one. --all drops all of them, --target those of a webhook; with --waiting those that wait for it, too.

Ends with: 0 when it was done, 1 when it could not be, 2 when the command line is wrong, 3 when the directory can't be used.
)";

inline constexpr std::string_view kBootstrapExamples = R"(
Examples:
  coffer bootstrap /data bootstrap.yaml --dry-run
      Shows what would change, and changes nothing.

  coffer bootstrap /data bootstrap.yaml
      Has the policies, groups, users and buckets that the file declares. What it does not declare stays as it is.

  coffer server --bootstrap bootstrap.yaml /data
      The same at each start of the server, before it takes requests.

  bootstrap.yaml:
      buckets:
        photos:
          versioning: enabled
          lifecycle: [{Status: Enabled, Filter: {Prefix: tmp/}, Expiration: {Days: 7}}]
      users:
        app: {secret_key_file: /run/secrets/app, policies: [readwrite]}

By the server of /data where one runs; else the command opens /data itself.

Ends with: 0 when everything is as declared, or the dry run is done, 1 when something was refused or failed (what was
changed before stays), 2 when the file or the command line is wrong, 3 when DIR is no data directory.
)";

}  // namespace coffer::app
