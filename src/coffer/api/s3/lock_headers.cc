#include "coffer/api/s3/authorize.h"
#include "coffer/api/s3/lock_values.h"
#include "coffer/api/s3/object_lock.h"
#include "coffer/codec/ascii.h"
#include "coffer/codec/date.h"

namespace coffer::api::s3 {
namespace {

constexpr std::string_view kPrefix = "x-amz-object-lock-";
constexpr std::string_view kMode = "x-amz-object-lock-mode";
constexpr std::string_view kRetainUntil = "x-amz-object-lock-retain-until-date";
constexpr std::string_view kLegalHold = "x-amz-object-lock-legal-hold";

Error InvalidArgument(std::string message) {
    return Error(ErrorKind::kInvalid, "InvalidArgument", std::move(message));
}

Result<codec::ObjectLock> Parse(const S3Request& request) {
    codec::ObjectLock lock;
    const auto mode = request.Header(kMode);
    const auto until = request.Header(kRetainUntil);
    if (mode.has_value() != until.has_value()) {
        return InvalidArgument(
            "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied");
    }
    if (mode) {
        const auto parsed_mode = codec::ParseLockMode(*mode);
        if (!parsed_mode) return InvalidArgument("Unknown wormMode directive.");
        const auto parsed_until = codec::ParseRetainUntil(*until);
        if (!parsed_until)
            return InvalidArgument("The retain until date must be provided in ISO 8601 format");
        lock.retention = {*parsed_mode, *parsed_until};
    }
    if (const auto hold = request.Header(kLegalHold)) {
        if (*hold != "ON" && *hold != "OFF")
            return InvalidArgument("Legal Hold must be either of 'ON' or 'OFF'");
        lock.legal_hold = *hold == "ON";
    }
    return lock;
}

service::AccessRequest OnObject(const Call& call, std::string_view action) {
    return {.action = action, .bucket = call.bucket().text(), .key = call.key().bytes()};
}

}  // namespace

Task<Result<codec::ObjectLock>> ParseLockHeaders(const Call& call) {
    CO_TRY(const codec::ObjectLock lock, Parse(call.request));
    if (lock.retention) {
        CO_TRY(co_await Authorize(call, OnObject(call, "s3:PutObjectRetention")));
    }
    if (lock.legal_hold) {
        CO_TRY(co_await Authorize(call, OnObject(call, "s3:PutObjectLegalHold")));
    }
    co_return lock;
}

Result<> RefuseLockHeaders(const S3Request& request) {
    bool found = false;
    request.EachHeader(kPrefix, [&](std::string_view, std::string_view) { found = true; });
    if (!found) return Ok();
    return InvalidArgument("Object lock headers belong to the request that begins an upload.");
}

Task<void> WriteLockHeaders(const Call& call, const service::ObjectHeaders& found,
                            const std::optional<std::string>& version_id, http::Headers& reply) {
    const auto may = [&](std::string_view action) -> Task<bool> {
        service::AccessRequest access = OnObject(call, action);
        access.version_id = version_id;
        const auto grounds = co_await JudgeObject(call, std::move(access));
        co_return grounds&& grounds.value().Cover(found);
    };
    const codec::ObjectLock& lock = found.lock;
    if (lock.retention && co_await may("s3:GetObjectRetention")) {
        reply.Set(kMode, codec::LockModeName(lock.retention->mode));
        reply.Set(kRetainUntil, codec::FormatIso8601(lock.retention->until));
    }
    if (lock.legal_hold && co_await may("s3:GetObjectLegalHold"))
        reply.Set(kLegalHold, *lock.legal_hold ? "ON" : "OFF");
}

Task<bool> MayBypassGovernance(const Call& call, std::string_view key,
                               std::optional<std::string> version_id, codec::ObjectLock asked) {
    const auto bypass = call.request.Header("x-amz-bypass-governance-retention");
    if (!bypass || !codec::EqualsIgnoringCase(*bypass, "true")) co_return false;
    LockValues values(call.values, asked, call.dependencies.clock.Now());
    const Result<> may = co_await Authorize(call,
                                            {.action = "s3:BypassGovernanceRetention",
                                             .bucket = call.bucket().text(),
                                             .key = key,
                                             .version_id = std::move(version_id)},
                                            values);
    co_return may.has_value();
}

}  // namespace coffer::api::s3
