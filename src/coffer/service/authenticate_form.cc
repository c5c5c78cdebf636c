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

Result<FormIdentity> AuthenticateForm(const std::vector<codec::FormField>& fields,
                                      const Credentials& credentials,
                                      const AuthenticateOptions& options) {
    FormIdentity form;
    TRY(const auto signature, codec::ParseFormSignature(fields));
    if (!signature) return form;
    TRY(CheckScope(*signature, options));
    const Secret* const secret = credentials.Find(signature->access_key);
    if (secret == nullptr) {
        return Error(ErrorKind::kDenied, "InvalidAccessKeyId",
                     "The AWS access key ID you provided does not exist in our records.");
    }
    // There are no temporary credentials, so a token belongs to none.
    if (codec::FindField(fields, "x-amz-security-token")) {
        return Error(ErrorKind::kInvalid, "InvalidToken",
                     "The provided token is malformed or otherwise invalid.");
    }
    if (!codec::Verify(*signature, secret->Reveal())) {
        return Error(ErrorKind::kDenied, "SignatureDoesNotMatch",
                     "The request signature we calculated does not match the signature you "
                     "provided. Check your key and signing method.");
    }
    form.identity.principal = credentials.root();
    form.identity.auth_type = AuthType::kSigV2Form;
    if (signature->credential) {
        form.identity.auth_type = AuthType::kSigV4Form;
        form.identity.signed_at = signature->date;
    }
    TRY(form.policy, codec::PostPolicy::Parse(signature->policy));
    return form;
}

}  // namespace coffer::service
