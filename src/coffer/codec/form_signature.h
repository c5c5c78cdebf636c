// What the fields of an upload form say of who signed its policy, and what the signature must be.
// Pure functions; any thread may call them.
//
// Source: the Amazon S3 API Reference, "Creating an HTML form (using AWS Signature Version 4)" and
// "Authenticating requests in browser-based uploads using POST".
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "coffer/codec/post_policy.h"
#include "coffer/codec/sigv4.h"

namespace coffer::codec {

struct FormSignature {
    std::string_view policy;  // what is signed: the field as sent
    std::string_view access_key;
    std::string_view signature;  // as sent, of any form

    // Of version 4; version 2 has neither scope nor date.
    std::optional<SigV4Credential> credential = std::nullopt;
    Timestamp date{};
};

// The first field of that name, without regard to case; a view into `fields`.
std::optional<std::string_view> FindField(std::span<const FormField> fields, std::string_view name);

// Nothing where the form has neither policy nor signature. A view into `fields`. kInvalid
// "InvalidArgument", in S3's words, where one of both is missing, where fields of both versions are
// there, or where a field is malformed; "AuthorizationQueryParametersError" for the credential.
Result<std::optional<FormSignature>> ParseFormSignature(std::span<const FormField> fields);

// Whether the one who has `secret` signed it. Takes the same time for every wrong signature.
bool Verify(const FormSignature& signature, std::string_view secret);

}  // namespace coffer::codec
