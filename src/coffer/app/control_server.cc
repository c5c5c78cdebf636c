#include "coffer/app/control_server.h"

#include <utility>

#include "coffer/app/account_requests.h"
#include "coffer/app/config.h"
#include "coffer/app/events_request.h"
#include "coffer/base/log.h"
#include "coffer/codec/uri.h"
#include "coffer/runtime/byte_stream.h"

namespace coffer::app {
namespace {

using codec::JsonValue;

constexpr size_t kMaxBootstrapBytes = 16_MiB;

http::Response Reply(int status, const JsonValue& body) {
    http::Response response;
    response.status = status;
    response.headers.Add("Content-Type", "application/json");
    response.body = codec::WriteJson(body);
    return response;
}

http::Response Refuse(int status, const std::string& message) {
    return Reply(status, JsonValue::Object{{"error", message}});
}

Result<job::ScrubRequest> ParseRequest(std::string_view query_text) {
    job::ScrubRequest request;
    TRY(const codec::Query query, codec::Query::Parse(query_text));
    if (const auto value = query.Get("repair")) request.repair = *value != "off";
    if (const auto value = query.Get("restart")) request.restart = *value == "on";
    if (const auto value = query.Get("rate")) {
        TRY(request.bytes_per_second, ParseByteSize(*value));
    }
    return request;
}

class ControlHandler final : public http::Handler {
  public:
    explicit ControlHandler(const ControlDependencies& dependencies)
        : scrubber_(dependencies.scrubber),
          accounts_(dependencies.accounts),
          events_(dependencies.events),
          bootstrap_(dependencies.bootstrap) {}

    Task<http::Response> Handle(http::Request& request) override {
        const codec::Target target = codec::SplitTarget(request.target);
        if (target.path == "/accounts")
            co_return co_await AnswerAccounts(request.method, target.query.value_or(""));
        if (target.path == "/events" || target.path.starts_with("/events/"))
            co_return co_await AnswerEvents(request.method, target);
        if (target.path == "/bootstrap" && request.method == "POST")
            co_return co_await AnswerBootstrap(request, target.query.value_or(""));
        co_return Answer(request.method, target.path, target.query.value_or(""));
    }

  private:
    // The views are of the request, which outlives the answer.
    Task<http::Response> AnswerAccounts(std::string_view method, std::string_view query_text) {
        const auto query = codec::Query::Parse(query_text);
        if (!query) co_return Refuse(400, query.error().message());
        const auto action = ParseAccountMethod(method);
        if (!action) co_return Refuse(404, "there is nothing of that name here");
        co_return AnswerWith(co_await PerformAccountRequest(
            accounts_, *action, std::string(query.value().Get("name").value_or(""))));
    }

    // The same.
    Task<http::Response> AnswerBootstrap(http::Request& request, std::string_view query_text) {
        const auto query = codec::Query::Parse(query_text);
        if (!query) co_return Refuse(400, query.error().message());
        const auto dry_run = ParseSwitch(query.value().Get("dry_run").value_or("off"));
        if (!dry_run) co_return Refuse(400, dry_run.error().message());
        const auto text = co_await runtime::ReadAll(*request.body, kMaxBootstrapBytes);
        if (!text) co_return Refuse(400, text.error().message());
        const auto document = codec::ParseJson(text.value());
        if (!document) co_return Refuse(400, document.error().message());
        auto declared = bootstrap::ParseDeclaration(document.value());
        if (!declared) co_return Refuse(400, declared.error().message());
        co_return AnswerWith(co_await bootstrap::Reconcile(bootstrap_, std::move(declared).value(),
                                                           dry_run.value()));
    }

    static http::Response AnswerWith(const Result<JsonValue>& done) {
        if (done) return Reply(200, done.value());
        const bool mistake =
            done.error().kind() != ErrorKind::kBusy && done.error().kind() != ErrorKind::kIo;
        return Refuse(mistake ? 400 : 503, done.error().message());
    }

    http::Response Answer(std::string_view method, std::string_view path, std::string_view query) {
        if (method == "GET" && path == "/scrub") return Status(200);
        if (method != "POST") return Refuse(404, "there is nothing of that name here");
        if (path == "/scrub") {
            const auto request = ParseRequest(query);
            if (!request) return Refuse(400, request.error().message());
            return Status(scrubber_.Begin(request.value()) ? 202 : 200);
        }
        if (path == "/scrub/pause") {
            scrubber_.Pause();
        } else if (path == "/scrub/resume") {
            scrubber_.Resume();
        } else if (path == "/scrub/cancel") {
            scrubber_.Cancel();
        } else {
            return Refuse(404, "there is nothing of that name here");
        }
        return Status(200);
    }

    Task<http::Response> AnswerEvents(std::string method, codec::Target target) {
        const auto request = EventsRequest::Parse(method, target.path, target.query.value_or(""));
        if (!request) co_return Refuse(400, request.error().message());
        auto answer = co_await PerformEvents(events_.core().database, events_.core().clock,
                                             request.value(), &events_);
        if (!answer) co_return Refuse(500, answer.error().message());
        co_return Reply(200, answer.value());
    }

    http::Response Status(int status) { return Reply(status, job::ToJson(scrubber_.status())); }

    job::Scrubber& scrubber_;
    service::Accounts& accounts_;
    job::EventDispatcher& events_;
    bootstrap::Target& bootstrap_;
};

}  // namespace

std::string ControlSocketPath(const std::string& own_directory) {
    return own_directory + "/control";
}

std::unique_ptr<http::Handler> NewControlHandler(const ControlDependencies& dependencies) {
    return std::make_unique<ControlHandler>(dependencies);
}

std::unique_ptr<http::Server> StartControlServer(runtime::Executors& executors,
                                                 http::Handler& handler, const std::string& path) {
    http::ServerOptions options;
    options.unix_path = path;
    options.max_connections = 64;
    auto server = std::make_unique<http::Server>(executors, handler, std::move(options));
    const Result<> started = server->Start();
    if (started) return server;
    Log(LogLevel::kWarning, "commands can't talk to this server: there is no control socket",
        {{"path", path}, {"error", started.error().message()}});
    return nullptr;
}

}  // namespace coffer::app
