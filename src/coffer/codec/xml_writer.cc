#include <fmt/format.h>

#include <array>
#include <utility>

#include "coffer/base/check.h"
#include "coffer/codec/xml.h"

namespace coffer::codec {
namespace {

// True for what can't stand for itself: markup, and every character that a parser would change or
// refuse.
constexpr std::array<bool, 256> kEscaped = [] {
    std::array<bool, 256> escaped{};
    for (size_t c = 0; c < 0x20; ++c)
        escaped[c] = true;
    for (const char c : std::string_view("<>&\"'\x7f"))
        escaped[static_cast<uint8_t>(c)] = true;
    return escaped;
}();

}  // namespace

XmlWriter::XmlWriter() : out_("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") {}

XmlWriter& XmlWriter::Open(std::string_view name) {
    EndTag();
    out_ += '<';
    out_ += name;
    open_.push_back(name);
    in_tag_ = true;
    return *this;
}

XmlWriter& XmlWriter::Attribute(std::string_view name, std::string_view value) {
    COFFER_CHECK(in_tag_);
    out_ += ' ';
    out_ += name;
    out_ += "=\"";
    Escape(value);
    out_ += '"';
    return *this;
}

XmlWriter& XmlWriter::Text(std::string_view text) {
    COFFER_CHECK(!open_.empty());
    EndTag();
    Escape(text);
    return *this;
}

XmlWriter& XmlWriter::Close() {
    COFFER_CHECK(!open_.empty());
    if (in_tag_) {
        out_ += "/>";
        in_tag_ = false;
    } else {
        out_ += "</";
        out_ += open_.back();
        out_ += '>';
    }
    open_.pop_back();
    return *this;
}

// As Open, Text and Close: nearly all of a listing is written here.
XmlWriter& XmlWriter::Element(std::string_view name, std::string_view text) {
    EndTag();
    out_ += '<';
    out_ += name;
    if (text.empty()) {
        out_ += "/>";
        return *this;
    }
    out_ += '>';
    Escape(text);
    out_ += "</";
    out_ += name;
    out_ += '>';
    return *this;
}

std::string XmlWriter::Finish() {
    COFFER_CHECK(open_.empty());
    return std::move(out_);
}

void XmlWriter::EndTag() {
    if (in_tag_) out_ += '>';
    in_tag_ = false;
}

void XmlWriter::Escape(std::string_view text) {
    size_t plain = 0;  // where what has not been written begins
    for (size_t i = 0; i < text.size(); ++i) {
        if (!kEscaped[static_cast<uint8_t>(text[i])]) continue;
        out_ += text.substr(plain, i - plain);
        plain = i + 1;
        switch (text[i]) {
            case '<':
                out_ += "&lt;";
                break;
            case '>':
                out_ += "&gt;";
                break;
            case '&':
                out_ += "&amp;";
                break;
            case '"':
                out_ += "&quot;";
                break;
            default:
                fmt::format_to(std::back_inserter(out_), "&#x{:X};", static_cast<uint8_t>(text[i]));
        }
    }
    out_ += text.substr(plain);
}

}  // namespace coffer::codec
