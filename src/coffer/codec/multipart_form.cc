#include "coffer/codec/multipart_form.h"

#include <algorithm>
#include <array>
#include <utility>

#include "coffer/codec/ascii.h"
#include "coffer/codec/token.h"

namespace coffer::codec {
namespace {

constexpr size_t kMaxBoundaryBytes = 70;  // RFC 2046, 5.1.1

Error Malformed(std::string_view what) {
    return Error(ErrorKind::kInvalid, "MalformedPOSTRequest",
                 "The body of your POST request is not well-formed multipart/form-data: " +
                     std::string(what) + ".");
}

// RFC 2046 has fewer characters; what programs send besides is harmless but for these.
bool IsBoundary(std::string_view text) {
    return !text.empty() && text.size() <= kMaxBoundaryBytes && text.back() != ' ' &&
           std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F && c != '"'; });
}

// Takes a token, or a string in quotes, from the front of `text`. In quotes a backslash goes before
// a quote or a backslash; before others it is part of a name, as of a path on Windows.
std::optional<std::string> TakeValue(std::string_view& text) {
    std::string value;
    if (!text.starts_with('"')) {
        const size_t end = std::min(text.find_first_of("; \t"), text.size());
        value = text.substr(0, end);
        text.remove_prefix(end);
        return value.empty() ? std::nullopt : std::optional(std::move(value));
    }
    for (size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') {
            text.remove_prefix(i + 1);
            return value;
        }
        if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\'))
            ++i;
        value += text[i];
    }
    return std::nullopt;  // the quote does not end
}

struct Parameter {
    std::string name;  // in lower case
    std::string value;
};

// Takes "; name=value" from the front of `text`; nothing where something else stands there.
std::optional<Parameter> TakeParameter(std::string_view& text) {
    text = TrimSpaces(text);
    if (!text.starts_with(';')) return std::nullopt;
    text = TrimSpaces(text.substr(1));
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos || !IsToken(text.substr(0, equals))) return std::nullopt;
    Parameter parameter{ToLower(text.substr(0, equals)), {}};
    text.remove_prefix(equals + 1);
    auto value = TakeValue(text);
    if (!value) return std::nullopt;
    parameter.value = *std::move(value);
    return parameter;
}

}  // namespace

MultipartForm::MultipartForm(std::string_view boundary)
    : delimiter_("\r\n--" + std::string(boundary)) {}

std::optional<MultipartForm> MultipartForm::ForContentType(std::string_view content_type) {
    const size_t end = std::min(content_type.find(';'), content_type.size());
    if (!EqualsIgnoringCase(TrimSpaces(content_type.substr(0, end)), "multipart/form-data"))
        return std::nullopt;
    std::string_view rest = content_type.substr(end);
    std::optional<std::string> boundary;
    while (!TrimSpaces(rest).empty()) {
        auto parameter = TakeParameter(rest);
        if (!parameter) return std::nullopt;
        if (parameter->name != "boundary") continue;
        if (boundary) return std::nullopt;
        boundary = std::move(parameter->value);
    }
    if (!boundary || !IsBoundary(*boundary)) return std::nullopt;
    return MultipartForm(*boundary);
}

Result<MultipartForm::Step> MultipartForm::Next(std::string_view input) {
    switch (state_) {
        case State::kStart:
            return AtStart(input);
        case State::kDelimiter:
            return BehindDelimiter(input);
        case State::kHeader:
            return InHeader(input);
        case State::kContent:
            return InContent(input);
        case State::kEnd:
            return Step{Event::kEnd, input.size()};
    }
    return Step{Event::kEnd, input.size()};
}

Result<MultipartForm::Step> MultipartForm::AtStart(std::string_view input) {
    // The line break before a delimiter belongs to it, but for the first.
    for (const std::string_view first :
         {std::string_view(delimiter_), std::string_view(delimiter_).substr(2)}) {
        if (input.starts_with(first)) {
            state_ = State::kDelimiter;
            TRY(Step step, BehindDelimiter(input.substr(first.size())));
            step.consumed += first.size();
            return step;
        }
        if (first.starts_with(input)) return Step{Event::kMore};
    }
    return Malformed("it does not begin with its boundary");
}

Result<MultipartForm::Step> MultipartForm::BehindDelimiter(std::string_view input) {
    if (input.starts_with("--")) {
        state_ = State::kEnd;
        return Step{Event::kEnd, 2};
    }
    const size_t text = std::min(input.find_first_not_of(" \t"), input.size());
    const std::string_view end = input.substr(text);
    if (text <= kMaxHeaderBytes && (end.empty() || end == "\r" || input == "-"))
        return Step{Event::kMore};
    if (text > kMaxHeaderBytes || !end.starts_with("\r\n"))
        return Malformed("a delimiter does not end");
    state_ = State::kHeader;
    part_ = Part();
    named_ = false;
    TRY(Step step, InHeader(input.substr(text + 2)));
    step.consumed += text + 2;
    return step;
}

Result<MultipartForm::Step> MultipartForm::InHeader(std::string_view input) {
    if (input.starts_with("\r\n")) return Malformed("a part has no name");
    const size_t size = input.find("\r\n\r\n");
    if (std::min(size, input.size()) > kMaxHeaderBytes)
        return Malformed("the header of a part is too long");
    if (size == input.npos) return Step{Event::kMore};
    for (std::string_view rest = input.substr(0, size + 2); !rest.empty();) {
        const size_t end = rest.find("\r\n");
        TRY(ReadHeaderLine(rest.substr(0, end)));
        rest.remove_prefix(end + 2);
    }
    if (!named_) return Malformed("a part has no name");
    state_ = State::kContent;
    return Step{Event::kPart, size + 4};
}

Result<> MultipartForm::ReadHeaderLine(std::string_view line) {
    const size_t colon = line.find(':');
    if (colon == line.npos || !IsToken(line.substr(0, colon)) ||
        std::ranges::any_of(line, [](char c) { return (c >= 0 && c < 0x20 && c != '\t'); }))
        return Malformed("a line in the header of a part is none");
    const std::string_view name = line.substr(0, colon);
    std::string_view value = TrimSpaces(line.substr(colon + 1));
    if (EqualsIgnoringCase(name, "content-type")) part_.content_type = value;
    if (!EqualsIgnoringCase(name, "content-disposition")) return Ok();

    const size_t end = std::min(value.find(';'), value.size());
    if (named_ || !EqualsIgnoringCase(TrimSpaces(value.substr(0, end)), "form-data"))
        return Malformed("a part is not form-data");
    value.remove_prefix(end);
    while (!TrimSpaces(value).empty()) {
        auto parameter = TakeParameter(value);
        if (!parameter) return Malformed("the Content-Disposition of a part is malformed");
        const bool is_name = parameter->name == "name";
        if ((is_name && named_) || (parameter->name == "filename" && part_.file_name))
            return Malformed("a part has two names");
        if (is_name) {
            part_.name = std::move(parameter->value);
            named_ = true;
        } else if (parameter->name == "filename") {
            part_.file_name = std::move(parameter->value);
        }
    }
    return Ok();
}

MultipartForm::Step MultipartForm::InContent(std::string_view input) {
    for (size_t from = 0;;) {
        const size_t at = input.find(delimiter_, from);
        if (at == input.npos) {
            const size_t size = input.size() - HeldBack(input);
            if (size == 0) return Step{Event::kMore};
            return Step{Event::kData, size, input.substr(0, size)};
        }
        // What has the boundary and goes on is content.
        const std::string_view behind = input.substr(at + delimiter_.size());
        const size_t text = std::min(behind.find_first_not_of(" \t"), behind.size());
        const std::string_view end = behind.substr(text);
        const bool closed =
            behind.starts_with("--") || (text <= kMaxHeaderBytes && end.starts_with("\r\n"));
        const bool open = text <= kMaxHeaderBytes && (end.empty() || end == "\r" || behind == "-");
        if (!open && !closed) {
            from = at + delimiter_.size();
            continue;
        }
        if (at > 0) return Step{Event::kData, at, input.substr(0, at)};
        if (open) return Step{Event::kMore};
        state_ = State::kDelimiter;
        return Step{Event::kPartEnd, delimiter_.size()};
    }
}

// How many of the last bytes may be the beginning of a delimiter.
size_t MultipartForm::HeldBack(std::string_view input) const {
    for (size_t size = std::min(delimiter_.size() - 1, input.size()); size > 0; --size)
        if (delimiter_.starts_with(input.substr(input.size() - size))) return size;
    return 0;
}

}  // namespace coffer::codec
