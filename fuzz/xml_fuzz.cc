// A tree that was read is written so that it is read as the same tree. Names are written as
// attributes, since what stands behind a prefix need not be a name.
#include "coffer/codec/xml.h"

#include "fuzz/fuzz.h"

namespace coffer::fuzz {
namespace {

void Write(codec::XmlWriter* writer, codec::XmlNode node) {
    writer->Open("e").Attribute("name", node.name());
    if (const auto text = node.Text()) writer->Text(text.value());
    for (const codec::XmlNode child : node.Children())
        Write(writer, child);
    writer->Close();
}

void CheckSame(codec::XmlNode node, codec::XmlNode written) {
    COFFER_CHECK(written.Attribute("name") == node.name());
    const auto text = node.Text();
    if (text) COFFER_CHECK(written.Text().value() == text.value());
    const auto children = node.Children();
    const auto written_children = written.Children();
    COFFER_CHECK(text.has_value() == children.empty());
    COFFER_CHECK(children.size() == written_children.size());
    for (size_t i = 0; i < children.size(); ++i)
        CheckSame(children[i], written_children[i]);
}

}  // namespace

void Fuzz(std::string_view input) {
    const auto document = codec::ParseXml(input);
    if (!document) {
        COFFER_CHECK(document.error().code() == "MalformedXML");
        return;
    }
    // A document type may stand where it is but text: in a comment, or in CDATA.
    COFFER_CHECK(input.find("<!DOCTYPE") == input.npos || input.find("<!--") != input.npos ||
                 input.find("<![CDATA[") != input.npos);
    COFFER_CHECK(input.find('\0') == input.npos);
    codec::XmlWriter writer;
    Write(&writer, document.value().root());
    const auto again = codec::ParseXml(writer.Finish());
    COFFER_CHECK(again.has_value());
    CheckSame(document.value().root(), again.value().root());
}

}  // namespace coffer::fuzz
