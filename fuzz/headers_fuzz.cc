// Headers that were read from a row are written so that they are read as the same ones, and a text
// that a client sends comes back as it is, or is refused.
#include "coffer/catalog/columns.h"

#include "fuzz/fuzz.h"

namespace coffer::fuzz {
namespace {

void CheckRoundTrip(const catalog::ObjectHeaders& headers) {
    const std::string bytes = catalog::EncodeHeaders(headers).value();
    COFFER_CHECK(catalog::DecodeHeaders(bytes).value() == headers);
    const std::string owner = headers.acl ? headers.acl->owner : "";
    COFFER_CHECK(catalog::DecodeHeadersOwner(bytes).value() == owner);
}

}  // namespace

void Fuzz(std::string_view input) {
    (void)catalog::DecodeHeadersOwner(input);
    if (const auto headers = catalog::DecodeHeaders(input)) CheckRoundTrip(headers.value());

    catalog::ObjectHeaders sent;
    const size_t half = input.size() / 2;
    sent.user.emplace_back(input.substr(0, half), input.substr(half));
    const bool refused = input.find('\0') != input.npos;
    COFFER_CHECK(catalog::EncodeHeaders(sent).has_value() != refused);
    if (!refused) CheckRoundTrip(sent);
}

}  // namespace coffer::fuzz
