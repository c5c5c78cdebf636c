// multipart/form-data, as browsers send forms, taken apart as it arrives. Pure code; one thread at
// a time uses an object. (Multipart is the format's name; it has nothing to do with S3's uploads.)
//
// Sources: RFC 7578 and RFC 2046, 5.1; the HTML standard, "Multipart form data". The parser is
// strict where two readers could find other parts in the same bytes, and lenient in what programs
// send: a line break before the first delimiter, blanks behind one, backslashes in file names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "coffer/base/result.h"

namespace coffer::codec {

class MultipartForm {
  public:
    // What a Content-Type header says; nothing where it is no multipart/form-data, or has no
    // boundary of 1 to 70 characters.
    static std::optional<MultipartForm> ForContentType(std::string_view content_type);

    struct Part {
        std::string name;
        std::optional<std::string> file_name;  // where it is one of a file, perhaps empty
        std::string content_type;              // as sent; empty: none
    };

    enum class Event : uint8_t {
        kMore,  // more of the input is needed, less than kMaxNeededBytes behind what was consumed
        kPart,  // part() has begun
        kData,  // bytes of that part
        kPartEnd,  // it has ended
        kEnd,      // so has the form; what follows means nothing
    };

    struct Step {
        Event event;
        size_t consumed = 0;      // of the input; the next call gets what is behind it
        std::string_view data{};  // of kData: a view into the input
    };

    // The most that the header of a part may take.
    static constexpr size_t kMaxHeaderBytes = 8192;

    // An input of that size is never answered by kMore without anything consumed.
    static constexpr size_t kMaxNeededBytes = kMaxHeaderBytes + 128;

    // kInvalid "MalformedPOSTRequest".
    Result<Step> Next(std::string_view input);

    // The part that has begun last.
    const Part& part() const { return part_; }

  private:
    enum class State : uint8_t { kStart, kDelimiter, kHeader, kContent, kEnd };

    explicit MultipartForm(std::string_view boundary);
    Result<Step> AtStart(std::string_view input);
    Result<Step> BehindDelimiter(std::string_view input);
    Result<Step> InHeader(std::string_view input);
    Step InContent(std::string_view input);
    Result<> ReadHeaderLine(std::string_view line);
    size_t HeldBack(std::string_view input) const;

    std::string delimiter_;  // "\r\n--<boundary>"
    State state_ = State::kStart;
    Part part_;
    bool named_ = false;  // part_ has its Content-Disposition
};

}  // namespace coffer::codec
