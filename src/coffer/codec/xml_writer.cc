#include <algorithm>
#include <array>
#include <cstring>
#include <initializer_list>
#include <utility>

#include "coffer/base/check.h"
#include "coffer/codec/xml.h"

namespace coffer::codec {
namespace {

// True for what can't stand for itself: markup, and every character that a parser would change or
// refuse.
constexpr bool IsEscaped(uint8_t c) {
    return (c < 0x20) | (c == '<') | (c == '>') | (c == '&') | (c == '"') | (c == '\'') |
           (c == 0x7f);
}

// What is written for a character; of the size of a word, so that it is copied as one.
struct Written {
    constexpr Written() = default;
    constexpr Written(std::initializer_list<std::string_view> parts) {
        for (const std::string_view part : parts)
            for (const char c : part)
                text[size++] = c;
    }
    std::array<char, 7> text{};
    uint8_t size = 0;
};
static_assert(sizeof(Written) == sizeof(uint64_t));

constexpr Written WrittenFor(uint8_t c) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const char itself = static_cast<char>(c);
    if (!IsEscaped(c)) return {std::string_view(&itself, 1)};
    switch (c) {
        case '<':
            return {"&lt;"};
        case '>':
            return {"&gt;"};
        case '&':
            return {"&amp;"};
        case '"':
            return {"&quot;"};
        default:
            return {"&#x", kDigits.substr(c / 16, c < 16 ? 0 : 1), kDigits.substr(c % 16, 1), ";"};
    }
}

constexpr std::array<Written, 256> kWritten = [] {
    std::array<Written, 256> written;
    for (size_t c = 0; c < written.size(); ++c)
        written[c] = WrittenFor(static_cast<uint8_t>(c));
    return written;
}();

constexpr size_t kLongest = 6;              // that is written for a character
constexpr size_t kSpill = sizeof(Written);  // that a copy may touch behind its end
constexpr size_t kBlock = 16;               // that is looked at together

// Without a branch, so that it compiles to a few vector instructions.
bool AnyEscaped(const char* block) {
    bool any = false;
    for (size_t i = 0; i < kBlock; ++i)
        any |= IsEscaped(static_cast<uint8_t>(block[i]));
    return any;
}

char* Copy(char* out, std::string_view text) {
    return std::copy(text.begin(), text.end(), out);
}

// Needs room for kLongest for each character, and kSpill more. Returns where the text ends.
char* CopyEscaped(char* out, std::string_view text) {
    while (!text.empty()) {
        const std::string_view block = text.substr(0, kBlock);
        text.remove_prefix(block.size());
        if (block.size() == kBlock && !AnyEscaped(block.data())) {
            std::memcpy(out, block.data(), kBlock);
            out += kBlock;
            continue;
        }
        for (const char c : block) {
            const Written& written = kWritten[static_cast<uint8_t>(c)];
            std::memcpy(out, &written, sizeof(written));
            out += written.size;
        }
    }
    return out;
}

// What is put together before the document grows by it.
using Piece = std::array<char, 1024>;

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

// As Open, Text and Close, but in one piece: nearly all of a listing is written here.
XmlWriter& XmlWriter::Element(std::string_view name, std::string_view text) {
    if (text.empty()) return Open(name).Close();
    Piece piece;
    constexpr size_t kMarkup = std::string_view("<></>").size();
    if (kMarkup + 2 * name.size() + kLongest * text.size() + kSpill > piece.size())
        return Open(name).Text(text).Close();
    EndTag();
    char* end = Copy(Copy(Copy(piece.data(), "<"), name), ">");
    end = CopyEscaped(end, text);
    end = Copy(Copy(Copy(end, "</"), name), ">");
    out_.append(piece.data(), static_cast<size_t>(end - piece.data()));
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
    Piece piece;
    constexpr size_t kMost = (std::tuple_size_v<Piece> - kSpill) / kLongest;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, kMost);
        text.remove_prefix(part.size());
        const char* const end = CopyEscaped(piece.data(), part);
        out_.append(piece.data(), static_cast<size_t>(end - piece.data()));
    }
}

}  // namespace coffer::codec
