// A body decodes to the same, or fails with the same code, however it comes in pieces; and what is
// coded here decodes to what it was.
#include <algorithm>
#include <string>

#include "coffer/codec/aws_chunked.h"

#include "fuzz/fuzz.h"

namespace coffer::fuzz {
namespace {

struct Outcome {
    std::string code;  // of the error, or empty
    std::string data;
    bool done = false;
    std::vector<std::pair<std::string, std::string>> trailers;

    bool operator==(const Outcome&) const = default;
};

Outcome Decode(const codec::AwsChunkedOptions& options, std::optional<uint64_t> length,
               std::string_view body, size_t in_size, size_t out_size) {
    codec::AwsChunkedDecoder decoder(options, length);
    Outcome outcome;
    std::string out(out_size, '\0');
    while (true) {
        const std::string_view piece = body.substr(0, in_size);
        const auto step =
            decoder.Decode(AsBytes(piece), {reinterpret_cast<std::byte*>(out.data()), out.size()});
        if (!step) return {.code = std::string(step.error().code())};
        COFFER_CHECK(step.value().consumed <= piece.size());
        COFFER_CHECK(step.value().produced <= out.size());
        outcome.data.append(out, 0, step.value().produced);
        outcome.done = step.value().done;
        body.remove_prefix(step.value().consumed);
        if (step.value().consumed > 0 || step.value().produced > 0) continue;
        COFFER_CHECK(body.empty());
        break;
    }
    COFFER_CHECK(!outcome.done || !length || outcome.data.size() == *length);
    outcome.trailers = decoder.trailers();
    return outcome;
}

void CheckRoundTrip(std::string_view data, size_t chunk_size) {
    std::string body;
    for (std::string_view rest = data; !rest.empty();) {
        const std::string_view chunk = rest.substr(0, chunk_size);
        constexpr char kDigits[] = "0123456789abcdef";
        body += kDigits[chunk.size() >> 4];
        body += kDigits[chunk.size() & 0xf];
        body.append("\r\n").append(chunk).append("\r\n");
        rest.remove_prefix(chunk.size());
    }
    body += "0\r\n\r\n";
    const Outcome outcome = Decode({}, data.size(), body, body.size(), data.size() + 1);
    COFFER_CHECK(outcome.done && outcome.data == data);
}

}  // namespace

// The first byte says how the body is coded, the second in which pieces it comes.
void Fuzz(std::string_view input) {
    if (input.size() < 2) return;
    const auto flags = static_cast<unsigned char>(input[0]);
    const size_t piece = static_cast<unsigned char>(input[1]) % 64 + 1;
    const std::string_view body = input.substr(2);

    codec::AwsChunkedOptions options;
    options.signed_chunks = (flags & 1) != 0;
    options.trailer = (flags & 2) != 0;
    if ((flags & 4) != 0) options.trailer_names = {"x-amz-checksum-crc32"};
    options.seed_signature = std::string(64, '0');
    std::optional<uint64_t> length;
    if ((flags & 8) != 0) length = flags >> 4;

    const Outcome whole = Decode(options, length, body, body.size() + 1, body.size() + 1);
    COFFER_CHECK(whole == Decode(options, length, body, piece, body.size() + 1));
    COFFER_CHECK(whole == Decode(options, length, body, body.size() + 1, piece));
    COFFER_CHECK(whole == Decode(options, length, body, 1, 1));
    CheckRoundTrip(body, piece);
}

}  // namespace coffer::fuzz
