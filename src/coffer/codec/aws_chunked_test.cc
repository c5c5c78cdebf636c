#include "coffer/codec/aws_chunked.h"

#include <gtest/gtest.h>

#include <cstring>

#include "coffer/codec/hex.h"

namespace coffer::codec {
namespace {

constexpr std::string_view kScope = "20130524/us-east-1/s3/aws4_request";
constexpr std::string_view kTimestamp = "20130524T000000Z";

// The key of AWS's examples: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY.
Sha256Digest ExampleKey() {
    const std::string secret = "AWS4wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    auto key = HmacSha256(AsBytes(secret), AsBytes("20130524"));
    key = HmacSha256(key, AsBytes("us-east-1"));
    key = HmacSha256(key, AsBytes("s3"));
    return HmacSha256(key, AsBytes("aws4_request"));
}

AwsChunkedOptions SignedOptions(std::string seed) {
    AwsChunkedOptions options;
    options.signed_chunks = true;
    options.signing_key = ExampleKey();
    options.timestamp = kTimestamp;
    options.scope = kScope;
    options.seed_signature = std::move(seed);
    return options;
}

AwsChunkedOptions UnsignedOptions(std::vector<std::string> trailer_names = {}) {
    AwsChunkedOptions options;
    options.trailer = true;
    options.trailer_names = std::move(trailer_names);
    return options;
}

struct Decoded {
    std::string data;
    bool done = false;
    std::vector<std::pair<std::string, std::string>> trailers;
};

// Decodes `body` in pieces of `in_size` into a buffer of `out_size`.
Result<Decoded> DecodeInPieces(AwsChunkedOptions options, std::optional<uint64_t> length,
                               std::string_view body, size_t in_size, size_t out_size) {
    AwsChunkedDecoder decoder(std::move(options), length);
    Decoded decoded;
    std::string out(out_size, '\0');
    size_t at = 0;
    while (true) {
        const auto piece = body.substr(at, in_size);
        TRY(const auto step,
            decoder.Decode(AsBytes(piece), {reinterpret_cast<std::byte*>(out.data()), out.size()}));
        decoded.data.append(out, 0, step.produced);
        at += step.consumed;
        decoded.done = step.done;
        if (at == body.size() && step.produced == 0) break;
        EXPECT_TRUE(step.consumed > 0 || step.produced > 0) << "no progress at " << at;
        if (step.consumed == 0 && step.produced == 0) break;
    }
    decoded.trailers = decoder.trailers();
    return decoded;
}

Result<Decoded> Decode(AwsChunkedOptions options, std::optional<uint64_t> length,
                       std::string_view body) {
    return DecodeInPieces(std::move(options), length, body, body.size() + 1, 1 << 20);
}

std::string CodeOf(const Result<Decoded>& result) {
    if (result) return result.value().done ? "done" : "not done";
    return std::string(result.error().code());
}

// AWS, "Signature Calculations for the Authorization Header: Transferring Payload in Multiple
// Chunks", example.
constexpr std::string_view kExampleSeed =
    "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";

std::string ExampleBody() {
    std::string body =
        "10000;chunk-signature="
        "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n";
    body += std::string(65536, 'a') + "\r\n";
    body +=
        "400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n";
    body += std::string(1024, 'a') + "\r\n";
    body +=
        "0;chunk-signature="
        "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n";
    return body;
}

TEST(AwsChunked, DecodesTheExampleThatAwsPublishes) {
    const auto result = Decode(SignedOptions(std::string(kExampleSeed)), 66560, ExampleBody());
    ASSERT_TRUE(result) << result.error().ToString();
    EXPECT_TRUE(result.value().done);
    EXPECT_EQ(result.value().data, std::string(66560, 'a'));
}

TEST(AwsChunked, DecodesTheSameHoweverThePiecesFall) {
    const std::string body = ExampleBody();
    for (const size_t in_size : {1, 2, 3, 7, 85, 4096, 65536}) {
        for (const size_t out_size : {1, 100, 65536}) {
            if (in_size * out_size < 7) continue;
            const auto result = DecodeInPieces(SignedOptions(std::string(kExampleSeed)), 66560,
                                               body, in_size, out_size);
            ASSERT_TRUE(result) << result.error().ToString();
            EXPECT_TRUE(result.value().done) << in_size << " " << out_size;
            EXPECT_EQ(result.value().data.size(), 66560u);
        }
    }
}

// AWS, "… Transferring Payload in Multiple Chunks … including trailing headers", example.
constexpr std::string_view kTrailerSeed =
    "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";

std::string TrailerBody(std::string_view trailer) {
    std::string body =
        "10000;chunk-signature="
        "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n";
    body += std::string(65536, 'a') + "\r\n";
    body +=
        "400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n";
    body += std::string(1024, 'a') + "\r\n";
    body +=
        "0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n";
    body += trailer;
    return body;
}

AwsChunkedOptions SignedTrailerOptions() {
    AwsChunkedOptions options = SignedOptions(std::string(kTrailerSeed));
    options.trailer = true;
    options.trailer_names = {"x-amz-checksum-crc32c"};
    return options;
}

constexpr std::string_view kTrailerSignatureLine =
    "x-amz-trailer-signature:"
    "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n";

TEST(AwsChunked, DecodesTheTrailerExampleThatAwsPublishes) {
    for (const std::string_view end : {"\r\n", "\n", "\n\r\n"}) {
        const std::string body = TrailerBody("x-amz-checksum-crc32c:sOO8/Q==" + std::string(end) +
                                             std::string(kTrailerSignatureLine));
        for (const size_t in_size : {size_t{1}, size_t{50}, body.size()}) {
            const auto result = DecodeInPieces(SignedTrailerOptions(), 66560, body, in_size, 70000);
            ASSERT_TRUE(result) << result.error().ToString();
            EXPECT_TRUE(result.value().done);
            ASSERT_EQ(result.value().trailers.size(), 1u);
            EXPECT_EQ(result.value().trailers[0].first, "x-amz-checksum-crc32c");
            EXPECT_EQ(result.value().trailers[0].second, "sOO8/Q==");
        }
    }
}

TEST(AwsChunked, RefusesAChangedTrailer) {
    const auto decode = [](std::string_view trailer) {
        return CodeOf(Decode(SignedTrailerOptions(), 66560, TrailerBody(trailer)));
    };
    const std::string signature(kTrailerSignatureLine);
    EXPECT_EQ(decode("x-amz-checksum-crc32c:sOO8/A==\r\n" + signature), "SignatureDoesNotMatch");
    EXPECT_EQ(decode("x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:00\r\n\r\n"),
              "SignatureDoesNotMatch");
    EXPECT_EQ(decode("x-amz-checksum-crc32c:sOO8/Q==\r\n\r\n"), "MalformedTrailerError");
    EXPECT_EQ(decode(signature), "MalformedTrailerError");
    EXPECT_EQ(decode("\r\n"), "MalformedTrailerError");
    EXPECT_EQ(decode("x-amz-trailer-signature:"
                     "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n"
                     "x-amz-checksum-crc32c:sOO8/Q==\r\n\r\n"),
              "MalformedTrailerError");
    EXPECT_EQ(decode("x-amz-checksum-crc32c:sOO8/Q==\r\n" + signature + signature),
              "InvalidRequest");
}

TEST(AwsChunked, RefusesAOneBitChangeOfAnyByteOfASignedBody) {
    const std::string seed(64, '0');
    // A body of three chunks, signed here the long way.
    std::string body;
    std::string previous = seed;
    for (const std::string_view chunk : {"hello", "world", ""}) {
        const std::string text = "AWS4-HMAC-SHA256-PAYLOAD\n" + std::string(kTimestamp) + "\n" +
                                 std::string(kScope) + "\n" + previous + "\n" + ToHex(Sha256({})) +
                                 "\n" + ToHex(Sha256(AsBytes(chunk)));
        previous = ToHex(HmacSha256(ExampleKey(), AsBytes(text)));
        body += std::to_string(chunk.size()) + ";chunk-signature=" + previous + "\r\n" +
                std::string(chunk) + "\r\n";
    }
    ASSERT_EQ(CodeOf(Decode(SignedOptions(seed), 10, body)), "done");
    for (size_t i = 0; i < body.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string changed = body;
            changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
            EXPECT_NE(CodeOf(Decode(SignedOptions(seed), 10, changed)), "done")
                << "byte " << i << " bit " << bit;
        }
    }
    for (size_t size = 0; size < body.size(); ++size) {
        EXPECT_NE(CodeOf(Decode(SignedOptions(seed), 10, body.substr(0, size))), "done") << size;
    }
    EXPECT_EQ(CodeOf(Decode(SignedOptions(std::string(64, '1')), 10, body)),
              "SignatureDoesNotMatch");
}

TEST(AwsChunked, RefusesReorderedAndDroppedChunks) {
    const std::string first =
        "10000;chunk-signature="
        "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" +
        std::string(65536, 'a') + "\r\n";
    const std::string second =
        "400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" +
        std::string(1024, 'a') + "\r\n";
    const std::string last =
        "0;chunk-signature="
        "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n";
    const auto decode = [](uint64_t length, const std::string& body) {
        return CodeOf(Decode(SignedOptions(std::string(kExampleSeed)), length, body));
    };
    EXPECT_EQ(decode(66560, second + first + last), "SignatureDoesNotMatch");
    EXPECT_EQ(decode(65536, first + last), "SignatureDoesNotMatch");
    EXPECT_EQ(decode(1024, second + last), "SignatureDoesNotMatch");
    EXPECT_EQ(decode(66560, first + second), "not done");
    EXPECT_EQ(decode(66560, first + last), "IncompleteBody");
}

TEST(AwsChunked, DecodesUnsignedChunksWithATrailer) {
    const auto decode = [](std::string_view body) {
        return Decode(UnsignedOptions({"x-amz-checksum-crc32"}), 5, body);
    };
    for (const std::string_view body :
         {"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n",
          "5\r\nhello\r\n0\r\nX-Amz-Checksum-CRC32: NhCmhg== \r\n\r\n",
          "2\r\nhe\r\n0003\r\nllo\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\n\r\n\r\n"}) {
        const auto result = decode(body);
        ASSERT_TRUE(result) << result.error().ToString();
        EXPECT_TRUE(result.value().done);
        EXPECT_EQ(result.value().data, "hello");
        ASSERT_EQ(result.value().trailers.size(), 1u);
        EXPECT_EQ(result.value().trailers[0].second, "NhCmhg==");
    }
    const auto empty = Decode(UnsignedOptions(), 0, "0\r\n\r\n");
    ASSERT_TRUE(empty);
    EXPECT_TRUE(empty.value().done);
}

TEST(AwsChunked, RefusesTrailersThatNobodyAnnouncedOrThatAreMissing) {
    const auto decode = [](std::string_view trailer) {
        return CodeOf(
            Decode(UnsignedOptions({"x-amz-checksum-crc32"}), 0, "0\r\n" + std::string(trailer)));
    };
    EXPECT_EQ(decode("x-amz-checksum-crc32:AAAAAA==\r\n\r\n"), "done");
    EXPECT_EQ(decode("\r\n"), "MalformedTrailerError");
    EXPECT_EQ(decode("x-amz-checksum-sha1:AAAA\r\n\r\n"), "MalformedTrailerError");
    EXPECT_EQ(decode("x-amz-checksum-crc32:AAAAAA==\r\nx-amz-meta-a:b\r\n\r\n"),
              "MalformedTrailerError");
    EXPECT_EQ(decode("x-amz-checksum-crc32:AAAAAA==\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"),
              "MalformedTrailerError");
    EXPECT_EQ(decode(":AAAAAA==\r\n\r\n"), "MalformedTrailerError");
    EXPECT_EQ(decode("x-amz-checksum-crc32\r\n\r\n"), "MalformedTrailerError");
    EXPECT_EQ(decode("x-amz-checksum-crc32:" + std::string(5000, 'A') + "\r\n\r\n"),
              "MalformedTrailerError");
    EXPECT_EQ(decode("x-amz-checksum-crc32:AAAAAA==\r\n"), "not done");
    EXPECT_EQ(decode("x-amz-checksum-crc32:AAAAAA==\r\n\n"), "MalformedTrailerError");
}

TEST(AwsChunked, TakesAnyNumberOfAnnouncedTrailersInAnyOrder) {
    std::vector<std::string> names;
    std::string trailer;
    for (int i = 0; i < 200; ++i) {
        const std::string name = "a" + std::to_string(i);
        names.insert(names.end(), {name, name});
        trailer.insert(0, name + ":x\r\n");
    }
    const auto result = Decode(UnsignedOptions(names), 0, "0\r\n" + trailer + "\r\n");
    ASSERT_TRUE(result) << result.error().ToString();
    EXPECT_EQ(result.value().trailers.size(), 200u);
    EXPECT_EQ(result.value().trailers.front().first, "a199");
    names.emplace_back("missing");
    EXPECT_EQ(CodeOf(Decode(UnsignedOptions(names), 0, "0\r\n" + trailer + "\r\n")),
              "MalformedTrailerError");
}

TEST(AwsChunked, RefusesAnotherLengthThanPromised) {
    const auto decode = [](std::optional<uint64_t> length, std::string_view body) {
        return CodeOf(Decode(UnsignedOptions(), length, body));
    };
    EXPECT_EQ(decode(5, "5\r\nhello\r\n0\r\n\r\n"), "done");
    EXPECT_EQ(decode(std::nullopt, "5\r\nhello\r\n0\r\n\r\n"), "done");
    EXPECT_EQ(decode(4, "5\r\nhello\r\n0\r\n\r\n"), "IncompleteBody");
    EXPECT_EQ(decode(6, "5\r\nhello\r\n0\r\n\r\n"), "IncompleteBody");
    EXPECT_EQ(decode(0, "ffffffffffffffff\r\n"), "IncompleteBody");
    EXPECT_EQ(decode(9, "5\r\nhello\r\nffffffffffffffff\r\n"), "IncompleteBody");
}

TEST(AwsChunked, RefusesMalformedCoding) {
    const auto decode = [](std::string_view body) {
        return CodeOf(Decode(UnsignedOptions(), std::nullopt, body));
    };
    for (const std::string_view size :
         {"10000000000000000", "-1", "+5", "0x5", "", " 5", "5 ", "g"}) {
        EXPECT_EQ(decode(std::string(size) + "\r\nhello\r\n0\r\n\r\n"), "InvalidChunkSizeError")
            << size;
    }
    EXPECT_EQ(decode("5\nhello\r\n0\r\n\r\n"), "InvalidRequest");
    EXPECT_EQ(decode("5\r\nhello\n0\r\n\r\n"), "InvalidRequest");
    EXPECT_EQ(decode("5\r\nhelloworld"), "InvalidRequest");
    EXPECT_EQ(decode("5;a=b\r\nhello\r\n0\r\n\r\n"), "InvalidRequest");
    EXPECT_EQ(decode("5;" + std::string(1 << 20, 'x') + "\r\nhello\r\n0\r\n\r\n"),
              "InvalidRequest");
    EXPECT_EQ(decode("5\r\nhello\r\n0\r\n\r\nmore"), "InvalidRequest");

    const auto decode_signed = [](std::string_view body) {
        return CodeOf(Decode(SignedOptions(std::string(64, '0')), std::nullopt, body));
    };
    EXPECT_EQ(decode_signed("5\r\nhello\r\n0\r\n\r\n"), "InvalidRequest");
    EXPECT_EQ(decode_signed("5;chunk-signature=00\r\nhello\r\n0\r\n\r\n"), "InvalidRequest");
    EXPECT_EQ(decode_signed("0;chunk-signature=" + std::string(64, '0') + "\r\n\r\n"),
              "SignatureDoesNotMatch");
}

}  // namespace
}  // namespace coffer::codec
