#include "coffer/job/webhook.h"

#include <fmt/format.h>

#include "coffer/codec/ascii.h"
#include "coffer/codec/constant_time.h"
#include "coffer/http/client.h"

namespace coffer::job {
namespace {

std::string Authorization(const Secret& token) {
    const std::string_view text = codec::TrimSpaces(token.Reveal());
    const bool has_scheme = text.find(' ') != std::string_view::npos;
    return has_scheme ? std::string(text) : "Bearer " + std::string(text);
}

}  // namespace

bool WebhookTarget::operator==(const WebhookTarget& other) const {
    return id == other.id && endpoint == other.endpoint &&
           codec::EqualInConstantTime(auth_token.Reveal(), other.auth_token.Reveal()) &&
           queue_limit == other.queue_limit && client_cert == other.client_cert &&
           client_key == other.client_key && timeout == other.timeout;
}

Result<> PostToWebhook(const WebhookTarget& target, const std::string& document,
                       const std::atomic<bool>& cancelled) {
    http::FetchOptions options;
    options.method = "POST";
    options.headers.Add("Content-Type", "application/json");
    if (!target.auth_token.empty())
        options.headers.Add("Authorization", Authorization(target.auth_token));
    options.body = document;
    options.timeout = target.timeout;
    options.tls.certificate = target.client_cert;
    options.tls.key = target.client_key;
    options.with_body = false;  // nobody reads it
    options.cancelled = &cancelled;
    const auto answer = http::Fetch(target.endpoint, options);
    if (!answer) return Error(ErrorKind::kUnavailable, answer.error().message());
    const int status = answer.value().status;
    if (status >= 200 && status < 300) return Ok();
    const std::string_view why =
        status >= 300 && status < 400 ? ", and redirects are not followed" : "";
    return Error(ErrorKind::kUnavailable,
                 fmt::format("it answered {} {}{}", status, http::ReasonPhrase(status), why));
}

}  // namespace coffer::job
