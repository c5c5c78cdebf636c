#include "coffer/app/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <optional>
#include <thread>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "coffer/api/minio/node_metrics.h"
#include "coffer/app/control_server.h"
#include "coffer/app/event_metrics.h"
#include "coffer/app/lifecycle_metrics.h"
#include "coffer/app/master_key.h"
#include "coffer/app/ports.h"
#include "coffer/app/scrub_metrics.h"
#include "coffer/app/server_metrics.h"
#include "coffer/app/services.h"
#include "coffer/app/storage.h"
#include "coffer/app/version.h"
#include "coffer/base/check.h"
#include "coffer/base/log.h"
#include "coffer/db/table.h"
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
    void AddCollectors();

    const Config config;
    os::FileSystem& files;
    const DataDirectory directory;
    runtime::Registry registry;
    std::unique_ptr<Storage> storage;
    std::optional<codec::Seal> seal;  // by the master key
    std::unique_ptr<Services> services;
    std::unique_ptr<service::KeyRotation> rotation;
    std::unique_ptr<service::Compactor> compactor;
    std::unique_ptr<job::Scrubber> scrubber;
    std::unique_ptr<job::Lifecycle> lifecycle;
    std::unique_ptr<job::EventDispatcher> events;
    std::future<bool> recovery;  // whether nothing is left to recover

    std::unique_ptr<Ports> ports;
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
        storage->directories.MakeBuckets(*storage->database, storage->clock.Now(),
                                         config.object_ownership));
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
    TRY(const service::LastEnd last, service::BeginServing(*storage->database));

    storage->reclaimer.Start(executors().at(0).get_executor());
    auto* const compactable = dynamic_cast<store::Compactable*>(storage->store.get());
    COFFER_CHECK(compactable != nullptr);
    compactor = std::make_unique<service::Compactor>(
        *storage->database, *storage->store, *compactable, storage->gate, storage->reclaimer);
    compactor->Start(executors().at(0).get_executor());
    rotation->Start(executors().at(0).get_executor());
    if (last != service::LastEnd::kInOrder) {
        Log(LogLevel::kWarning,
            last == service::LastEnd::kCrashed
                ? "the last server here did not end in good order; looking for what it left"
                : "the last server here could not look at all that is stored; looking again for "
                  "unfinished writes");
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

Result<> Server::State::Listen() {
    ports = std::make_unique<Ports>(config, files, directory, *storage, *services, registry);
    TRY(ports->Listen());
    AddCollectors();
    return Ok();
}

void Server::State::AddCollectors() {
    api::minio::AddNodeMetrics(registry, files, {std::string(kVersion), directory.path()});
    registry.AddCollector([this](runtime::Exposition& page) {
        ports->Collect(page);
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
    if (state.ports != nullptr) state.ports->Stop(grace);
    if (state.control_server != nullptr) state.control_server->Stop(std::chrono::milliseconds(0));
    if (state.lifecycle != nullptr) state.lifecycle->Stop();
    if (state.events != nullptr) state.events->Stop();
    if (state.scrubber != nullptr) state.scrubber->Stop();
    if (state.compactor != nullptr) state.compactor->Stop();
    if (state.rotation != nullptr) state.rotation->Stop();
    if (state.storage != nullptr) state.storage->reclaimer.Stop();
    const bool recovered = !state.recovery.valid() || state.recovery.get();
    if (!state.opened) return;
    const Result<> ended = runtime::RunBlocking(
        state.executors(), service::EndServing(state.storage->core, recovered));
    if (!ended)
        Log(LogLevel::kWarning,
            "the catalogue was not left in good order; the next start looks after it",
            {{"error", ended.error().message()}});
}

bool Server::tls() const {
    return state_->ports->tls();
}
uint16_t Server::port() const {
    return state_->ports->port();
}
uint16_t Server::second_port() const {
    return state_->ports->second_port();
}

}  // namespace coffer::app
