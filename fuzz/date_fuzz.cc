// A date that was read is written so that it is read as the same moment, in each form as exactly as
// the form is.
#include "coffer/codec/date.h"

#include "fuzz/fuzz.h"

namespace coffer::fuzz {
namespace {

using std::chrono::floor;
using std::chrono::milliseconds;
using std::chrono::seconds;

void CheckForms(Timestamp time) {
    COFFER_CHECK(codec::ParseHttpDate(codec::FormatHttpDate(time)) == floor<seconds>(time));
    COFFER_CHECK(codec::ParseBasicDate(codec::FormatBasicDate(time)) == floor<seconds>(time));
    COFFER_CHECK(codec::ParseIso8601(codec::FormatIso8601(time)) == floor<milliseconds>(time));
}

}  // namespace

void Fuzz(std::string_view input) {
    for (const auto parse : {codec::ParseHttpDate, codec::ParseIso8601, codec::ParseBasicDate}) {
        if (const auto time = parse(input)) CheckForms(*time);
    }
}

}  // namespace coffer::fuzz
