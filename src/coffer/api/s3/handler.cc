#include "coffer/api/s3/handler.h"

#include <fmt/format.h>

#include <array>

#include "coffer/api/s3/authorize.h"
#include "coffer/api/s3/condition_values.h"
#include "coffer/api/s3/cors.h"
#include "coffer/api/s3/errors.h"
#include "coffer/api/s3/notification.h"
#include "coffer/api/s3/recording.h"
#include "coffer/api/s3/routes.h"
#include "coffer/base/log.h"
#include "coffer/base/random.h"
#include "coffer/codec/ascii.h"
#include "coffer/codec/hex.h"
#include "coffer/service/iam/names.h"

namespace coffer::api::s3 {
namespace {

std::string RandomHex(size_t bytes) {
    Bytes random(bytes);
    FillRandom(random);
    return codec::ToHex(random);
}

// What was wrong with credentials, in the terms of the metrics.
service::Rejection RejectionOf(std::string_view code) {
    if (code == "RequestTimeTooSkewed") return service::Rejection::kTimestamp;
    if (code == "MissingSecurityHeader" || code == "AuthorizationHeaderMalformed" ||
        code == "AuthorizationQueryParametersError") {
        return service::Rejection::kHeader;
    }
    return service::Rejection::kAuth;
}

class S3Handler final : public http::Handler {
  public:
    explicit S3Handler(S3Dependencies dependencies) : dependencies_(std::move(dependencies)) {}

    Task<http::Response> Handle(http::Request& request) override;

  private:
    Task<Result<service::Identity>> Identify(const S3Request& request, const Route& route,
                                             Timestamp now) const;
    Task<Result<>> Admit(Call& call, const Route& route, std::string_view initiator) const;
    Task<Error> HideAbsence(const Call& call, Error error) const;
    Task<Reply> Perform(const S3Request& request, const Route& route, std::string_view request_id,
                        service::RequestRecord& record, http::Headers& error_headers) const;
    http::Response Refuse(const http::Request& http, const Result<S3Request>& request,
                          const Error& error, std::string_view request_id,
                          service::RequestRecord& record) const;

    const S3Dependencies dependencies_;
    const std::string host_id_ = RandomHex(32);
};

Task<Result<service::Identity>> S3Handler::Identify(const S3Request& request, const Route& route,
                                                    Timestamp now) const {
    if (route.rule.anybody()) co_return service::Identity{.actor = service::Anonymous()};
    co_return co_await service::Authenticate(request.http(), request.query(),
                                             request.virtual_bucket(), dependencies_.credentials,
                                             dependencies_.options.authenticate, now);
}

// Whether the request may do what its route says, and by what.
Task<Result<>> S3Handler::Admit(Call& call, const Route& route, std::string_view initiator) const {
    const S3Request& request = call.request;
    const auto expected_owner = request.Header("x-amz-expected-bucket-owner");
    if (route.rule.asks_later()) {
        CO_TRY(co_await dependencies_.access.CheckSomeKey(call.actor(), call.bucket(),
                                                          expected_owner));
    } else if (!route.rule.anybody()) {
        service::AccessRequest access{
            .action = route.rule.action(request.Parameter("versionId").has_value()),
            .expected_owner = expected_owner,
            .initiator = initiator};
        if (request.scope() != Scope::kService) access.bucket = request.bucket().text();
        if (request.scope() == Scope::kObject) {
            access.key = request.key().bytes();
            access.version_id = request.Parameter("versionId");
        }
        CO_TRY(call.grounds, co_await JudgeObject(call, access));
        if (request.scope() == Scope::kService) call.grounds.reset();
    }
    co_return Ok();
}

// Who may not list a bucket does not learn what is not in it.
Task<Error> S3Handler::HideAbsence(const Call& call, Error error) const {
    if (call.request.scope() != Scope::kObject || error.kind() != ErrorKind::kNotFound ||
        (error.code() != "NoSuchKey" && error.code() != "NoSuchVersion")) {
        co_return error;
    }
    const Result<> may_list = co_await Authorize(call, {.action = "s3:ListBucket",
                                                        .bucket = call.request.bucket().text(),
                                                        .prefix = call.request.key().bytes()});
    if (may_list) co_return error;
    call.error_headers = http::Headers();  // they tell of what is there, too
    co_return may_list.error();
}

Task<Reply> S3Handler::Perform(const S3Request& request, const Route& route,
                               std::string_view request_id, service::RequestRecord& record,
                               http::Headers& error_headers) const {
    const Timestamp now = dependencies_.clock.Now();
    const auto identity = co_await Identify(request, route, now);
    if (!identity) {
        record.rejection = RejectionOf(identity.error().code());
        co_return identity.error();
    }
    RequestValues values(request, identity.value(), route.operation, dependencies_.options.region,
                         now);
    std::string initiator;  // the account that began the upload which the request is about
    if (request.scope() == Scope::kObject && request.Parameter("uploadId")) {
        auto upload = co_await dependencies_.uploads.Get(
            {request.bucket(), request.key(), std::string(*request.Parameter("uploadId"))});
        if (upload) {
            initiator = service::AccountOfArn(upload.value().initiator);
            values.ContinueUpload(std::move(upload.value().encryption));
        }
    }
    http::Body& body = *request.http().body;
    CountedBody counted(body, record.bytes_received);
    Call call{
        .dependencies = dependencies_,
        .request = request,
        .identity = identity.value(),
        .values = values,
        .operation = route.operation,
        .body = counted,
        .body_length = body.length(),
        .error_headers = error_headers,
        .origin = {.principal = PrincipalName(dependencies_.credentials, *identity.value().actor),
                   .address = request.http().peer.address,
                   .user_agent = request.http().headers.GetOr("user-agent", ""),
                   .request_id = request_id,
                   .host_id = host_id_}};
    for (int attempt = 1;; ++attempt) {
        if (const Result<> admitted = co_await Admit(call, route, initiator); !admitted) {
            if (admitted.error().kind() == ErrorKind::kDenied)
                record.rejection = service::Rejection::kAuth;
            co_return admitted.error();
        }
        Reply reply = co_await route.act(call);
        if (reply) co_return reply;
        // What allowed it was changed meanwhile, and it has done nothing: it is judged anew.
        const bool again = reply.error().code() == "OperationAborted" &&
                           record.bytes_received == 0 && attempt < kMostJudgements;
        if (!again) co_return co_await HideAbsence(call, reply.error());
        call.error_headers = http::Headers();
    }
}

http::Response S3Handler::Refuse(const http::Request& http, const Result<S3Request>& request,
                                 const Error& error, std::string_view request_id,
                                 service::RequestRecord& record) const {
    const S3Error described = Describe(error, dependencies_.options.dialect);
    record.code = described.code;
    record.canceled = error.kind() == ErrorKind::kClosed;
    if (described.status >= 500 && error.kind() != ErrorKind::kUnsupported) {
        Log(error.kind() == ErrorKind::kBusy ? LogLevel::kDebug : LogLevel::kError,
            "a request failed",
            {{"operation", record.api}, {"request_id", request_id}, {"error", error.ToString()}});
    }
    const bool parsed = request.has_value();
    return ErrorReply(described, {.bucket = parsed && request.value().scope() != Scope::kService
                                                ? std::string_view(request.value().bucket().text())
                                                : std::string_view(),
                                  .key = parsed && request.value().scope() == Scope::kObject
                                             ? std::string_view(request.value().key().bytes())
                                             : std::string_view(),
                                  .resource = codec::SplitTarget(http.target).path,
                                  .request_id = request_id,
                                  .host_id = host_id_,
                                  .with_body = http.method != "HEAD"});
}

Task<http::Response> S3Handler::Handle(http::Request& http) {
    const std::string request_id = fmt::format("{:016X}", RandomUint64());
    const auto request = S3Request::Parse(http, dependencies_.options.domains);
    const Route* route = request ? &FindRoute(request.value()) : nullptr;
    const bool names_bucket = request && request.value().scope() != Scope::kService;
    auto recording =
        std::make_unique<Recording>(dependencies_.observer, route ? route->operation : "Unknown",
                                    names_bucket ? request.value().bucket().text() : std::string());
    service::RequestRecord& record = recording->record();

    std::optional<Reply> reply;
    http::Headers error_headers;
    if (route != nullptr) {
        reply.emplace(co_await Perform(request.value(), *route, request_id, record, error_headers));
    } else {
        record.rejection = service::Rejection::kInvalid;
        reply.emplace(request.error());
    }
    http::Response response = reply->has_value()
                                  ? std::move(reply->value())
                                  : Refuse(http, request, reply->error(), request_id, record);
    if (!reply->has_value()) {
        for (const http::Header& header : error_headers)
            response.headers.Set(header.name, header.value);
    }
    response.headers.Set("Server", "Coffer");
    response.headers.Set("x-amz-request-id", request_id);
    response.headers.Set("x-amz-id-2", host_id_);
    if (http.method != "OPTIONS") {
        response.headers.Add("Vary", "Origin");
        if (http.headers.Has("Origin"))
            co_await AddCorsHeaders(dependencies_, http, request ? &request.value() : nullptr,
                                    response);
    }
    record.status = response.status;
    recording->FirstByte();

    if (const auto* text = std::get_if<std::string>(&response.body)) {
        record.bytes_sent = text->size();
    } else if (auto* stream = std::get_if<std::unique_ptr<ByteSource>>(&response.body)) {
        *stream = std::make_unique<RecordedBody>(
            std::move(*stream), response.content_length.value_or(0), std::move(recording));
    }
    co_return response;
}

}  // namespace

std::unique_ptr<http::Handler> NewS3Handler(S3Dependencies dependencies) {
    return std::make_unique<S3Handler>(std::move(dependencies));
}

}  // namespace coffer::api::s3
