#include "coffer/codec/form_signature.h"

#include <algorithm>
#include <utility>

#include "coffer/codec/ascii.h"
#include "coffer/codec/constant_time.h"
#include "coffer/codec/date.h"
#include "coffer/codec/sigv2.h"

namespace coffer::codec {
namespace {

Error InvalidArgument(std::string message) {
    return Error(ErrorKind::kInvalid, "InvalidArgument", std::move(message));
}

Result<std::string_view> Need(std::span<const FormField> fields, std::string_view name) {
    const auto value = FindField(fields, name);
    if (value && !value->empty()) return *value;
    return InvalidArgument("Bucket POST must contain a field named '" + std::string(name) +
                           "'.  If it is specified, please check the order of the fields.");
}

Result<FormSignature> ReadVersion4(std::span<const FormField> fields) {
    FormSignature signature;
    TRY(const std::string_view algorithm, Need(fields, "x-amz-algorithm"));
    if (algorithm != kSigV4Algorithm)
        return InvalidArgument("x-amz-algorithm only supports \"AWS4-HMAC-SHA256\"");
    TRY(const std::string_view credential, Need(fields, "x-amz-credential"));
    TRY(const std::string_view date, Need(fields, "x-amz-date"));
    TRY(signature.signature, Need(fields, "x-amz-signature"));
    TRY(signature.policy, Need(fields, "policy"));
    TRY(signature.credential, ParseSigV4Credential(credential, CredentialPlace::kQuery));
    const auto time = ParseBasicDate(date);
    if (!time || !date.starts_with(signature.credential->date))
        return InvalidArgument(
            "x-amz-date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\", and of the "
            "credential's day");
    signature.date = *time;
    signature.access_key = credential.substr(0, signature.credential->access_key.size());
    return signature;
}

Result<FormSignature> ReadVersion2(std::span<const FormField> fields) {
    FormSignature signature;
    TRY(signature.access_key, Need(fields, "AWSAccessKeyId"));
    TRY(signature.signature, Need(fields, "signature"));
    TRY(signature.policy, Need(fields, "policy"));
    return signature;
}

}  // namespace

std::optional<std::string_view> FindField(std::span<const FormField> fields,
                                          std::string_view name) {
    const auto found = std::ranges::find_if(
        fields, [&](const FormField& field) { return EqualsIgnoringCase(field.name, name); });
    if (found == fields.end()) return std::nullopt;
    return found->value;
}

Result<std::optional<FormSignature>> ParseFormSignature(std::span<const FormField> fields) {
    const auto has = [&](std::string_view name) { return FindField(fields, name).has_value(); };
    const bool v4 = has("x-amz-signature") || has("x-amz-algorithm") || has("x-amz-credential");
    const bool v2 = has("signature") || has("AWSAccessKeyId");
    if (v4 && v2) return InvalidArgument("Only one auth mechanism allowed in a form");
    if (v4) {
        TRY(FormSignature signature, ReadVersion4(fields));
        return std::optional(std::move(signature));
    }
    if (!v2 && !has("policy")) return std::nullopt;
    TRY(FormSignature signature, ReadVersion2(fields));
    return std::optional(std::move(signature));
}

bool Verify(const FormSignature& signature, std::string_view secret) {
    const std::string expected =
        signature.credential
            ? SigV4Sign(SigV4SigningKey(secret, *signature.credential), signature.policy)
            : SigV2Sign(secret, signature.policy);
    return EqualInConstantTime(expected, signature.signature);
}

}  // namespace coffer::codec
