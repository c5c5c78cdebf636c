// Rules that were read are written so that they are read as the same rules, and what they answer is
// an origin that was asked for.
#include "coffer/codec/cors.h"

#include "fuzz/fuzz.h"

namespace coffer::fuzz {

void Fuzz(std::string_view input) {
    const auto rules = codec::ParseCors(input);
    if (!rules) return;
    COFFER_CHECK(codec::ParseCors(codec::WriteCors(rules.value())).value() == rules.value());
    const std::string_view origin = input.substr(0, 20);
    for (const std::string_view method : {"GET", "PUT", "OPTIONS"}) {
        const auto answer = codec::AnswerCors(
            rules.value(), {.origin = origin, .method = method, .headers = {"a"}});
        if (answer)
            COFFER_CHECK(answer->allow_origin == (answer->allow_credentials ? origin : "*"));
    }
    codec::ParseRequestHeaders(input);
}

}  // namespace coffer::fuzz
