#include "coffer/app/protocol_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace coffer::app {
namespace {

using ::testing::HasSubstr;

TEST(ProtocolError, IsReadByClientsOfS3) {
    const http::Response response = RenderProtocolError(431, "there are too many <headers>");
    EXPECT_EQ(response.status, 431);
    EXPECT_EQ(response.headers.Get("Content-Type"), "application/xml");
    const std::string id(response.headers.GetOr("x-amz-request-id", ""));
    const auto& body = std::get<std::string>(response.body);
    EXPECT_EQ(id.size(), 16U);
    EXPECT_THAT(body, HasSubstr("<Code>RequestHeaderSectionTooLarge</Code>"));
    EXPECT_THAT(body, HasSubstr("there are too many &lt;headers&gt;"));
    EXPECT_THAT(body, HasSubstr("<RequestId>" + id + "</RequestId>"));
}

TEST(ProtocolError, UnknownOnesAreBadRequests) {
    for (const int status : {400, 417, 505}) {
        const http::Response response = RenderProtocolError(status, "x");
        EXPECT_EQ(response.status, status);
        EXPECT_THAT(std::get<std::string>(response.body), HasSubstr("<Code>BadRequest</Code>"));
    }
}

}  // namespace
}  // namespace coffer::app
