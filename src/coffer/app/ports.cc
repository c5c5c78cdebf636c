#include "coffer/app/ports.h"

#include <fmt/format.h>
#include <netdb.h>

#include <atomic>
#include <thread>
#include <utility>

#include "coffer/api/cors.h"
#include "coffer/api/iam/handler.h"
#include "coffer/api/minio/admin/handler.h"
#include "coffer/api/minio/errors.h"
#include "coffer/api/minio/handler.h"
#include "coffer/api/s3/handler.h"
#include "coffer/app/private_address.h"
#include "coffer/app/protocol_error.h"
#include "coffer/app/s3_port.h"
#include "coffer/app/server_metrics.h"
#include "coffer/app/version.h"
#include "coffer/base/log.h"

namespace coffer::app {
namespace {

// A listener wants a number.
Result<std::string> ResolveHost(const std::string& host) {
    if (host.empty()) return host;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
    if (failed != 0)
        return Error(ErrorKind::kInvalid,
                     fmt::format("\"{}\" has no address: {}", host, ::gai_strerror(failed)));
    char text[NI_MAXHOST];
    const int written = ::getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof text, nullptr,
                                      0, NI_NUMERICHOST);
    ::freeaddrinfo(found);
    if (written != 0) return Error(ErrorKind::kInvalid, fmt::format("\"{}\" has no address", host));
    return std::string(text);
}

// While the credentials are the ones that everybody knows, nobody from outside gets in.
bool AcceptPrivatePeer(const http::Peer& peer) {
    if (IsPrivateAddress(peer.address)) return true;
    static std::atomic<int64_t> last_said{-1'000'000};
    const int64_t now = std::chrono::duration_cast<std::chrono::seconds>(
                            std::chrono::steady_clock::now().time_since_epoch())
                            .count();
    int64_t last = last_said.load();
    if (now - last >= 60 && last_said.compare_exchange_strong(last, now))
        Log(LogLevel::kWarning,
            "refused a client with a public address, as long as the credentials are the well-known "
            "ones; set COFFER_ROOT_USER and COFFER_ROOT_PASSWORD",
            {{"address", peer.address}});
    return false;
}

}  // namespace

Ports::Ports(const Config& config, os::FileSystem& files, const DataDirectory& directory,
             Storage& storage, Services& services, runtime::Registry& registry)
    : config_(config),
      files_(files),
      directory_(directory),
      storage_(storage),
      services_(services),
      registry_(registry),
      requests_(registry) {
    MakeHandlers();
}

Ports::~Ports() = default;

std::string Ports::Label() const {
    const std::string& host = config_.address.host;
    return fmt::format("{}:{}", host.empty() ? "127.0.0.1" : host, s3_server_->port());
}

http::ServerOptions Ports::OptionsFor(const std::string& host, uint16_t port) const {
    http::ServerOptions options;
    options.host = host;
    options.port = port;
    options.certs_dir = config_.certs_dir;
    options.buffers = &storage_.threads->buffers;
    options.idle_timeout = config_.idle_timeout;
    options.header_timeout = config_.read_header_timeout;
    options.read_timeout = config_.transfer_timeout;
    options.write_timeout = config_.transfer_timeout;
    options.render_error = &RenderProtocolError;
    if (config_.default_credentials) options.accept_peer = &AcceptPrivatePeer;
    return options;
}

void Ports::MakeHandlers() {
    api::s3::S3Options s3_options;
    s3_options.domains = config_.domains;
    s3_options.region = config_.region;
    s3_options.authenticate.region = config_.region;
    s3_options.cors = api::ServerCorsRules(config_.cors_allow_origin);
    s3_options.authenticate.allow_sigv2 = config_.sigv2;
    s3_options.customer_keys_over_http = config_.sse_c_over_http;
    s3_options.recreate_own_bucket = config_.recreate_own_bucket;
    s3_options.dialect = config_.dialect;
    s3_options.webhooks = services_.bootstrap.webhooks;
    s3_ = api::s3::NewS3Handler({services_.buckets, services_.objects, services_.uploads,
                                 services_.access, services_.cors, services_.credentials,
                                 services_.accounts, storage_.clock, requests_,
                                 std::move(s3_options)});
    service::AuthenticateOptions admin_authenticate;
    admin_authenticate.region = config_.region;
    admin_authenticate.allow_sigv2 = false;
    admin_ = api::minio::NewAdminHandler(
        {storage_.core, services_.holders, services_.policies, services_.access_keys,
         services_.buckets, services_.access, services_.credentials, storage_.clock, secrets_,
         std::move(admin_authenticate),
         api::minio::AdminServer{files_, directory_.path(), std::string(kVersion),
                                 storage_.clock.Now(), [this] { return Label(); }}});
    const api::minio::MinioDependencies minio_dependencies{
        storage_.core,
        services_.credentials,
        services_.access,
        registry_,
        requests_,
        *admin_,
        {.metrics_public = config_.metrics_public, .server = [this] { return Label(); }}};
    minio_ = api::minio::NewMinioHandler(minio_dependencies);
    minio_cors_ = std::make_unique<api::CorsHandler>(
        *minio_, api::ServerCorsRules(config_.cors_allow_origin));
    iam_ = api::iam::NewIamHandler({services_.holders, services_.policies, services_.access_keys,
                                    services_.access, services_.credentials, storage_.clock,
                                    config_.region});
    s3_port_ = std::make_unique<S3Port>(*s3_, *minio_cors_, *iam_, config_.domains);
    second_port_ = api::minio::NewSecondPortHandler(minio_dependencies);
}

Result<> Ports::Listen() {
    TRY(const std::string host, ResolveHost(config_.address.host));
    s3_server_ = std::make_unique<http::Server>(storage_.threads->executors, *s3_port_,
                                                OptionsFor(host, config_.address.port));
    TRY(s3_server_->Start());
    if (!config_.console_wanted) return Ok();
    return ListenOnSecondPort();
}

Result<> Ports::ListenOnSecondPort() {
    TRY(const std::string host, ResolveHost(config_.console_address.host));
    http::ServerOptions options = OptionsFor(host, config_.console_address.port);
    options.render_error = &api::minio::Problem;
    second_server_ = std::make_unique<http::Server>(storage_.threads->executors, *second_port_,
                                                    std::move(options));
    const Result<> started = second_server_->Start();
    if (started) return Ok();
    second_server_.reset();
    // Nobody asked for this port by name, and S3 does not need it.
    if (config_.console_address_given || started.error().kind() != ErrorKind::kAlreadyExists)
        return started.error();
    Log(LogLevel::kWarning,
        "health and metrics have no port of their own: it is in use; S3's serves them",
        {{"error", started.error().message()}});
    return Ok();
}

void Ports::Stop(std::chrono::milliseconds grace) {
    // Neither waits for the other's patience to end.
    std::thread second([&] {
        if (second_server_ != nullptr) second_server_->Stop(grace);
    });
    if (s3_server_ != nullptr) s3_server_->Stop(grace);
    second.join();
}

void Ports::Collect(runtime::Exposition& page) const {
    CollectServer(page, *s3_server_, "s3");
    if (second_server_ != nullptr) CollectServer(page, *second_server_, "console");
}

}  // namespace coffer::app
