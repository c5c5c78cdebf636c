#include "coffer/app/server.h"

#include <fmt/format.h>
#include <netdb.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <optional>
#include <thread>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "coffer/api/cors.h"
#include "coffer/api/iam/handler.h"
#include "coffer/api/minio/admin/handler.h"
#include "coffer/api/minio/errors.h"
#include "coffer/api/minio/handler.h"
#include "coffer/api/minio/node_metrics.h"
#include "coffer/api/s3/handler.h"
#include "coffer/app/control_server.h"
#include "coffer/app/event_metrics.h"
#include "coffer/app/lifecycle_metrics.h"
#include "coffer/app/master_key.h"
#include "coffer/app/private_address.h"
#include "coffer/app/protocol_error.h"
#include "coffer/app/s3_port.h"
#include "coffer/app/scrub_metrics.h"
#include "coffer/app/server_metrics.h"
#include "coffer/app/services.h"
#include "coffer/app/storage.h"
#include "coffer/app/version.h"
#include "coffer/base/check.h"
#include "coffer/base/log.h"
#include "coffer/codec/uri.h"
#include "coffer/db/table.h"
#include "coffer/http/server.h"
#include "coffer/job/event_dispatcher.h"
#include "coffer/job/lifecycle.h"
#include "coffer/job/scrubber.h"
#include "coffer/runtime/executors.h"
#include "coffer/runtime/metrics.h"
#include "coffer/service/compactor.h"
#include "coffer/service/key_rotation.h"
#include "coffer/service/reclaimer.h"
#include "coffer/service/recovery.h"

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

Task<Result<>> MakeDefaultBuckets(service::Buckets& buckets, std::vector<DefaultBucket> wanted) {
    for (const auto& [name, access] : wanted) {
        CO_TRY(auto parsed, codec::BucketName::Parse(name));
        service::InitialSettings settings;
        std::string policy = codec::policy::AnonymousPolicy(access, name);
        if (!policy.empty())
            settings.documents.emplace_back(service::SettingKind::kPolicy, std::move(policy));
        const Result<> made = co_await buckets.Create(std::move(parsed), std::move(settings));
        if (made)
            Log(LogLevel::kInfo, "made a default bucket", {{"bucket", name}});
        else if (made.error().kind() != ErrorKind::kAlreadyExists)
            co_return made.error().Wrap("making bucket " + name);
    }
    co_return Ok();
}

Task<void> Recover(service::Core& core, std::promise<bool> done) {
    done.set_value(co_await service::RecoverInBackground(core));
}

Task<Result<>> HaveDeclared(bootstrap::Target& target, bootstrap::Declaration declared) {
    CO_TRY(co_await bootstrap::Reconcile(target, std::move(declared), false));
    co_return Ok();
}

}  // namespace

// Members are destroyed from the last to the first: handlers before services, services before the
// store and the catalogue, and the threads that all of them run on at the end.
struct Server::State {
    State(const Config& c, os::FileSystem& f, DataDirectory d)
        : config(c), files(f), directory(std::move(d)) {}

    runtime::Executors& executors();
    Result<> OpenServices();
    void StartScrubs();
    void StartLifecycle();
    void StartEvents();
    void StartControl();
    Result<> Listen();
    Result<> ListenOnSecondPort(const api::minio::MinioDependencies& dependencies);
    void AddCollectors();
    std::string Label() const;
    http::ServerOptions OptionsFor(const std::string& host, uint16_t port);

    const Config config;
    os::FileSystem& files;
    const DataDirectory directory;
    runtime::Registry registry;
    std::unique_ptr<Storage> storage;
    std::optional<codec::Seal> seal;  // by the master key
    // One thread, since each payload of the admin API takes 64 MiB while it is decrypted.
    runtime::BlockingPool secrets{"secrets", 1, 64};
    std::unique_ptr<Services> services;
    std::unique_ptr<service::KeyRotation> rotation;
    std::unique_ptr<service::Compactor> compactor;
    std::unique_ptr<job::Scrubber> scrubber;
    std::unique_ptr<job::Lifecycle> lifecycle;
    std::unique_ptr<job::EventDispatcher> events;
    std::future<bool> recovery;  // from a crash; whether nothing of it is left

    api::minio::RequestStats requests{registry};
    std::unique_ptr<http::Handler> s3;
    std::unique_ptr<http::Handler> minio;
    std::unique_ptr<http::Handler> iam;
    std::unique_ptr<http::Handler> admin;
    std::unique_ptr<http::Handler> second_port_handler;
    std::unique_ptr<http::Handler> minio_cors;
    std::unique_ptr<http::Handler> s3_port;
    std::unique_ptr<http::Server> s3_server;
    std::unique_ptr<http::Server> second_server;
    std::unique_ptr<http::Handler> control;
    std::unique_ptr<http::Server> control_server;
    bool opened = false;  // storage and services, and what a crash left is being looked for
    bool stopped = false;
};

runtime::Executors& Server::State::executors() {
    return storage->threads->executors;
}

Result<> Server::State::OpenServices() {
    TRY(storage, Storage::Open(files, directory, &registry));
    TRY(const codec::Seal master_key,
        OpenMasterKey(files, directory.own(), config.master_key, *storage->database));
    seal.emplace(master_key);
    storage->core.lifecycle = std::make_unique<service::LifecycleRules>(config.lifecycle_day);
    storage->core.notifications = std::make_unique<service::Notifications>(config.region);
    job::DeliveryLimits limits;
    limits.dead_after = config.notify_dead_after;
    events = std::make_unique<job::EventDispatcher>(storage->core, config.webhooks, limits);
    storage->encryptor.Unlock(
        service::KeyRing(master_key, config.kms_keys, config.default_kms_key));
    const service::KeyRing& ring = *storage->encryptor.ring();
    TRY(service::CheckUsedKeys(*storage->database, ring));
    rotation = std::make_unique<service::KeyRotation>(*storage->database, storage->encryptor, ring);
    services = std::make_unique<Services>(storage->core, config, *seal);
    TRY(services->accounts.Load());
    TRY(const std::vector<std::string> made,
        storage->directories.MakeBuckets(*storage->database, storage->clock.Now()));
    for (const std::string& name : made)
        Log(LogLevel::kInfo, "made a bucket of an empty directory", {{"bucket", name}});
    if (!config.default_buckets.empty()) {
        TRY(runtime::RunBlocking(executors(),
                                 MakeDefaultBuckets(services->buckets, config.default_buckets)));
    }
    if (config.bootstrap) {
        const Result<> had = runtime::RunBlocking(
            executors(), HaveDeclared(services->bootstrap, config.bootstrap->declaration));
        if (!had) return had.error().Wrap("the bootstrap could not be applied");
    }
    TRY(const bool crashed, service::BeginServing(*storage->database));

    storage->reclaimer.Start(executors().at(0).get_executor());
    auto* const compactable = dynamic_cast<store::Compactable*>(storage->store.get());
    COFFER_CHECK(compactable != nullptr);
    compactor = std::make_unique<service::Compactor>(
        *storage->database, *storage->store, *compactable, storage->gate, storage->reclaimer);
    compactor->Start(executors().at(0).get_executor());
    rotation->Start(executors().at(0).get_executor());
    if (crashed) {
        Log(LogLevel::kWarning,
            "the last server here did not end in good order; looking for what it left");
        std::promise<bool> done;
        recovery = done.get_future();
        boost::asio::co_spawn(executors().at(0).get_executor(),
                              Recover(storage->core, std::move(done)), boost::asio::detached);
    }
    return Ok();
}

// The server's own passes, and those that commands ask for.
void Server::State::StartScrubs() {
    job::ScrubSchedule schedule;
    schedule.interval = config.scrub_interval;
    schedule.bytes_per_second = config.scrub_bytes_per_second;
    schedule.busy = [this] { return storage->threads->disk.queued() > 0; };
    scrubber = std::make_unique<job::Scrubber>(storage->core, std::move(schedule));
    storage->damage.OnMark([this] { scrubber->Wake(); });
    scrubber->Start();
    registry.AddCollector(
        [this](runtime::Exposition& page) { CollectScrub(page, storage->core, *scrubber); });
}

void Server::State::StartLifecycle() {
    if (config.lifecycle_day != codec::kLifecycleDay)
        Log(LogLevel::kWarning,
            "a day of a lifecycle rule is shorter or longer than a day: this is for tests",
            {{"lifecycle_day_ms", config.lifecycle_day.count()}});
    lifecycle = std::make_unique<job::Lifecycle>(
        storage->core, [this] { return storage->threads->disk.queued() > 0; });
    lifecycle->Start(executors().at(0).get_executor());
    registry.AddCollector(
        [this](runtime::Exposition& page) { CollectLifecycle(page, *lifecycle); });
}

void Server::State::StartEvents() {
    events->Start(executors().at(0).get_executor());
    registry.AddCollector([this](runtime::Exposition& page) { CollectEvents(page, *events); });
}

void Server::State::StartControl() {
    control = NewControlHandler({*scrubber, services->accounts, *events, services->bootstrap});
    control_server = StartControlServer(executors(), *control, ControlSocketPath(directory.own()));
}

std::string Server::State::Label() const {
    const std::string& host = config.address.host;
    return fmt::format("{}:{}", host.empty() ? "127.0.0.1" : host, s3_server->port());
}

http::ServerOptions Server::State::OptionsFor(const std::string& host, uint16_t port) {
    http::ServerOptions options;
    options.host = host;
    options.port = port;
    options.certs_dir = config.certs_dir;
    options.buffers = &storage->threads->buffers;
    options.idle_timeout = config.idle_timeout;
    options.header_timeout = config.read_header_timeout;
    options.read_timeout = config.transfer_timeout;
    options.write_timeout = config.transfer_timeout;
    options.render_error = &RenderProtocolError;
    if (config.default_credentials) options.accept_peer = &AcceptPrivatePeer;
    return options;
}

Result<> Server::State::Listen() {
    api::s3::S3Options s3_options;
    s3_options.domains = config.domains;
    s3_options.region = config.region;
    s3_options.authenticate.region = config.region;
    s3_options.cors = api::ServerCorsRules(config.cors_allow_origin);
    s3_options.authenticate.allow_sigv2 = config.sigv2;
    s3_options.customer_keys_over_http = config.sse_c_over_http;
    s3_options.recreate_own_bucket = config.recreate_own_bucket;
    s3_options.dialect = config.dialect;
    s3_options.webhooks = services->bootstrap.webhooks;
    s3 = api::s3::NewS3Handler({services->buckets, services->objects, services->uploads,
                                services->access, services->cors, services->credentials,
                                services->accounts, storage->clock, requests,
                                std::move(s3_options)});
    api::minio::MinioOptions minio_options;
    minio_options.metrics_public = config.metrics_public;
    minio_options.server = [this] { return Label(); };
    service::AuthenticateOptions admin_authenticate;
    admin_authenticate.region = config.region;
    admin_authenticate.allow_sigv2 = false;
    admin = api::minio::NewAdminHandler(
        {storage->core, services->holders, services->policies, services->access_keys,
         services->buckets, services->access, services->credentials, storage->clock, secrets,
         std::move(admin_authenticate),
         api::minio::AdminServer{files, directory.path(), std::string(kVersion),
                                 storage->clock.Now(), [this] { return Label(); }}});
    const api::minio::MinioDependencies minio_dependencies{
        storage->core, services->credentials,   services->access, registry, requests,
        *admin,        std::move(minio_options)};
    minio = api::minio::NewMinioHandler(minio_dependencies);
    minio_cors =
        std::make_unique<api::CorsHandler>(*minio, api::ServerCorsRules(config.cors_allow_origin));
    iam = api::iam::NewIamHandler({services->holders, services->policies, services->access_keys,
                                   services->access, services->credentials, storage->clock,
                                   config.region});
    s3_port = std::make_unique<S3Port>(*s3, *minio_cors, *iam, config.domains);
    TRY(const std::string host, ResolveHost(config.address.host));
    s3_server = std::make_unique<http::Server>(executors(), *s3_port,
                                               OptionsFor(host, config.address.port));
    TRY(s3_server->Start());
    TRY(ListenOnSecondPort(minio_dependencies));
    AddCollectors();
    return Ok();
}

Result<> Server::State::ListenOnSecondPort(const api::minio::MinioDependencies& dependencies) {
    if (!config.console_wanted) return Ok();
    TRY(const std::string host, ResolveHost(config.console_address.host));
    second_port_handler = api::minio::NewSecondPortHandler(dependencies);
    http::ServerOptions options = OptionsFor(host, config.console_address.port);
    options.render_error = &api::minio::Problem;
    second_server =
        std::make_unique<http::Server>(executors(), *second_port_handler, std::move(options));
    const Result<> started = second_server->Start();
    if (started) return Ok();
    second_server.reset();
    // Nobody asked for this port by name, and S3 does not need it.
    if (config.console_address_given || started.error().kind() != ErrorKind::kAlreadyExists)
        return started.error();
    Log(LogLevel::kWarning,
        "health and metrics have no port of their own: it is in use; S3's serves them",
        {{"error", started.error().message()}});
    return Ok();
}

void Server::State::AddCollectors() {
    api::minio::AddNodeMetrics(registry, files, {std::string(kVersion), directory.path()});
    registry.AddCollector([this](runtime::Exposition& page) {
        CollectServer(page, *s3_server, "s3");
        if (second_server != nullptr) CollectServer(page, *second_server, "console");
        using enum runtime::SampleKind;
        page.Add(kGauge, "coffer_buffers_taken_bytes", "Memory that moves bodies now",
                 static_cast<double>(storage->threads->buffers.taken_bytes()));
        page.Add(kGauge, "coffer_buffers_limit_bytes", "The most memory that may move bodies",
                 static_cast<double>(storage->threads->buffers.limit_bytes()));
        page.Add(kGauge, "coffer_disk_queue_length", "Calls that wait for a disk thread",
                 static_cast<double>(storage->threads->disk.queued()));
        page.Add(kCounter, "coffer_catalogue_damaged_rows_total",
                 "Rows of the catalogue that did not match their checksum when they were read",
                 static_cast<double>(db::DamagedRows()));
        CollectPacks(page, dynamic_cast<const store::Compactable&>(*storage->store).GetPackStats(),
                     *compactor);
    });
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() {
    if (state_ != nullptr) Stop(std::chrono::milliseconds(0));
}

Result<std::unique_ptr<Server>> Server::Start(const Config& config, os::FileSystem& files,
                                              DataDirectory directory) {
    // A part that fails leaves the others to ~Server, which undoes what was begun.
    std::unique_ptr<Server> server(
        new Server(std::make_unique<State>(config, files, std::move(directory))));
    TRY(server->state_->OpenServices());
    server->state_->opened = true;
    server->state_->StartScrubs();
    server->state_->StartLifecycle();
    server->state_->StartEvents();
    server->state_->StartControl();
    TRY(server->state_->Listen());
    return server;
}

void Server::Stop(std::chrono::milliseconds grace) {
    State& state = *state_;
    if (std::exchange(state.stopped, true)) return;
    if (state.events != nullptr) state.events->DropListeners();
    // Both ports drain at once: neither waits for the other's patience to end.
    std::thread second([&] {
        if (state.second_server != nullptr) state.second_server->Stop(grace);
    });
    if (state.s3_server != nullptr) state.s3_server->Stop(grace);
    second.join();
    if (state.control_server != nullptr) state.control_server->Stop(std::chrono::milliseconds(0));
    if (state.lifecycle != nullptr) state.lifecycle->Stop();
    if (state.events != nullptr) state.events->Stop();
    if (state.scrubber != nullptr) state.scrubber->Stop();
    if (state.compactor != nullptr) state.compactor->Stop();
    if (state.rotation != nullptr) state.rotation->Stop();
    if (state.storage != nullptr) state.storage->reclaimer.Stop();
    const bool recovered = !state.recovery.valid() || state.recovery.get();
    if (!state.opened || !recovered) return;
    const Result<> ended =
        runtime::RunBlocking(state.executors(), service::EndServing(state.storage->core));
    if (!ended)
        Log(LogLevel::kWarning,
            "the catalogue was not left in good order; the next start looks after it",
            {{"error", ended.error().message()}});
}

bool Server::tls() const {
    return state_->s3_server->tls();
}
uint16_t Server::port() const {
    return state_->s3_server->port();
}
uint16_t Server::second_port() const {
    return state_->second_server == nullptr ? 0 : state_->second_server->port();
}

}  // namespace coffer::app
