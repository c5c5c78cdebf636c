// The two ports of a server, S3's and that of health, metrics and the console, and what answers
// there.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "coffer/api/minio/request_stats.h"
#include "coffer/app/config.h"
#include "coffer/app/data_directory.h"
#include "coffer/app/services.h"
#include "coffer/app/storage.h"
#include "coffer/http/server.h"
#include "coffer/runtime/blocking_pool.h"
#include "coffer/runtime/metrics.h"

namespace coffer::app {

class Ports {
  public:
    // All outlive it.
    Ports(const Config& config, os::FileSystem& files, const DataDirectory& directory,
          Storage& storage, Services& services, runtime::Registry& registry);
    ~Ports();

    // Once. A console's port that nobody asked for by name may be in use: then S3's serves what it
    // would.
    Result<> Listen();

    // Both end at once, each after at most `grace`. Blocks.
    void Stop(std::chrono::milliseconds grace);

    void Collect(runtime::Exposition& page) const;

    // As they are since Listen.
    bool tls() const { return s3_server_->tls(); }
    uint16_t port() const { return s3_server_->port(); }
    uint16_t second_port() const { return second_server_ == nullptr ? 0 : second_server_->port(); }

  private:
    std::string Label() const;
    http::ServerOptions OptionsFor(const std::string& host, uint16_t port) const;
    void MakeHandlers();
    Result<> ListenOnSecondPort();

    const Config& config_;
    os::FileSystem& files_;
    const DataDirectory& directory_;
    Storage& storage_;
    Services& services_;
    runtime::Registry& registry_;
    // One thread, since each payload of the admin API takes 64 MiB while it is decrypted.
    runtime::BlockingPool secrets_{"secrets", 1, 64};
    api::minio::RequestStats requests_;
    std::unique_ptr<http::Handler> s3_;
    std::unique_ptr<http::Handler> admin_;
    std::unique_ptr<http::Handler> minio_;
    std::unique_ptr<http::Handler> minio_cors_;
    std::unique_ptr<http::Handler> iam_;
    std::unique_ptr<http::Handler> s3_port_;
    std::unique_ptr<http::Handler> second_port_;
    std::unique_ptr<http::Server> s3_server_;
    std::unique_ptr<http::Server> second_server_;
};

}  // namespace coffer::app
