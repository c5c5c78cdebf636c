// XML as S3 speaks it: a writer, and a strict reader that takes no document type and expands
// nothing.
//
// Source: Extensible Markup Language 1.0 (Fifth Edition). Beyond it, as S3 does: control characters
// other than NUL are written, and taken, as character references, since object keys may hold them.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/base/result.h"

namespace pugi {
class xml_document;  // NOLINT(readability-identifier-naming)
struct xml_node_struct;
}  // namespace pugi

namespace coffer::codec {

// Builds a document in memory. Names are written as they are given and must be valid; they are kept
// as views until their element is closed. Text and values are UTF-8 and are escaped here. Used by
// one thread.
class XmlWriter {
  public:
    XmlWriter();  // begins with the XML declaration

    // Makes room for so much more at once.
    void Reserve(size_t bytes) { out_.reserve(out_.size() + bytes); }

    XmlWriter& Open(std::string_view name);

    // Of the element opened last, before anything is put into it.
    XmlWriter& Attribute(std::string_view name, std::string_view value);
    XmlWriter& Text(std::string_view text);
    XmlWriter& Close();

    // An element with nothing but text; numbers in decimal, booleans as "true" and "false".
    XmlWriter& Element(std::string_view name, std::string_view text);
    template <std::integral T>
    XmlWriter& Element(std::string_view name, T value) {
        if constexpr (std::same_as<T, bool>) {
            return Element(name, std::string_view(value ? "true" : "false"));
        } else {
            std::array<char, 24> digits;
            const auto end = std::to_chars(digits.begin(), digits.end(), value).ptr;
            return Element(name, std::string_view(digits.begin(), end));
        }
    }

    // The document; every element must be closed. The writer is done with.
    std::string Finish();

  private:
    void EndTag();
    void Escape(std::string_view text);

    std::string out_;
    std::vector<std::string_view> open_;
    bool in_tag_ = false;  // "<name" is written, '>' is not
};

// What a document may cost.
struct XmlLimits {
    size_t max_depth = 32;
    size_t max_nodes = 100'000;  // elements, comments and CDATA sections
    size_t max_attributes = 64;  // of one element
};

// An element of an XmlDocument, which must outlive it. Errors are kInvalid "MalformedXML".
class XmlNode {
  public:
    // Without a namespace prefix; a view into the document.
    std::string_view name() const;

    // All text of the element, CDATA included, exactly as sent. An error where it holds elements.
    Result<std::string> Text() const;

    // Elements in this one, in order: all, or those of that name.
    std::vector<XmlNode> Children() const;
    std::vector<XmlNode> Children(std::string_view child_name) const;

    // The first element of that name.
    std::optional<XmlNode> Child(std::string_view child_name) const;

    // The text of that element in this one, nothing where there is none. An error where there are
    // two.
    Result<std::optional<std::string>> ChildText(std::string_view child_name) const;

    // The value of an attribute, named as written, prefix included; a view into the document.
    std::optional<std::string_view> Attribute(std::string_view attribute_name) const;

    // An error unless the elements in this one are of the given names, those of `once` at most once
    // each, with no text but white space between them.
    Result<> Expect(std::initializer_list<std::string_view> once,
                    std::initializer_list<std::string_view> many = {}) const;

  private:
    friend class XmlDocument;
    explicit XmlNode(pugi::xml_node_struct* node) : node_(node) {}
    pugi::xml_node_struct* node_;
};

class XmlDocument {
  public:
    XmlDocument(XmlDocument&&) noexcept;
    XmlDocument& operator=(XmlDocument&&) noexcept;
    ~XmlDocument();

    XmlNode root() const;

  private:
    friend Result<XmlDocument> ParseXml(std::string_view text, const XmlLimits& limits);
    explicit XmlDocument(std::unique_ptr<pugi::xml_document> document);
    std::unique_ptr<pugi::xml_document> document_;
};

// Reads a document, which may begin with a byte order mark. kInvalid "MalformedXML": not
// well-formed, not UTF-8, over a limit, or with a document type, an entity other than XML's five,
// or a processing instruction.
Result<XmlDocument> ParseXml(std::string_view text, const XmlLimits& limits = {});

}  // namespace coffer::codec
