#include "coffer/app/control_client.h"

#include "coffer/codec/json.h"

namespace coffer::app {

Result<http::FetchResult> AskServer(const std::string& socket, const std::string& method,
                                    const std::string& target, std::string body) {
    http::FetchOptions options;
    options.method = method;
    options.body = std::move(body);
    options.unix_path = socket;
    options.timeout = std::chrono::minutes(5);
    options.body_limit_bytes = 64_MiB;  // events and findings of a scrub can have long keys
    TRY(http::FetchResult answer, http::Fetch("http://localhost" + target, options));
    if (answer.status < 300) return answer;
    const auto json = codec::ParseJson(answer.body);
    const codec::JsonValue* const error = json ? json.value().Find("error") : nullptr;
    const std::string* const message = error == nullptr ? nullptr : error->AsString();
    return Error(ErrorKind::kInvalid,
                 message != nullptr ? *message : "the server answered: " + answer.body);
}

}  // namespace coffer::app
