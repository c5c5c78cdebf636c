// A form has the same parts, or fails with the same message, however it comes in pieces; and what
// is written here is read as what it was.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "coffer/codec/multipart_form.h"

#include "fuzz/fuzz.h"

namespace coffer::fuzz {
namespace {

using codec::MultipartForm;

struct Outcome {
    std::string end;
    std::vector<std::pair<std::string, std::string>> parts;

    bool operator==(const Outcome&) const = default;
};

Outcome Read(std::string_view body, size_t piece) {
    auto form = MultipartForm::ForContentType("multipart/form-data; boundary=b");
    COFFER_CHECK(form);
    Outcome outcome;
    size_t begin = 0;
    size_t arrived = 0;
    while (true) {
        const std::string_view input = body.substr(begin, arrived - begin);
        const auto step = form->Next(input);
        if (!step) {
            outcome.end = step.error().message();
            return outcome;
        }
        COFFER_CHECK(step.value().consumed <= input.size());
        begin += step.value().consumed;
        switch (step.value().event) {
            case MultipartForm::Event::kMore:
                COFFER_CHECK(input.size() < MultipartForm::kMaxNeededBytes ||
                             step.value().consumed > 0);
                if (arrived == body.size()) return outcome;
                arrived = std::min(arrived + piece, body.size());
                break;
            case MultipartForm::Event::kPart:
                outcome.parts.emplace_back(form->part().name, std::string());
                break;
            case MultipartForm::Event::kData:
                COFFER_CHECK(!step.value().data.empty());
                outcome.parts.back().second += step.value().data;
                break;
            case MultipartForm::Event::kPartEnd:
                break;
            case MultipartForm::Event::kEnd:
                outcome.end = "end";
                return outcome;
        }
    }
}

}  // namespace

// The first byte says in which pieces the body comes.
void Fuzz(std::string_view input) {
    if (input.empty()) return;
    const size_t piece = static_cast<unsigned char>(input[0]) % 64 + 1;
    const std::string_view body = input.substr(1);
    const Outcome whole = Read(body, body.size() + 1);
    const Outcome pieces = Read(body, piece);
    // What ends early may have given more or less of its last part.
    COFFER_CHECK(whole.end == pieces.end);
    COFFER_CHECK(whole.end.empty() || whole == pieces);
    MultipartForm::ForContentType(input);

    if (body.find("\r\n--b") != body.npos) return;
    const Outcome written = Read("--b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n" +
                                     std::string(body) + "\r\n--b--",
                                 piece);
    COFFER_CHECK(written.end == "end" && written.parts.size() == 1);
    COFFER_CHECK(written.parts[0] == std::pair(std::string("n"), std::string(body)));
}

}  // namespace coffer::fuzz
