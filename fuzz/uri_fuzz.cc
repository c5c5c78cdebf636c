// What was decoded is encoded so that it is decoded as the same bytes; a query's parts are all
// there, in their order.
#include "coffer/codec/uri.h"

#include "fuzz/fuzz.h"

namespace coffer::fuzz {
namespace {

void CheckQuery(std::string_view text) {
    const auto query = codec::Query::Parse(text);
    if (!query) return;
    std::string again;
    for (const codec::QueryParameter& parameter : query.value().parameters()) {
        COFFER_CHECK(text.find(parameter.raw) != text.npos);
        COFFER_CHECK(parameter.has_value || parameter.value.empty());
        if (!again.empty()) again += '&';
        again += codec::PercentEncode(parameter.name);
        if (parameter.has_value) again += "=" + codec::PercentEncode(parameter.value);
    }
    const auto reread = codec::Query::Parse(again);
    COFFER_CHECK(reread.has_value());
    const auto& a = query.value().parameters();
    const auto& b = reread.value().parameters();
    COFFER_CHECK(a.size() == b.size());
    for (size_t i = 0; i < a.size(); ++i) {
        COFFER_CHECK(a[i].name == b[i].name && a[i].value == b[i].value);
        COFFER_CHECK(a[i].has_value == b[i].has_value);
    }
}

}  // namespace

void Fuzz(std::string_view input) {
    const codec::Target target = codec::SplitTarget(input);
    COFFER_CHECK(target.path.find('?') == target.path.npos);
    COFFER_CHECK(target.path.size() + (target.query ? target.query->size() + 1 : 0) ==
                 input.size());
    if (const auto path = codec::PercentDecode(target.path)) {
        for (const codec::Slash slash : {codec::Slash::kEncode, codec::Slash::kKeep}) {
            const std::string encoded = codec::PercentEncode(path.value(), slash);
            COFFER_CHECK(codec::PercentDecode(encoded).value() == path.value());
        }
    }
    if (target.query) CheckQuery(*target.query);
}

}  // namespace coffer::fuzz
