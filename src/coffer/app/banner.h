// What a server says for people when it has started.
#pragma once

#include <cstdint>
#include <string>

#include "coffer/app/config.h"

namespace coffer::app {

struct Listening {
    bool tls = false;
    uint16_t port = 0;
    uint16_t second_port = 0;  // 0: there is none
    std::string directory;
};

// Where S3 is, where metrics are, who the root user is and how to begin. Never a password that is a
// secret.
std::string Banner(const Config& config, const Listening& listening);

}  // namespace coffer::app
