// The check that goes before the XML library, which is lenient where XML is not.
#pragma once

#include <string_view>

#include "coffer/codec/xml.h"

namespace coffer::codec {

// Whether `text` (without a byte order mark) is a document that ParseXml takes, but for one thing
// that the library checks itself: that end tags match their start tags. Takes time in proportion to
// the text, and no memory that grows with it. kInvalid "MalformedXML".
Result<> CheckXmlSyntax(std::string_view text, const XmlLimits& limits);

// The error of everything that is wrong with a client's XML.
Error MalformedXml(std::string_view why);

}  // namespace coffer::codec
