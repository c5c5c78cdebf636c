#include "bench/loader/workloads.h"

#include <gtest/gtest.h>

#include <set>

namespace coffer::bench {
namespace {

class Workloads : public ::testing::Test {
  protected:
    const RequestSigner signer_{"127.0.0.1:9000", "access", "secret", "us-east-1",
                                SignaturePlace::kHeader};
    const Content content_{4096, 7};

    // The body that a request would send.
    static std::string BodyOf(const Request& request) {
        return std::string(AsText(request.body)) +
               std::string(request.tail.data(), request.tail_bytes);
    }

    static ResponseReader Answer(std::string_view text, size_t keep_bytes) {
        ResponseReader reader;
        reader.Begin(false, keep_bytes);
        EXPECT_EQ(reader.Feed(text), ResponseReader::Progress::kDone);
        return reader;
    }
};

TEST_F(Workloads, PutEachObjectOnceWithABodyOfItsOwn) {
    const auto puts = NewPuts(signer_, content_, {{"b", 0}, 5, 3}, {});
    std::set<std::string> bodies;
    std::set<std::string_view> heads;
    Request request;
    while (puts->Next(0, &request) == Workload::Turn::kSend) {
        bodies.insert(BodyOf(request));
        heads.insert(request.head);
    }
    EXPECT_EQ(bodies.size(), 3u);
    EXPECT_EQ(heads.size(), 3u);
}

TEST_F(Workloads, PutOneContentUnderManyKeysWhereThatIsAskedFor) {
    const auto puts = NewPuts(signer_, content_, {{"b", 0}, 5, 3}, {.same_content = true});
    std::set<std::string> bodies;
    std::set<std::string_view> heads;
    Request request;
    while (puts->Next(0, &request) == Workload::Turn::kSend) {
        bodies.insert(BodyOf(request));
        heads.insert(request.head);
    }
    EXPECT_EQ(bodies.size(), 1u);
    EXPECT_EQ(heads.size(), 3u);
}

TEST_F(Workloads, GetNoticesAWrongBody) {
    const auto gets = NewGets(signer_, content_, {{"b", 0}, 5, 1}, {});
    Request request;
    ASSERT_EQ(gets->Next(0, &request), Workload::Turn::kSend);
    Request put;
    ASSERT_EQ(NewPuts(signer_, content_, {{"b", 0}, 5, 1}, {})->Next(0, &put),
              Workload::Turn::kSend);
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 4096\r\n\r\n";
    std::string body = BodyOf(put);
    EXPECT_TRUE(gets->Done(0, request, Answer(head + body, request.keep_bytes)));
    body.back() ^= 1;
    EXPECT_FALSE(gets->Done(0, request, Answer(head + body, request.keep_bytes)));
    body.back() ^= 1;
    EXPECT_FALSE(gets->Done(
        0, request,
        Answer("HTTP/1.1 200 OK\r\nContent-Length: 4095\r\n\r\n" + body.substr(1), 4096)));
}

TEST_F(Workloads, GetEndsAfterTheRangeOnlyWhereEachIsReadOnce) {
    const auto once = NewGets(signer_, content_, {{"b", 0}, 0, 2}, {.once = true});
    const auto over_and_over = NewGets(signer_, content_, {{"b", 0}, 0, 2}, {});
    Request request;
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(once->Next(0, &request), Workload::Turn::kSend);
        EXPECT_EQ(over_and_over->Next(0, &request), Workload::Turn::kSend);
    }
    EXPECT_EQ(once->Next(0, &request), Workload::Turn::kEnd);
    EXPECT_EQ(over_and_over->Next(0, &request), Workload::Turn::kSend);
}

TEST_F(Workloads, KeysLieUnderTheirPrefixesAndAreNeverTheSame) {
    const KeySpace keys{"b", 3};
    std::set<std::string> seen;
    for (uint64_t i = 0; i < 1000; ++i) {
        EXPECT_EQ(keys.Key(i).substr(0, 5), "p00" + std::to_string(i % 3) + "/");
        seen.insert(keys.Key(i));
    }
    EXPECT_EQ(seen.size(), 1000u);
}

TEST_F(Workloads, ListingsGoOnWhereAPageSaysAndBeginAgainAtTheEnd) {
    const auto listings = NewListings(signer_, "b", "/");
    const auto page = [&](std::string_view rest, int keys = 2) {
        const std::string body = "<ListBucketResult><KeyCount>" + std::to_string(keys) +
                                 "</KeyCount>" + std::string(rest) + "</ListBucketResult>";
        return Answer(
            "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body,
            10'000);
    };
    Request request;
    listings->Next(0, &request);
    EXPECT_TRUE(request.head.starts_with("GET /b?delimiter=%2F&list-type=2&max-keys=1000 "));
    EXPECT_TRUE(listings->Done(
        0, request,
        page("<IsTruncated>true</IsTruncated><NextContinuationToken>a/b</NextContinuationToken>")));
    listings->Next(0, &request);
    EXPECT_TRUE(request.head.starts_with("GET /b?continuation-token=a%2Fb&delimiter=%2F&"));
    EXPECT_TRUE(listings->Done(0, request, page("<IsTruncated>false</IsTruncated>")));
    listings->Next(0, &request);
    EXPECT_TRUE(request.head.starts_with("GET /b?delimiter"));
    EXPECT_EQ(listings->listed(), 4u);
    // A bucket of nothing is wrong; a walk may end with a page of nothing.
    EXPECT_FALSE(listings->Done(0, request, page("<IsTruncated>false</IsTruncated>", 0)));
    EXPECT_TRUE(listings->Done(
        0, request,
        page("<IsTruncated>true</IsTruncated><NextContinuationToken>a</NextContinuationToken>")));
    EXPECT_TRUE(listings->Done(0, request, page("<IsTruncated>false</IsTruncated>", 0)));
    EXPECT_EQ(listings->listed(), 6u);
    // Truncated, and yet nowhere to go on from.
    EXPECT_FALSE(listings->Done(0, request, page("<IsTruncated>true</IsTruncated>")));
}

TEST_F(Workloads, MultipartCompletesWithWhatThePartsAnswered) {
    const auto uploads = NewMultiparts(signer_, content_, {{"b", 0}, 0, 1}, 2, true);
    const auto answer = [&](std::string_view headers, std::string_view body) {
        return Answer("HTTP/1.1 200 OK\r\n" + std::string(headers) + "Content-Length: " +
                          std::to_string(body.size()) + "\r\n\r\n" + std::string(body),
                      512);
    };
    Request create;
    Request one;
    Request two;
    Request complete;
    ASSERT_EQ(uploads->Next(0, &create), Workload::Turn::kSend);
    EXPECT_EQ(uploads->Next(1, &one), Workload::Turn::kWait);
    EXPECT_TRUE(uploads->Done(0, create, answer("", "<UploadId>u1</UploadId>")));
    ASSERT_EQ(uploads->Next(0, &one), Workload::Turn::kSend);
    ASSERT_EQ(uploads->Next(1, &two), Workload::Turn::kSend);
    EXPECT_NE(BodyOf(one), BodyOf(two));
    EXPECT_NE(two.head.find("?partNumber=2&uploadId=u1 "), std::string_view::npos);
    EXPECT_EQ(uploads->Next(2, &complete), Workload::Turn::kWait);
    EXPECT_TRUE(uploads->Done(1, two, answer("ETag: \"two\"\r\n", "")));
    EXPECT_EQ(uploads->Next(1, &complete), Workload::Turn::kWait);
    EXPECT_TRUE(uploads->Done(0, one, answer("ETag: \"one\"\r\n", "")));
    ASSERT_EQ(uploads->Next(0, &complete), Workload::Turn::kSend);
    EXPECT_EQ(AsText(complete.body),
              "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"one\"</ETag></Part>"
              "<Part><PartNumber>2</PartNumber><ETag>\"two\"</ETag></Part>"
              "</CompleteMultipartUpload>");
    // S3 may answer 200 and then fail.
    EXPECT_FALSE(
        uploads->Done(0, complete, answer("", "<Error><Code>InternalError</Code></Error>")));
    EXPECT_EQ(uploads->Next(0, &complete), Workload::Turn::kEnd);
}

}  // namespace
}  // namespace coffer::bench
