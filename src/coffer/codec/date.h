// Points in time as HTTP, XML and AWS signatures write them. Pure functions; any thread may call
// them.
//
// Parsers return nothing for what is no date: another form, a field out of range (31 April, 24:00),
// or bytes behind it. A leap second (:60) is taken for the second after it. Years are 0001 to 9999.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "coffer/base/clock.h"

namespace coffer::codec {

// RFC 9110, 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT", and the older "Sunday, 06-Nov-94 08:49:37 GMT"
// (two-digit years are those of 1970 to 2069) and "Sun Nov  6 08:49:37 1994". Beyond the RFC, since
// clients send it: a day of one digit, "UTC" and numeric offsets ("+0000") for "GMT". A wrong
// weekday is let pass, as any name of one.
std::optional<Timestamp> ParseHttpDate(std::string_view text);

// "Sun, 06 Nov 1994 08:49:37 GMT", of a time in the years 0001 to 9999; parts of a second are cut
// off.
std::string FormatHttpDate(Timestamp time);

// ISO 8601 as xsd:dateTime has it: "2026-01-02T03:04:05Z", with a fraction of any length or none
// (digits below a microsecond are cut off), and "Z" or an offset ("+01:00", "-0530").
std::optional<Timestamp> ParseIso8601(std::string_view text);

// "2026-01-02T03:04:05.678Z", as S3 writes it in XML, of a time in the years 0001 to 9999. The
// second form fills `buffer` and returns all of it, for lists that hold a date for each thing.
using Iso8601Buffer = std::array<char, 24>;
std::string FormatIso8601(Timestamp time);
std::string_view FormatIso8601(Timestamp time, Iso8601Buffer& buffer);

// "20260102T030405Z": ISO 8601's basic form, as x-amz-date has it, of the same years.
std::optional<Timestamp> ParseBasicDate(std::string_view text);
std::string FormatBasicDate(Timestamp time);

}  // namespace coffer::codec
