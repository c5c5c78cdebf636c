#include "coffer/api/s3/find_object.h"

#include "coffer/api/s3/object_headers.h"
#include "coffer/api/s3/parameters.h"
#include "coffer/codec/date.h"

namespace coffer::api::s3 {
namespace {

Task<void> TellDeleteMarker(Call& call, const service::GetRequest& get) {
    const auto marker =
        co_await call.dependencies.objects.FindDeleteMarker(get.bucket, get.key, get.version_id);
    if (!marker) co_return;  // the error that there is says enough
    const bool there = marker.value().has_value();
    call.error_headers.Set("x-amz-delete-marker", there ? "true" : "false");
    if (!there) co_return;
    WriteVersionId(marker.value()->version_id, call.error_headers);
    if (!get.version_id) co_return;
    call.error_headers.Set("Last-Modified", codec::FormatHttpDate(marker.value()->modified));
    call.error_headers.Set("Allow", "DELETE");
}

}  // namespace

Task<Result<service::GetResult>> FindObject(Call& call, service::GetRequest get) {
    get.grounds = call.grounds;
    auto result = co_await call.dependencies.objects.Get(get);
    if (!result) {
        const std::string_view code = result.error().code();
        if (code == "NoSuchKey" || code == "MethodNotAllowed") co_await TellDeleteMarker(call, get);
    }
    co_return result;
}

Result<service::NamedObject> NamedBy(const Call& call) {
    TRY(auto version_id, ParseVersionId(call.request));
    return service::NamedObject{call.bucket(), call.key(), std::move(version_id), call.grounds};
}

}  // namespace coffer::api::s3
