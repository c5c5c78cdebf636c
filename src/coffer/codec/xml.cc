#include "coffer/codec/xml.h"

#include <algorithm>
#include <ranges>

#include <pugixml.hpp>

#include "coffer/codec/xml_syntax.h"

namespace coffer::codec {
namespace {

// The name as the document has it may carry a prefix. Which namespace it stands for is not looked
// at: clients differ.
std::string_view LocalName(const pugi::xml_node& node) {
    const std::string_view name = node.name();
    return name.substr(name.find(':') + 1);
}

bool IsElement(const pugi::xml_node& node) {
    return node.type() == pugi::node_element;
}

bool IsSpace(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::string Quoted(std::string_view name) {
    return "'" + std::string(name.substr(0, 100)) + "'";
}

}  // namespace

std::string_view XmlNode::name() const {
    return LocalName(pugi::xml_node(node_));
}

Result<std::string> XmlNode::Text() const {
    std::string text;
    for (const pugi::xml_node& child : pugi::xml_node(node_).children()) {
        if (IsElement(child)) return MalformedXml(Quoted(name()) + " must hold text only");
        text += child.value();
    }
    return text;
}

std::vector<XmlNode> XmlNode::Children() const {
    std::vector<XmlNode> children;
    for (const pugi::xml_node& child : pugi::xml_node(node_).children()) {
        if (IsElement(child)) children.push_back(XmlNode(child.internal_object()));
    }
    return children;
}

std::vector<XmlNode> XmlNode::Children(std::string_view child_name) const {
    std::vector<XmlNode> children;
    for (const pugi::xml_node& child : pugi::xml_node(node_).children()) {
        if (IsElement(child) && LocalName(child) == child_name) {
            children.push_back(XmlNode(child.internal_object()));
        }
    }
    return children;
}

std::optional<XmlNode> XmlNode::Child(std::string_view child_name) const {
    for (const pugi::xml_node& child : pugi::xml_node(node_).children()) {
        if (IsElement(child) && LocalName(child) == child_name) {
            return XmlNode(child.internal_object());
        }
    }
    return std::nullopt;
}

Result<std::optional<std::string>> XmlNode::ChildText(std::string_view child_name) const {
    std::optional<std::string> text;
    for (const XmlNode& child : Children(child_name)) {
        if (text) return MalformedXml(Quoted(child_name) + " is there twice");
        TRY(text, child.Text());
    }
    return text;
}

std::optional<std::string_view> XmlNode::Attribute(std::string_view attribute_name) const {
    for (const pugi::xml_attribute& attribute : pugi::xml_node(node_).attributes()) {
        if (attribute.name() == attribute_name) return attribute.value();
    }
    return std::nullopt;
}

Result<> XmlNode::Expect(std::initializer_list<std::string_view> once,
                         std::initializer_list<std::string_view> many) const {
    std::vector<bool> seen(once.size());
    for (const pugi::xml_node& child : pugi::xml_node(node_).children()) {
        if (!IsElement(child)) {
            if (IsSpace(child.value())) continue;
            return MalformedXml("text stands between the elements of " + Quoted(name()));
        }
        const std::string_view child_name = LocalName(child);
        if (const auto found = std::ranges::find(once, child_name); found != once.end()) {
            const auto index = static_cast<size_t>(found - once.begin());
            if (seen[index]) return MalformedXml(Quoted(child_name) + " is there twice");
            seen[index] = true;
        } else if (std::ranges::find(many, child_name) == many.end()) {
            return MalformedXml(Quoted(child_name) + " is not known in " + Quoted(name()));
        }
    }
    return Ok();
}

XmlDocument::XmlDocument(std::unique_ptr<pugi::xml_document> document)
    : document_(std::move(document)) {}
XmlDocument::XmlDocument(XmlDocument&&) noexcept = default;
XmlDocument& XmlDocument::operator=(XmlDocument&&) noexcept = default;
XmlDocument::~XmlDocument() = default;

XmlNode XmlDocument::root() const {
    return XmlNode(document_->document_element().internal_object());
}

Result<XmlDocument> ParseXml(std::string_view text, const XmlLimits& limits) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    TRY(CheckXmlSyntax(text, limits));
    // White space is kept: it may be a key. Comments are left out.
    constexpr unsigned int kOptions = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol |
                                      pugi::parse_wconv_attribute | pugi::parse_ws_pcdata;
    auto document = std::make_unique<pugi::xml_document>();
    const pugi::xml_parse_result parsed =
        document->load_buffer(text.data(), text.size(), kOptions, pugi::encoding_utf8);
    if (!parsed) return MalformedXml(parsed.description());
    return XmlDocument(std::move(document));
}

}  // namespace coffer::codec
