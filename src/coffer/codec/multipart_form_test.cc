#include "coffer/codec/multipart_form.h"

#include <gtest/gtest.h>

#include <vector>

namespace coffer::codec {
namespace {

struct ReadPart {
    std::string name;
    std::optional<std::string> file_name;
    std::string content_type;
    std::string content;
    bool operator==(const ReadPart&) const = default;
};

struct Outcome {
    std::vector<ReadPart> parts;
    std::string end;  // "end", "more" or the error's message
};

// Feeds the body in pieces; what is not consumed comes again with the next piece.
Outcome Read(std::string_view body, size_t piece, std::string_view boundary = "XyZ") {
    auto form =
        MultipartForm::ForContentType("multipart/form-data; boundary=" + std::string(boundary));
    Outcome outcome;
    size_t begin = 0;
    size_t arrived = 0;
    while (true) {
        const auto step = form->Next(body.substr(begin, arrived - begin));
        if (!step) {
            outcome.end = step.error().message();
            return outcome;
        }
        begin += step.value().consumed;
        switch (step.value().event) {
            case MultipartForm::Event::kMore:
                if (arrived == body.size()) {
                    outcome.end = "more";
                    return outcome;
                }
                arrived = std::min(arrived + piece, body.size());
                break;
            case MultipartForm::Event::kPart:
                outcome.parts.push_back(
                    {form->part().name, form->part().file_name, form->part().content_type, {}});
                break;
            case MultipartForm::Event::kData:
                outcome.parts.back().content += step.value().data;
                break;
            case MultipartForm::Event::kPartEnd:
                break;
            case MultipartForm::Event::kEnd:
                outcome.end = "end";
                return outcome;
        }
    }
}

std::string Part(std::string_view disposition, std::string_view content) {
    return "--XyZ\r\nContent-Disposition: form-data; " + std::string(disposition) + "\r\n\r\n" +
           std::string(content) + "\r\n";
}

TEST(MultipartForm, GivesThePartsInWhateverPiecesTheyCome) {
    const std::string body =
        Part("name=\"key\"", "a/b") + Part("name=empty", "") +
        "--XyZ \t\r\ncontent-disposition: Form-Data; name=\"file\"; filename=\"cat.jpg\"\r\n"
        "Content-Type: image/jpeg\r\nX-Other: 1\r\n\r\n\r\n--Xy\r\n--XyZ-\r\n--XyZtail\r\n\r\n"
        "--XyZ--\r\nepilogue";
    const std::vector<ReadPart> parts = {
        {"key", std::nullopt, "", "a/b"},
        {"empty", std::nullopt, "", ""},
        {"file", "cat.jpg", "image/jpeg", "\r\n--Xy\r\n--XyZ-\r\n--XyZtail\r\n"}};
    for (const size_t piece : {size_t{1}, size_t{2}, size_t{7}, body.size()}) {
        const Outcome outcome = Read(body, piece);
        EXPECT_EQ(outcome.end, "end") << piece;
        EXPECT_EQ(outcome.parts, parts) << piece;
    }
}

TEST(MultipartForm, HasNoEndBeforeItsLastDelimiter) {
    const std::string body = Part("name=\"file\"; filename=\"f\"", "content") + "--XyZ--";
    for (size_t size = 0; size < body.size(); ++size)
        EXPECT_EQ(Read(body.substr(0, size), 5).end, "more") << size;
    EXPECT_EQ(Read(body, 5).end, "end");
}

TEST(MultipartForm, TakesNamesAsProgramsWriteThem) {
    const auto name_of = [](std::string_view disposition) {
        const Outcome outcome = Read(Part(disposition, "") + "--XyZ--", 1000);
        return outcome.parts.empty()
                   ? outcome.end
                   : outcome.parts[0].name + "|" + outcome.parts[0].file_name.value_or("none");
    };
    EXPECT_EQ(name_of("name=key"), "key|none");
    EXPECT_EQ(name_of("name=\"a \\\"b\\\" \\\\c\""), "a \"b\" \\c|none");
    EXPECT_EQ(name_of(R"(name="file"; filename="C:\dir\cat.jpg")"), R"(file|C:\dir\cat.jpg)");
    EXPECT_EQ(name_of("filename=\"\" ; name=\"file\""), "file|");
    EXPECT_EQ(name_of("name=\"file\"; filename=\"\xC3\xBC\"; filename*=UTF-8''%C3%BC"),
              "file|\xC3\xBC");
}

TEST(MultipartForm, TakesALineBreakBeforeTheFirstDelimiterAndNothingElse) {
    const std::string body = Part("name=a", "1") + "--XyZ--";
    EXPECT_EQ(Read("\r\n" + body, 3).end, "end");
    EXPECT_EQ(Read("\r\n\r\n" + body, 3).parts.size(), 0U);
    EXPECT_NE(Read("preamble\r\n" + body, 100).end, "end");
    EXPECT_NE(Read("--Xyz" + body, 100).end, "end");
}

TEST(MultipartForm, RefusesWhatTwoReadersCouldTakeForTwoThings) {
    for (const std::string_view body :
         {"--XyZ\r\n\r\ncontent\r\n--XyZ--", "--XyZ\r\nContent-Type: text/plain\r\n\r\n\r\n--XyZ--",
          "--XyZ\r\nContent-Disposition: attachment; name=a\r\n\r\n\r\n--XyZ--",
          "--XyZ\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n\r\n--XyZ--",
          "--XyZ\r\nContent-Disposition: form-data; name=a; filename=b; filename=c\r\n\r\n\r\n"
          "--XyZ--",
          "--XyZ\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: form-data; "
          "name=b\r\n\r\n\r\n--XyZ--",
          "--XyZ\r\nContent-Disposition: form-data; name=a\r\n folded\r\n\r\n\r\n--XyZ--",
          "--XyZ\r\nContent-Disposition: form-data; name=\"a\r\n\r\n\r\n--XyZ--",
          "--XyZ\r\nContent-Disposition: form-data; name=a\nX: b\r\n\r\n\r\n--XyZ--",
          "--XyZ\r\nContent-Disposition : form-data; name=a\r\n\r\n\r\n--XyZ--", "--XyZ\n\n--XyZ--",
          "--XyZ -- \r\n"}) {
        EXPECT_TRUE(Read(body, 1000).end.starts_with("The body of your POST request is not well"))
            << body;
        EXPECT_EQ(Read(body, 1).end, Read(body, 1000).end) << body;
    }
}

TEST(MultipartForm, BoundsWhatIsNotContent) {
    const std::string blanks(MultipartForm::kMaxHeaderBytes + 1, ' ');
    EXPECT_NE(Read("--XyZ" + blanks, 100).end, "more");
    const std::string header = "--XyZ\r\nX: " + blanks;
    EXPECT_NE(Read(header, 100).end, "more");
    const Outcome content = Read(Part("name=a", "1\r\n--XyZ" + blanks + "\r\n") + "--XyZ--", 100);
    EXPECT_EQ(content.end, "end");
    EXPECT_EQ(content.parts[0].content, "1\r\n--XyZ" + blanks + "\r\n");
}

TEST(MultipartForm, NeedsABoundary) {
    const auto takes = [](std::string_view type) {
        return MultipartForm::ForContentType(type).has_value();
    };
    EXPECT_TRUE(takes("multipart/form-data; boundary=----WebKitFormBoundaryAbC"));
    EXPECT_TRUE(takes("Multipart/Form-Data ; charset=utf-8; Boundary=\"a b\""));
    for (const std::string_view type :
         {"", "multipart/form-data", "multipart/form-data; boundary=",
          "multipart/form-data; boundary", "multipart/form-data; boundary=a; boundary=b",
          "multipart/form-data; boundary=\"a", "multipart/form-data; boundary=\"a \"",
          "multipart/form-data boundary=a", "multipart/form-data; boundary=a, b",
          "application/x-www-form-urlencoded; boundary=a", "multipart/mixed; boundary=a"})
        EXPECT_FALSE(takes(type)) << type;
    EXPECT_TRUE(takes("multipart/form-data; boundary=" + std::string(70, 'a')));
    EXPECT_FALSE(takes("multipart/form-data; boundary=" + std::string(71, 'a')));
}

}  // namespace
}  // namespace coffer::codec
