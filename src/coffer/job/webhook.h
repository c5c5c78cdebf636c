// A webhook: a URL that events are posted to.
//
// Source: MinIO's webhook targets, for how they are named and what they are sent.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "coffer/base/result.h"
#include "coffer/base/secret.h"

namespace coffer::job {

struct WebhookTarget {
    std::string id;           // as ARNs name it
    std::string endpoint;     // http or https
    Secret auth_token;        // empty: none is sent
    int64_t queue_limit = 0;  // how many events may wait before the log says so; 0: any number
    std::string client_cert;  // PEM files for https; both, or neither
    std::string client_key;
    std::chrono::milliseconds timeout{10'000};  // for an answer

    bool operator==(const WebhookTarget& other) const;
};

// Posts a document, JSON, with the token: as it is where it has two words ("Basic …"), else as a
// bearer's. Returns once the answer is a 2xx; a redirect is not followed. kUnavailable says what
// the answer was, or why there was none. Blocks for at most the timeout, and for looking up a name.
Result<> PostToWebhook(const WebhookTarget& target, const std::string& document,
                       const std::atomic<bool>& cancelled);

}  // namespace coffer::job
