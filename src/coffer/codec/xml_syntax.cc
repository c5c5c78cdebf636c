#include "coffer/codec/xml_syntax.h"

#include <algorithm>
#include <array>
#include <string>

#include "coffer/codec/ascii.h"
#include "coffer/codec/hex.h"
#include "coffer/codec/names.h"

namespace coffer::codec {
namespace {

bool IsSpace(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool IsNameStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool IsNamePart(char c) {
    return IsNameStart(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

// What stands between '&' and ';'.
bool IsReference(std::string_view name) {
    constexpr std::array<std::string_view, 5> kEntities = {"lt", "gt", "amp", "quot", "apos"};
    if (!name.starts_with('#')) return std::ranges::find(kEntities, name) != kEntities.end();
    name.remove_prefix(1);
    const bool hex = name.starts_with('x');
    if (hex) name.remove_prefix(1);
    if (name.empty()) return false;
    const int base = hex ? 16 : 10;
    uint32_t code = 0;
    for (const char c : name) {
        const int digit = HexDigitValue(c);
        if (digit < 0 || digit >= base) return false;
        code = code * static_cast<uint32_t>(base) + static_cast<uint32_t>(digit);
        if (code > 0x10ffff) return false;
    }
    // A NUL would end the text early.
    return code != 0 && (code < 0xd800 || code > 0xdfff);
}

class Checker {
  public:
    Checker(std::string_view text, const XmlLimits& limits) : rest_(text), limits_(limits) {}

    Result<> Run() {
        TRY(Declaration());
        while (!rest_.empty()) {
            if (rest_.front() == '<') {
                TRY(Markup());
            } else {
                TRY(CharacterData());
            }
        }
        if (depth_ != 0) return MalformedXml("it ends inside an element");
        if (roots_ == 0) return MalformedXml("it has no element");
        return Ok();
    }

  private:
    bool Take(std::string_view literal) {
        if (!rest_.starts_with(literal)) return false;
        rest_.remove_prefix(literal.size());
        return true;
    }

    bool TakeSpace() {
        const auto end = std::ranges::find_if_not(rest_, IsSpace);
        const auto count = static_cast<size_t>(end - rest_.begin());
        rest_.remove_prefix(count);
        return count > 0;
    }

    // Empty where no name begins.
    std::string_view TakeName() {
        if (rest_.empty() || !IsNameStart(rest_.front())) return {};
        const auto end = std::ranges::find_if_not(rest_, IsNamePart);
        const std::string_view name = rest_.substr(0, static_cast<size_t>(end - rest_.begin()));
        rest_.remove_prefix(name.size());
        return name;
    }

    // What stands before `end`, which is taken too.
    std::optional<std::string_view> TakeUntil(std::string_view end) {
        const size_t at = rest_.find(end);
        if (at == rest_.npos) return std::nullopt;
        const std::string_view before = rest_.substr(0, at);
        rest_.remove_prefix(at + end.size());
        return before;
    }

    static Result<> References(std::string_view text) {
        for (size_t at = text.find('&'); at != text.npos; at = text.find('&', at + 1)) {
            const size_t end = text.find(';', at);
            if (end == text.npos || !IsReference(text.substr(at + 1, end - at - 1))) {
                return MalformedXml("a '&' begins no reference that is known");
            }
        }
        return Ok();
    }

    // name = "value"
    Result<std::string_view> AttributeValue() {
        TakeSpace();
        if (!Take("=")) return MalformedXml("an attribute has no value");
        TakeSpace();
        const std::string_view quote = Take("\"") ? "\"" : Take("'") ? "'" : "";
        const auto value = quote.empty() ? std::nullopt : TakeUntil(quote);
        if (!value) return MalformedXml("the value of an attribute is not in quotes");
        if (value->find('<') != value->npos) return MalformedXml("a '<' stands in an attribute");
        TRY(References(*value));
        return *value;
    }

    Result<> Declaration() {
        if (!rest_.starts_with("<?xml") || rest_.size() < 6 || !IsSpace(rest_[5])) return Ok();
        rest_.remove_prefix(5);
        constexpr std::array<std::string_view, 3> kNames = {"version", "encoding", "standalone"};
        constexpr std::array<std::string_view, 4> kEncodings = {"utf-8", "utf8", "us-ascii",
                                                                "ascii"};
        size_t next = 0;  // in kNames: they have an order
        while (TakeSpace() && !rest_.starts_with("?>")) {
            const std::string_view name = TakeName();
            while (next < kNames.size() && kNames[next] != name && next > 0)
                ++next;
            if (next >= kNames.size() || kNames[next] != name) {
                return MalformedXml("the XML declaration is wrong");
            }
            TRY(const std::string_view value, AttributeValue());
            if (next == 0 && !value.starts_with("1.")) return MalformedXml("it is not XML 1.0");
            if (next == 1 && std::ranges::none_of(kEncodings, [&](std::string_view encoding) {
                    return EqualsIgnoringCase(value, encoding);
                })) {
                return MalformedXml("it is not UTF-8");
            }
            ++next;
        }
        if (next == 0 || !Take("?>")) return MalformedXml("the XML declaration is wrong");
        return Ok();
    }

    Result<> CharacterData() {
        const std::string_view text = rest_.substr(0, rest_.find('<'));
        rest_.remove_prefix(text.size());
        if (depth_ == 0) {
            if (std::ranges::all_of(text, IsSpace)) return Ok();
            return MalformedXml("text stands outside the root element");
        }
        if (text.find("]]>") != text.npos) return MalformedXml("a ']]>' stands in text");
        return References(text);
    }

    Result<> Markup() {
        if (Take("</")) return EndTag();
        if (++nodes_ > limits_.max_nodes) return MalformedXml("it has too many nodes");
        if (Take("<!--")) {
            const auto comment = TakeUntil("--");
            if (!comment || !Take(">")) return MalformedXml("a comment does not end");
            return Ok();
        }
        if (Take("<![CDATA[")) {
            if (depth_ == 0) return MalformedXml("text stands outside the root element");
            if (!TakeUntil("]]>")) return MalformedXml("a CDATA section does not end");
            return Ok();
        }
        if (Take("<!")) return MalformedXml("a document type is not accepted");
        if (Take("<?")) return MalformedXml("a processing instruction is not accepted");
        return StartTag();
    }

    Result<> EndTag() {
        const std::string_view name = TakeName();
        TakeSpace();
        if (name.empty() || depth_ == 0 || !Take(">")) return MalformedXml("an end tag is wrong");
        --depth_;
        return Ok();
    }

    Result<> StartTag() {
        Take("<");
        if (TakeName().empty()) return MalformedXml("a '<' begins no tag");
        if (depth_ == 0 && ++roots_ > 1) return MalformedXml("it has two root elements");
        if (depth_ == limits_.max_depth) return MalformedXml("its elements are nested too deeply");
        attributes_.clear();
        for (;;) {
            const bool space = TakeSpace();
            if (Take("/>")) return Ok();
            if (Take(">")) break;
            const std::string_view name = space ? TakeName() : std::string_view();
            if (name.empty()) return MalformedXml("a start tag is wrong");
            if (attributes_.size() == limits_.max_attributes) {
                return MalformedXml("an element has too many attributes");
            }
            if (std::ranges::find(attributes_, name) != attributes_.end()) {
                return MalformedXml("an element has an attribute twice");
            }
            attributes_.push_back(name);
            TRY(AttributeValue());
        }
        ++depth_;
        return Ok();
    }

    std::string_view rest_;
    const XmlLimits limits_;
    size_t depth_ = 0;
    size_t nodes_ = 0;
    size_t roots_ = 0;
    std::vector<std::string_view> attributes_;  // of one element
};

// Tab, line feed and carriage return are the only characters below a space that XML lets stand.
bool IsControl(char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

}  // namespace

Error MalformedXml(std::string_view why) {
    return Error(ErrorKind::kInvalid, "MalformedXML",
                 "The XML you provided was not well-formed or is not what this request takes: " +
                     std::string(why) + ".");
}

Result<> CheckXmlSyntax(std::string_view text, const XmlLimits& limits) {
    if (!IsUtf8(text)) return MalformedXml("it is not UTF-8");
    if (std::ranges::any_of(text, IsControl)) return MalformedXml("it holds a control character");
    return Checker(text, limits).Run();
}

}  // namespace coffer::codec
