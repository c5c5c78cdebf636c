#include "coffer/codec/date.h"

#include <algorithm>
#include <array>

namespace coffer::codec {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};

struct Fields {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    std::chrono::microseconds fraction{0};
    std::chrono::minutes offset{0};  // of the zone, east of Greenwich
};

std::optional<Timestamp> ToTimestamp(const Fields& f) {
    using namespace std::chrono;
    const year_month_day date{year{f.year}, month{f.month}, day{f.day}};
    if (f.year < 1 || f.year > 9999 || !date.ok()) return std::nullopt;
    if (f.hour > 23 || f.minute > 59 || f.second > 60) return std::nullopt;
    const Timestamp time = sys_days{date} + hours{f.hour} + minutes{f.minute} + seconds{f.second} +
                           f.fraction - f.offset;
    // An offset or a leap second can lead out of the years that have four digits.
    const year_month_day utc{floor<days>(time)};
    if (utc.year() < year{1} || utc.year() > year{9999}) return std::nullopt;
    return time;
}

// Reads a text from its beginning. Each step says whether it could be taken, and takes nothing
// otherwise.
class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool Take(std::string_view literal) {
        if (!rest_.starts_with(literal)) return false;
        rest_.remove_prefix(literal.size());
        return true;
    }

    // A number of `least` to `most` digits.
    template <class T>
    bool Number(size_t least, size_t most, T* number) {
        size_t count = 0;
        T value = 0;
        while (count < most && count < rest_.size() && IsDigit(rest_[count])) {
            value = value * 10 + static_cast<T>(rest_[count] - '0');
            ++count;
        }
        if (count < least) return false;
        rest_.remove_prefix(count);
        *number = value;
        return true;
    }

    bool Month(unsigned* month) {
        const auto* found = std::ranges::find(kMonths, rest_.substr(0, 3));
        if (found == kMonths.end()) return false;
        rest_.remove_prefix(3);
        *month = static_cast<unsigned>(found - kMonths.begin()) + 1;
        return true;
    }

    bool ShortDay() {
        for (const std::string_view day : kDays) {
            if (Take(day.substr(0, 3))) return true;
        }
        return false;
    }

    bool LongDay() {
        return std::ranges::any_of(kDays, [&](std::string_view day) { return Take(day); });
    }

    bool Time(Fields* f) {
        return Number(2, 2, &f->hour) && Take(":") && Number(2, 2, &f->minute) && Take(":") &&
               Number(2, 2, &f->second);
    }

    // The digits behind a decimal point.
    bool Fraction(std::chrono::microseconds* fraction) {
        int64_t micros = 0;
        size_t count = 0;
        for (; count < rest_.size() && IsDigit(rest_[count]); ++count) {
            if (count < 6) micros = micros * 10 + (rest_[count] - '0');
        }
        if (count == 0) return false;
        rest_.remove_prefix(count);
        for (; count < 6; ++count)
            micros *= 10;
        *fraction = std::chrono::microseconds(micros);
        return true;
    }

    // "+01:00" or "+0100".
    bool Offset(std::chrono::minutes* offset) {
        const bool west = Take("-");
        int hours = 0;
        int minutes = 0;
        if (!west && !Take("+")) return false;
        if (!Number(2, 2, &hours)) return false;
        Take(":");
        if (!Number(2, 2, &minutes) || hours > 23 || minutes > 59) return false;
        *offset = std::chrono::minutes((west ? -1 : 1) * (hours * 60 + minutes));
        return true;
    }

    bool HttpZone(std::chrono::minutes* offset) {
        return Take("GMT") || Take("UTC") || Offset(offset);
    }

    bool AtEnd() const { return rest_.empty(); }

  private:
    static bool IsDigit(char c) { return c >= '0' && c <= '9'; }
    std::string_view rest_;
};

// "Sun, 06 Nov 1994 08:49:37 GMT"
bool ReadRfc1123(Reader in, Fields* f) {
    return in.ShortDay() && in.Take(", ") && in.Number(1, 2, &f->day) && in.Take(" ") &&
           in.Month(&f->month) && in.Take(" ") && in.Number(4, 4, &f->year) && in.Take(" ") &&
           in.Time(f) && in.Take(" ") && in.HttpZone(&f->offset) && in.AtEnd();
}

// "Sunday, 06-Nov-94 08:49:37 GMT"
bool ReadRfc850(Reader in, Fields* f) {
    const bool read = in.LongDay() && in.Take(", ") && in.Number(2, 2, &f->day) && in.Take("-") &&
                      in.Month(&f->month) && in.Take("-") && in.Number(2, 2, &f->year) &&
                      in.Take(" ") && in.Time(f) && in.Take(" ") && in.HttpZone(&f->offset) &&
                      in.AtEnd();
    f->year += f->year < 70 ? 2000 : 1900;
    return read;
}

// "Sun Nov  6 08:49:37 1994"
bool ReadAsctime(Reader in, Fields* f) {
    return in.ShortDay() && in.Take(" ") && in.Month(&f->month) && in.Take(" ") &&
           (in.Take(" ") ? in.Number(1, 1, &f->day) : in.Number(1, 2, &f->day)) && in.Take(" ") &&
           in.Time(f) && in.Take(" ") && in.Number(4, 4, &f->year) && in.AtEnd();
}

}  // namespace

std::optional<Timestamp> ParseHttpDate(std::string_view text) {
    for (const auto read : {ReadRfc1123, ReadRfc850, ReadAsctime}) {
        Fields fields;
        if (read(Reader(text), &fields)) return ToTimestamp(fields);
    }
    return std::nullopt;
}

std::optional<Timestamp> ParseIso8601(std::string_view text) {
    Reader in(text);
    Fields f;
    const bool date = in.Number(4, 4, &f.year) && in.Take("-") && in.Number(2, 2, &f.month) &&
                      in.Take("-") && in.Number(2, 2, &f.day) && in.Take("T") && in.Time(&f);
    if (!date) return std::nullopt;
    if (in.Take(".") && !in.Fraction(&f.fraction)) return std::nullopt;
    if (!in.Take("Z") && !in.Offset(&f.offset)) return std::nullopt;
    if (!in.AtEnd()) return std::nullopt;
    return ToTimestamp(f);
}

std::optional<Timestamp> ParseBasicDate(std::string_view text) {
    Reader in(text);
    Fields f;
    if (in.Number(4, 4, &f.year) && in.Number(2, 2, &f.month) && in.Number(2, 2, &f.day) &&
        in.Take("T") && in.Number(2, 2, &f.hour) && in.Number(2, 2, &f.minute) &&
        in.Number(2, 2, &f.second) && in.Take("Z") && in.AtEnd()) {
        return ToTimestamp(f);
    }
    return std::nullopt;
}

namespace {

constexpr size_t kHttpDateLength = std::string_view("Sun, 06 Nov 1994 08:49:37 GMT").size();
constexpr size_t kBasicDateLength = std::string_view("20260102T030405Z").size();

// Writes the parts of a point in time, one behind the other. By hand, since a listing holds a date
// per object: a general formatter would take as long as the rest of it.
class Writer {
  public:
    Writer(Timestamp time, char* out)
        : days_(std::chrono::floor<std::chrono::days>(time)),
          date_(days_),
          clock_(std::chrono::floor<std::chrono::milliseconds>(time - days_)),
          out_(out) {}

    Writer& Digits(int64_t value, size_t width) {
        auto rest = static_cast<uint32_t>(value);
        for (size_t i = width; i-- > 0; rest /= 10)
            out_[i] = static_cast<char>('0' + rest % 10);
        out_ += width;
        return *this;
    }
    Writer& Text(std::string_view text) {
        out_ = std::ranges::copy(text, out_).out;
        return *this;
    }

    Writer& Year() { return Digits(static_cast<int>(date_.year()), 4); }
    Writer& Month() { return Digits(static_cast<unsigned>(date_.month()), 2); }
    Writer& Day() { return Digits(static_cast<unsigned>(date_.day()), 2); }
    Writer& MonthName() { return Text(kMonths[static_cast<unsigned>(date_.month()) - 1]); }
    Writer& DayName() { return Text(kDays[std::chrono::weekday(days_).c_encoding()].substr(0, 3)); }
    Writer& Time(std::string_view separator) {
        Digits(clock_.hours().count(), 2).Text(separator);
        Digits(clock_.minutes().count(), 2).Text(separator);
        return Digits(clock_.seconds().count(), 2);
    }
    Writer& Milliseconds() { return Digits(clock_.subseconds().count(), 3); }

  private:
    const std::chrono::sys_days days_;
    const std::chrono::year_month_day date_;
    const std::chrono::hh_mm_ss<std::chrono::milliseconds> clock_;
    char* out_;
};

}  // namespace

std::string FormatHttpDate(Timestamp time) {
    std::string text(kHttpDateLength, '\0');
    Writer out(time, text.data());
    out.DayName().Text(", ").Day().Text(" ").MonthName().Text(" ").Year().Text(" ");
    out.Time(":").Text(" GMT");
    return text;
}

std::string_view FormatIso8601(Timestamp time, Iso8601Buffer& buffer) {
    Writer out(time, buffer.data());
    out.Year().Text("-").Month().Text("-").Day().Text("T");
    out.Time(":").Text(".").Milliseconds().Text("Z");
    return {buffer.data(), buffer.size()};
}

std::string FormatIso8601(Timestamp time) {
    Iso8601Buffer buffer;
    return std::string(FormatIso8601(time, buffer));
}

std::string FormatBasicDate(Timestamp time) {
    std::string text(kBasicDateLength, '\0');
    Writer(time, text.data()).Year().Month().Day().Text("T").Time("").Text("Z");
    return text;
}

}  // namespace coffer::codec
