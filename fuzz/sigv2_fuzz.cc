// A credential is what stands in the header or the query, and no line of a string to sign is lost.
#include <algorithm>

#include "coffer/codec/ascii.h"
#include "coffer/codec/sigv2.h"

#include "fuzz/fuzz.h"

namespace coffer::fuzz {

// Three lines: a target, an Authorization header, a header's value.
void Fuzz(std::string_view input) {
    auto lines = codec::Split(input, '\n');
    lines.resize(3);
    if (const auto signature = codec::ParseSigV2Authorization(lines[1])) {
        COFFER_CHECK("AWS " + signature.value().access_key + ":" + signature.value().signature ==
                     lines[1]);
    }
    const codec::Target target = codec::SplitTarget(lines[0]);
    const auto query = codec::Query::Parse(target.query.value_or(""));
    if (!query) return;
    std::string expires;
    if (const auto presigned = codec::ParseSigV2Query(query.value())) {
        expires = presigned.value().expires;
        COFFER_CHECK(std::to_string(ToMicros(presigned.value().expires_at) / 1'000'000).size() <=
                     expires.size());
    }
    const std::vector<codec::HeaderField> headers{{"x-amz-meta-a", lines[2]}};
    const std::string text =
        codec::SigV2StringToSign("GET", target.path, query.value(), headers, expires);
    COFFER_CHECK(std::ranges::count(text, '\n') >= 5);
    COFFER_CHECK(text.find(std::string("\nx-amz-meta-a:").append(codec::TrimSpaces(lines[2]))) !=
                 text.npos);
}

}  // namespace coffer::fuzz
