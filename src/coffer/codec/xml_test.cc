#include "coffer/codec/xml.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace coffer::codec {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;

constexpr std::string_view kDeclaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

std::string Repeat(std::string_view text, size_t count) {
    std::string all;
    for (size_t i = 0; i < count; ++i)
        all += text;
    return all;
}

// Why a text is refused, or "" where it is not.
std::string Refusal(std::string_view text, const XmlLimits& limits = {}) {
    const auto document = ParseXml(text, limits);
    if (document) return "";
    EXPECT_EQ(document.error().kind(), ErrorKind::kInvalid);
    EXPECT_EQ(document.error().code(), "MalformedXML");
    return document.error().message();
}

std::string RootText(std::string_view text) {
    const auto document = ParseXml(text);
    return document ? document.value().root().Text().value() : document.error().ToString();
}

TEST(XmlWriter, WritesElementsAttributesAndValues) {
    XmlWriter writer;
    writer.Open("List").Attribute("xmlns", "http://x/\"y\"");
    writer.Element("Key", "a&b").Element("Size", 5).Element("More", false).Element("Prefix", "");
    writer.Open("Owner").Text("x").Text("y").Close();
    writer.Close();
    EXPECT_EQ(writer.Finish(),
              std::string(kDeclaration) +
                  "<List xmlns=\"http://x/&quot;y&quot;\"><Key>a&amp;b</Key><Size>5</Size>"
                  "<More>false</More><Prefix/><Owner>xy</Owner></List>");
}

TEST(XmlWriter, WritesTheExtremesOfNumbers) {
    XmlWriter writer;
    writer.Open("N").Element("a", ~uint64_t{0}).Element("b", int64_t{-5}).Element("c", 0);
    writer.Element("d", std::numeric_limits<int64_t>::min()).Close();
    EXPECT_THAT(writer.Finish(), HasSubstr("<a>18446744073709551615</a><b>-5</b><c>0</c>"
                                           "<d>-9223372036854775808</d>"));
}

// As the writer escapes, one character after the other.
std::string Escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<uint8_t>(c);
        if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '&')
            out += "&amp;";
        else if (c == '"')
            out += "&quot;";
        else if (byte < 0x20 || c == '\'' || byte == 0x7f)
            out += fmt::format("&#x{:X};", byte);
        else
            out += c;
    }
    return out;
}

// An element and its attribute, as they are written.
void ExpectEscaped(std::string_view text) {
    XmlWriter writer;
    writer.Open("List").Attribute("of", text).Element("Key", text).Text(text).Close();
    const std::string escaped = Escaped(text);
    const std::string key = text.empty() ? "<Key/>" : "<Key>" + escaped + "</Key>";
    ASSERT_EQ(writer.Finish(), std::string(kDeclaration) + "<List of=\"" + escaped + "\">" + key +
                                   escaped + "</List>");
}

TEST(XmlWriter, EscapesEveryByteThatNeedsIt) {
    for (int c = 0; c < 0x100; ++c)
        ExpectEscaped(std::string(1, static_cast<char>(c)));
}

// The writer looks at 16 characters at a time.
TEST(XmlWriter, EscapesAtEveryPlaceOfTextsOfEveryLength) {
    constexpr std::string_view kSome = "<>&\"'\x01\x1f\x7f";
    for (size_t length = 0; length <= 50; ++length) {
        const std::string plain(length, '\xc3');
        ExpectEscaped(plain);
        for (size_t at = 0; at < length; ++at) {
            std::string text = plain;
            text[at] = kSome[(length + at) % kSome.size()];
            ExpectEscaped(text);
            text.back() = '&';
            ExpectEscaped(text);
        }
    }
}

// It puts short elements together in one piece, and long ones in several.
TEST(XmlWriter, EscapesLongTexts) {
    for (size_t length = 150; length <= 360; ++length) {
        ExpectEscaped(std::string(length, 'x'));
        ExpectEscaped(std::string(length, '"'));
        ExpectEscaped(std::string(length - 1, '"') + "x");
        ExpectEscaped(std::string(length - 1, 'x') + "\x7f");
    }
    const std::string long_name(600, 'n');
    XmlWriter writer;
    writer.Element(long_name, "a&b").Element(long_name, "");
    EXPECT_EQ(writer.Finish(), fmt::format("{0}<{1}>a&amp;b</{1}><{1}/>", kDeclaration, long_name));
}

TEST(XmlWriter, EveryKeyComesBackFromTheReader) {
    std::string key;
    for (int c = 1; c < 0x80; ++c)
        key += static_cast<char>(c);
    key += "\r\n \t]]>\xc3\xa9\xf0\x9f\x98\x80 ";
    XmlWriter writer;
    writer.Open("Key").Attribute("a", key).Text(key).Close();
    const auto document = ParseXml(writer.Finish()).value();
    EXPECT_EQ(document.root().Text().value(), key);
    EXPECT_EQ(document.root().Attribute("a"), key);
}

TEST(XmlReader, ReadsAnS3Request) {
    const auto document = ParseXml(
        "<?xml version='1.0' encoding='utf-8'?>\n<!-- hi -->\n"
        "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\n"
        "  <Object><Key>a b</Key></Object>\n"
        "  <s3:Object xmlns:s3='x'><s3:Key> <![CDATA[<b>&]]>c</s3:Key></s3:Object>\n"
        "  <Quiet>true</Quiet>\n</Delete>\n");
    const XmlNode root = document.value().root();
    EXPECT_EQ(root.name(), "Delete");
    EXPECT_TRUE(root.Expect({"Quiet"}, {"Object"}));
    EXPECT_EQ(root.Children().size(), 3u);
    const auto objects = root.Children("Object");
    ASSERT_EQ(objects.size(), 2u);
    EXPECT_EQ(objects[0].ChildText("Key").value(), "a b");
    EXPECT_EQ(objects[1].ChildText("Key").value(), " <b>&c");
    EXPECT_EQ(objects[0].ChildText("VersionId").value(), std::nullopt);
    EXPECT_EQ(root.Child("Quiet")->Text().value(), "true");
    EXPECT_FALSE(root.Child("quiet"));
}

TEST(XmlReader, KeepsWhiteSpaceInText) {
    EXPECT_EQ(RootText("<Key> </Key>"), " ");
    EXPECT_EQ(RootText("<Key>\n a \t</Key>"), "\n a \t");
    EXPECT_EQ(RootText("<Key>a\r\nb\rc&#13;</Key>"), "a\nb\nc\r");  // XML 1.0, 2.11
    EXPECT_EQ(RootText("<Key/>"), "");
    EXPECT_EQ(RootText("<Key>a<!-- b -->c</Key>"), "ac");
}

TEST(XmlReader, DecodesReferences) {
    EXPECT_EQ(RootText("<K>&lt;&gt;&amp;&quot;&apos;&#65;&#x1F600;&#x1;</K>"),
              "<>&\"'A\xf0\x9f\x98\x80\x01");
    EXPECT_EQ(RootText("<K>&amp;lt;</K>"), "&lt;");
}

TEST(XmlReader, TakesAByteOrderMarkAndPlainDeclarations) {
    EXPECT_EQ(RootText("\xef\xbb\xbf<?xml version=\"1.0\"?><K>a</K>"), "a");
    EXPECT_EQ(RootText("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\" ?><K>a</K>"),
              "a");
    EXPECT_EQ(RootText("<?xml version='1.0' standalone='no'?><K>a</K>"), "a");
    EXPECT_EQ(RootText("<K>a</K>\n<!-- b --> "), "a");
}

TEST(XmlReader, RefusesDocumentTypesEntitiesAndInstructions) {
    EXPECT_THAT(Refusal("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"), HasSubstr("document type"));
    EXPECT_THAT(Refusal("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>"),
                HasSubstr("document type"));
    EXPECT_THAT(Refusal("<!doctype a><a/>"), HasSubstr("document type"));
    EXPECT_THAT(Refusal("<a><!ENTITY b \"c\"></a>"), HasSubstr("document type"));
    EXPECT_THAT(Refusal("<a>&b;</a>"), HasSubstr("reference"));
    EXPECT_THAT(Refusal("<a b='&c;'/>"), HasSubstr("reference"));
    EXPECT_THAT(Refusal("<?php echo ?><a/>"), HasSubstr("processing instruction"));
    EXPECT_THAT(Refusal("<a><?xml version='1.0'?></a>"), HasSubstr("processing instruction"));
    EXPECT_THAT(Refusal(" <?xml version='1.0'?><a/>"), HasSubstr("processing instruction"));
}

TEST(XmlReader, RefusesReferencesToWhatIsNoCharacter) {
    for (const std::string_view reference :
         {"&#0;", "&#x0;", "&#00;", "&#xD800;", "&#xDFFF;", "&#x110000;", "&#;", "&#x;", "&#-1;",
          "&#4294967361;", "&#xg;", "&;", "&", "& ", "&amp", "&AMP;", "&#X41;"}) {
        EXPECT_THAT(Refusal("<a>" + std::string(reference) + "</a>"), HasSubstr("reference"))
            << reference;
    }
}

TEST(XmlReader, RefusesWhatIsNotWellFormed) {
    for (const std::string_view text :
         {"",
          " ",
          "a",
          "<a",
          "<a>",
          "</a>",
          "<a></b>",
          "<a><b></a></b>",
          "<a/><b/>",
          "<a/>x",
          "x<a/>",
          "<a/><![CDATA[x]]>",
          "<a></a></a>",
          "< a/>",
          "<1a/>",
          "<a b/>",
          "<a b=c/>",
          "<a b='c/>",
          "<a b='<'/>",
          "<a b='1'c='2'/>",
          "<a b='1' b='2'/>",
          "<a / >",
          "<a><",
          "<a>]]></a>",
          "<a><![CDATA[x]></a>",
          "<a><!-- x --",
          "<a><!-- x -- y --></a>",

          "<a></ a>",
          "<a></a b='1'>",
          "<a></A>",
          "<>",
          "<a><></a>",
          "<?xml?><a/>",
          "<?xml version='2.0'?><a/>",
          "<?xml encoding='utf-8'?><a/>",
          "<?xml version='1.0' version='1.0'?><a/>",
          "<?xml version='1.0' x='y'?><a/>",
          "<?xml version='1.0' standalone='no' encoding='utf-8'?><a/>",
          "<?xml version='1.0'>",
          "<?xml version='1.0'"}) {
        EXPECT_NE(Refusal(text), "") << text;
    }
}

TEST(XmlReader, RefusesWhatIsNotUtf8) {
    EXPECT_THAT(Refusal("<a>\xe9</a>"), HasSubstr("UTF-8"));
    EXPECT_THAT(Refusal("<a>\xed\xa0\x80</a>"), HasSubstr("UTF-8"));
    EXPECT_THAT(Refusal("<?xml version='1.0' encoding='ISO-8859-1'?><a/>"), HasSubstr("UTF-8"));
    EXPECT_NE(Refusal("\xff\xfe<\0a\0/\0>\0"s), "");
    EXPECT_NE(Refusal("<\0a\0/\0>\0"s), "");
    EXPECT_THAT(Refusal("<a>b\0c</a>"s), HasSubstr("control"));
    EXPECT_THAT(Refusal("<a>\x01</a>"), HasSubstr("control"));
    EXPECT_THAT(Refusal("<a/>\0"s), HasSubstr("control"));
}

TEST(XmlReader, LimitsDepthNodesAndAttributes) {
    const auto nested = [](size_t depth) { return Repeat("<a>", depth) + Repeat("</a>", depth); };
    EXPECT_EQ(Refusal(nested(32)), "");
    EXPECT_THAT(Refusal(nested(33)), HasSubstr("deeply"));
    EXPECT_THAT(Refusal(nested(100'000)), HasSubstr("deeply"));

    const XmlLimits few{.max_depth = 32, .max_nodes = 10, .max_attributes = 2};
    EXPECT_EQ(Refusal("<a>" + Repeat("<b/>", 9) + "</a>", few), "");
    EXPECT_THAT(Refusal("<a>" + Repeat("<b/>", 10) + "</a>", few), HasSubstr("too many nodes"));
    EXPECT_THAT(Refusal("<a>" + Repeat("<![CDATA[]]>", 10) + "</a>", few),
                HasSubstr("too many nodes"));
    EXPECT_EQ(Refusal("<a b='1' c='2'/>", few), "");
    EXPECT_THAT(Refusal("<a b='1' c='2' d='3'/>", few), HasSubstr("too many attributes"));
    std::string attributes;
    for (int i = 0; i < 1'000'000; ++i)
        attributes += " a" + std::to_string(i) + "=''";
    EXPECT_THAT(Refusal("<a" + attributes + "/>"), HasSubstr("too many attributes"));
}

TEST(XmlReader, LetsCallersRefuseWhatTheyDoNotKnow) {
    const auto expect = [](std::string_view text) {
        const auto document = ParseXml(text).value();
        const auto result = document.root().Expect({"Quiet", "X"}, {"Object"});
        return result ? std::string() : result.error().message();
    };
    EXPECT_EQ(expect("<D> <Object/><Quiet/><Object/> </D>"), "");
    EXPECT_EQ(expect("<D/>"), "");
    EXPECT_THAT(expect("<D><Quiet/><Quiet/></D>"), HasSubstr("'Quiet' is there twice"));
    EXPECT_THAT(expect("<D><Other/></D>"), HasSubstr("'Other' is not known in 'D'"));
    EXPECT_THAT(expect("<D>x<Quiet/></D>"), HasSubstr("text stands between"));
    EXPECT_THAT(expect("<D><![CDATA[x]]></D>"), HasSubstr("text stands between"));
}

TEST(XmlReader, TextOfAnElementWithElementsIsAnError) {
    const auto document = ParseXml("<D><Key>a<b/></Key><X>1</X><X>2</X></D>").value();
    EXPECT_FALSE(document.root().Child("Key")->Text());
    EXPECT_FALSE(document.root().ChildText("Key"));
    EXPECT_FALSE(document.root().ChildText("X"));
}

}  // namespace
}  // namespace coffer::codec
