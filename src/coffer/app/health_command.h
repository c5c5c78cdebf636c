// `coffer health`: for container checks, where there is no curl.
#pragma once

#include <chrono>
#include <string>

namespace coffer::app {

struct HealthRequest {
    std::string url;  // empty: /minio/health/ready of the server that this environment configures
    bool insecure = false;  // take any certificate
    std::chrono::milliseconds timeout{5000};
};

// Asks, says what is wrong on standard error, and returns the exit code: 0 for 200.
int RunHealth(const HealthRequest& request);

}  // namespace coffer::app
