// A canonical request is its own canonical form, and whatever stands in a header or a query is
// taken apart without harm.
#include "coffer/codec/ascii.h"
#include "coffer/codec/sigv4.h"

#include "fuzz/fuzz.h"

namespace coffer::fuzz {
namespace {

std::string_view Line(std::string_view text, size_t number) {
    return codec::Split(text, '\n')[number];
}

void CheckSignature(const codec::SigV4Signature& signature) {
    COFFER_CHECK(!signature.credential.access_key.empty());
    COFFER_CHECK(signature.credential.date.size() == 8);
    COFFER_CHECK(!signature.signed_headers.empty());
}

}  // namespace

// Three lines: a target, an Authorization header, a header's value.
void Fuzz(std::string_view input) {
    auto lines = codec::Split(input, '\n');
    lines.resize(3);
    const codec::Target target = codec::SplitTarget(lines[0]);
    if (const auto signature = codec::ParseSigV4Authorization(lines[1])) {
        CheckSignature(signature.value());
    }
    const auto query = codec::Query::Parse(target.query.value_or(""));
    if (!query) return;
    if (const auto presigned = codec::ParseSigV4Query(query.value())) {
        CheckSignature(presigned.value().signature);
        COFFER_CHECK(presigned.value().expires >= std::chrono::seconds(1));
        COFFER_CHECK(presigned.value().expires <= std::chrono::seconds(604'800));
    }
    const std::vector<std::string> names{"x-amz-meta-a"};
    const std::vector<codec::HeaderField> headers{{"X-Amz-Meta-A", lines[2]}};
    const auto canonical = codec::SigV4CanonicalRequest("GET", target.path, query.value(), headers,
                                                        names, "UNSIGNED-PAYLOAD");
    if (!canonical) return;
    const auto again_query = codec::Query::Parse(Line(canonical.value(), 2));
    COFFER_CHECK(again_query.has_value());
    const std::vector<codec::HeaderField> again_headers{
        {"x-amz-meta-a", Line(canonical.value(), 3).substr(names[0].size() + 1)}};
    const auto again =
        codec::SigV4CanonicalRequest("GET", Line(canonical.value(), 1), again_query.value(),
                                     again_headers, names, "UNSIGNED-PAYLOAD");
    COFFER_CHECK(again.has_value());
    COFFER_CHECK(again.value() == canonical.value());
}

}  // namespace coffer::fuzz
