#include "coffer/service/authenticate_form.h"

#include <utility>

#include "coffer/codec/form_signature.h"

namespace coffer::service {
namespace {

Result<> CheckScope(const codec::FormSignature& signature, const AuthenticateOptions& options) {
    if (!signature.credential) {
        if (options.allow_sigv2) return Ok();
        return Error(ErrorKind::kInvalid, "InvalidRequest",
                     "The authorization mechanism you have provided is not supported. Please use "
                     "AWS4-HMAC-SHA256.");
    }
    const std::string& region = signature.credential->region;
    if (options.region.empty() || region == options.region) return Ok();
    return codec::MalformedCredential(
        codec::CredentialPlace::kQuery,
        "the region '" + region + "' is wrong; expecting '" + options.region + "'");
}

}  // namespace

Task<Result<FormIdentity>> AuthenticateForm(const std::vector<codec::FormField>& fields,
                                            Credentials& credentials,
                                            const AuthenticateOptions& options, Timestamp now) {
    FormIdentity form{.identity = {.actor = Anonymous()}};
    CO_TRY(const auto signature, codec::ParseFormSignature(fields));
    if (!signature) co_return form;
    CO_TRY(CheckScope(*signature, options));
    const auto token = codec::FindField(fields, "x-amz-security-token");
    CO_TRY(const Credentials::Found credential,
           co_await credentials.Find(signature->access_key, token.value_or("")));
    if (credential == nullptr) {
        co_return Error(ErrorKind::kDenied, "InvalidAccessKeyId",
                        "The AWS access key ID you provided does not exist in our records.");
    }
    if (!codec::Verify(*signature, credential->secret.Reveal())) {
        co_return Error(ErrorKind::kDenied, "SignatureDoesNotMatch",
                        "The request signature we calculated does not match the signature you "
                        "provided. Check your key and signing method.");
    }
    CO_TRY(CheckUsable(*credential, now));
    form.identity.actor = credential->actor;
    form.identity.auth_type = AuthType::kSigV2Form;
    if (signature->credential) {
        form.identity.auth_type = AuthType::kSigV4Form;
        form.identity.signed_at = signature->date;
    }
    CO_TRY(form.policy, codec::PostPolicy::Parse(signature->policy));
    co_return form;
}

}  // namespace coffer::service
