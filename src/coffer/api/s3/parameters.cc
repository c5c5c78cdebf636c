#include "coffer/api/s3/parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "coffer/codec/ascii.h"
#include "coffer/service/uploads.h"

namespace coffer::api::s3 {
namespace {

Error InvalidArgument(std::string message) {
    return Error(ErrorKind::kInvalid, "InvalidArgument", std::move(message));
}

}  // namespace

Result<size_t> ParseCount(const S3Request& request, std::string_view name, size_t otherwise,
                          size_t limit) {
    const std::string_view text = request.Parameter(name).value_or("");
    if (text.empty()) return otherwise;
    // Beyond 2^31 - 1 is no integer to S3.
    int32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        return InvalidArgument(
            fmt::format("Provided {} not an integer or within integer range", name));
    }
    if (value < 0) {
        return InvalidArgument(
            fmt::format("Argument {} must be an integer between 0 and 2147483647", name));
    }
    return std::min(static_cast<size_t>(value), limit);
}

Result<std::string> ParseName(const S3Request& request, std::string_view name) {
    const std::string_view value = request.Parameter(name).value_or("");
    if (!codec::IsUtf8(value) || value.find('\0') != std::string_view::npos) {
        return InvalidArgument(fmt::format("{} is not UTF-8 text", name));
    }
    return std::string(value);
}

Result<std::string> ParseVersionId(std::string_view text) {
    if (text.empty()) return InvalidArgument("Version id cannot be the empty string");
    if (!service::IsVersionId(text)) return InvalidArgument("Invalid version id specified");
    return std::string(text);
}

Result<std::optional<std::string>> ParseVersionId(const S3Request& request) {
    const auto value = request.Parameter("versionId");
    if (!value) return std::nullopt;
    TRY(std::string version_id, ParseVersionId(*value));
    return std::optional<std::string>(std::move(version_id));
}

Result<int> ParsePartNumber(const S3Request& request) {
    const std::string_view text = request.Parameter("partNumber").value_or("");
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 1 ||
        value > service::kMaxPartNumber) {
        return InvalidArgument("Part number must be an integer between 1 and 10000, inclusive");
    }
    return value;
}

Result<bool> ParseEncodingType(const S3Request& request) {
    const std::string_view type = request.Parameter("encoding-type").value_or("");
    if (type.empty()) return false;
    if (!codec::EqualsIgnoringCase(type, "url"))
        return InvalidArgument("Invalid Encoding Method specified in Request");
    return true;
}

std::string EncodeName(std::string_view name, bool url) {
    return url ? codec::PercentEncode(name, kSlashInNames) : std::string(name);
}

}  // namespace coffer::api::s3
