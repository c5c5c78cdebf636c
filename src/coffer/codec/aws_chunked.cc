#include "coffer/codec/aws_chunked.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "coffer/codec/ascii.h"
#include "coffer/codec/constant_time.h"
#include "coffer/codec/hex.h"

namespace coffer::codec {
namespace {

// "ffffffffffffffff;chunk-signature=<64 digits>\r\n" is 99 bytes.
constexpr size_t kMaxHeadBytes = 128;
constexpr size_t kMaxTrailerBytes = 4096;
constexpr size_t kSignatureDigits = 64;
constexpr std::string_view kChunkSignature = ";chunk-signature=";
constexpr std::string_view kTrailerSignature = "x-amz-trailer-signature";

Error MalformedChunk(std::string message) {
    return {ErrorKind::kInvalid, "InvalidRequest",
            "The aws-chunked body is malformed: " + std::move(message)};
}

Error MalformedSize(std::string message) {
    return {ErrorKind::kInvalid, "InvalidChunkSizeError", std::move(message)};
}

Error MalformedTrailer(std::string message) {
    return {ErrorKind::kInvalid, "MalformedTrailerError",
            "The request contained trailing data that was not well-formed: " + std::move(message)};
}

Error WrongLength() {
    return {ErrorKind::kInvalid, "IncompleteBody",
            "The body does not have the length that x-amz-decoded-content-length gives."};
}

Error WrongSignature() {
    return {
        ErrorKind::kDenied, "SignatureDoesNotMatch",
        "The chunk or trailer signature we calculated does not match the signature you provided."};
}

// 1 to 16 hexadecimal digits, and nothing else.
std::optional<uint64_t> ParseSize(std::string_view digits) {
    if (digits.empty() || digits.size() > 16) return std::nullopt;
    uint64_t size = 0;
    for (const char c : digits) {
        const int digit = HexDigitValue(c);
        if (digit < 0) return std::nullopt;
        size = size << 4 | static_cast<uint64_t>(digit);
    }
    return size;
}

}  // namespace

struct AwsChunkedDecoder::State {
    enum class Phase : uint8_t {
        kHead,     // "<size>[;chunk-signature=…]\r\n"
        kData,     // the chunk's bytes
        kDataEnd,  // "\r\n" behind them
        kTrailer,  // lines up to an empty one
        kLastEnd,  // "\r\n" behind a last chunk without a trailer
        kDone,
    };

    AwsChunkedOptions options;
    std::optional<uint64_t> decoded_length;

    Phase phase = Phase::kHead;
    std::string line;      // what is in of the present line
    uint64_t decoded = 0;  // bytes given out
    uint64_t chunk_left = 0;
    std::string chunk_signature;     // that the client gave for this chunk
    std::string previous_signature;  // each signature covers the one before
    std::unique_ptr<Hasher> chunk_hash;
    size_t trailer_bytes = 0;
    bool after_bare_newline = false;
    std::optional<std::string> trailer_signature;
    std::set<std::string> awaited;  // names that are announced and did not come yet
    std::vector<std::pair<std::string, std::string>> trailers;

    // Takes bytes up to and with '\n' into `line`. False where the line is not whole yet.
    bool TakeLine(ByteView in, Step& step, size_t limit) {
        const std::string_view rest = AsText(in).substr(step.consumed);
        const size_t room = limit - line.size();
        const std::string_view reach = rest.substr(0, room);
        const size_t newline = reach.find('\n');
        const size_t taken = newline == std::string_view::npos ? reach.size() : newline + 1;
        line.append(reach.substr(0, taken));
        step.consumed += taken;
        return newline != std::string_view::npos;
    }

    // The errors of each of these are those of Decode; true means "go on", false "more input or
    // room is needed".
    Result<bool> Head(ByteView in, Step& step);
    Result<bool> Data(ByteView in, ByteSpan out, Step& step);
    Result<bool> DataEnd(ByteView in, Step& step, Phase next);
    Result<bool> Trailer(ByteView in, Step& step);

    Result<> BeginChunk(std::string_view head);
    Result<> EndChunk();
    Result<> TrailerLine(std::string_view text, bool crlf);
    Result<> EndTrailer();
    std::string Sign(std::string_view string_to_sign) const;
};

// Source: "Signature calculations … transferring payload in multiple chunks": each string to sign
// has the algorithm, the time, the scope and the signature before.
std::string AwsChunkedDecoder::State::Sign(std::string_view string_to_sign) const {
    return ToHex(HmacSha256(options.signing_key, AsBytes(string_to_sign)));
}

Result<bool> AwsChunkedDecoder::State::Head(ByteView in, Step& step) {
    if (!TakeLine(in, step, kMaxHeadBytes)) {
        if (line.size() == kMaxHeadBytes) return MalformedChunk("a chunk's header is too long");
        return false;
    }
    if (!line.ends_with("\r\n")) return MalformedChunk("a chunk's header does not end with CR LF");
    TRY(BeginChunk(std::string_view(line).substr(0, line.size() - 2)));
    line.clear();
    if (chunk_left > 0) {
        phase = Phase::kData;
        return true;
    }
    if (decoded_length && decoded != *decoded_length) return WrongLength();
    TRY(EndChunk());
    phase = options.trailer ? Phase::kTrailer : Phase::kLastEnd;
    return true;
}

Result<> AwsChunkedDecoder::State::BeginChunk(std::string_view head) {
    const size_t semicolon = head.find(';');
    const auto size = ParseSize(head.substr(0, semicolon));
    if (!size) return MalformedSize("A chunk's size is not 1 to 16 hexadecimal digits.");
    if (decoded_length && *size > *decoded_length - decoded) return WrongLength();
    chunk_left = *size;

    const std::string_view extension =
        semicolon == std::string_view::npos ? std::string_view() : head.substr(semicolon);
    if (!options.signed_chunks) {
        if (!extension.empty()) return MalformedChunk("an unsigned chunk has an extension");
        return Ok();
    }
    if (!extension.starts_with(kChunkSignature) ||
        extension.size() != kChunkSignature.size() + kSignatureDigits) {
        return MalformedChunk("a chunk has no signature");
    }
    chunk_signature = extension.substr(kChunkSignature.size());
    chunk_hash = NewHasher(ChecksumAlgorithm::kSha256);
    return Ok();
}

Result<bool> AwsChunkedDecoder::State::Data(ByteView in, ByteSpan out, Step& step) {
    const size_t size = static_cast<size_t>(std::min<uint64_t>(
        chunk_left, std::min(in.size() - step.consumed, out.size() - step.produced)));
    if (size == 0) return false;
    const ByteView bytes = in.subspan(step.consumed, size);
    std::memcpy(out.data() + step.produced, bytes.data(), size);
    if (chunk_hash) chunk_hash->Update(bytes);
    step.consumed += size;
    step.produced += size;
    decoded += size;
    chunk_left -= size;
    if (chunk_left == 0) {
        TRY(EndChunk());
        phase = Phase::kDataEnd;
    }
    return true;
}

Result<> AwsChunkedDecoder::State::EndChunk() {
    if (!options.signed_chunks) return Ok();
    static const std::string hash_of_nothing = ToHex(Sha256({}));
    std::string text = "AWS4-HMAC-SHA256-PAYLOAD\n";
    text += options.timestamp + "\n" + options.scope + "\n" + previous_signature + "\n";
    text += hash_of_nothing + "\n" + ToHex(AsBytes(chunk_hash->Finish()));
    chunk_hash.reset();
    std::string expected = Sign(text);
    if (!EqualInConstantTime(expected, chunk_signature)) return WrongSignature();
    previous_signature = std::move(expected);
    return Ok();
}

Result<bool> AwsChunkedDecoder::State::DataEnd(ByteView in, Step& step, Phase next) {
    const bool whole = TakeLine(in, step, 2);
    if (!std::string_view("\r\n").starts_with(line)) {
        return MalformedChunk("a chunk does not end with CR LF");
    }
    if (!whole) return false;
    line.clear();
    phase = next;
    return true;
}

Result<bool> AwsChunkedDecoder::State::Trailer(ByteView in, Step& step) {
    const size_t limit = kMaxTrailerBytes - trailer_bytes;
    if (!TakeLine(in, step, limit)) {
        if (line.size() == limit) return MalformedTrailer("it is too long");
        return false;
    }
    trailer_bytes += line.size();
    std::string_view text = std::string_view(line).substr(0, line.size() - 1);
    const bool crlf = text.ends_with('\r');
    if (crlf) text.remove_suffix(1);
    TRY(TrailerLine(text, crlf));
    line.clear();
    return true;
}

// AWS's text writes a line's end as "\n\r\n", and some clients send just that, so an empty line
// behind a bare newline belongs to that newline.
Result<> AwsChunkedDecoder::State::TrailerLine(std::string_view text, bool crlf) {
    if (text.empty()) {
        if (!crlf) return MalformedTrailer("an empty line does not end with CR LF");
        if (after_bare_newline) {
            after_bare_newline = false;
            return Ok();
        }
        TRY(EndTrailer());
        phase = Phase::kDone;
        return Ok();
    }
    const size_t colon = text.find(':');
    if (colon == 0 || colon == std::string_view::npos)
        return MalformedTrailer("a line has no name");
    if (trailer_signature) return MalformedTrailer("something follows its signature");
    std::string name = ToLower(text.substr(0, colon));
    std::string value(TrimSpaces(text.substr(colon + 1)));
    if (options.signed_chunks && name == kTrailerSignature) {
        if (!crlf) return MalformedTrailer("its signature does not end with CR LF");
        trailer_signature = std::move(value);
        after_bare_newline = false;
        return Ok();
    }
    if (awaited.erase(name) == 0)
        return MalformedTrailer(name + " comes twice, or x-amz-trailer does not announce it");
    trailers.emplace_back(std::move(name), std::move(value));
    after_bare_newline = !crlf;
    return Ok();
}

Result<> AwsChunkedDecoder::State::EndTrailer() {
    if (!awaited.empty())
        return MalformedTrailer(*awaited.begin() + " was announced and is missing");
    if (!options.signed_chunks) return Ok();
    if (!trailer_signature) return MalformedTrailer("it has no signature");
    std::string signed_lines;
    for (const auto& [name, value] : trailers) {
        signed_lines += name + ":" + value + "\n";
    }
    std::string text = "AWS4-HMAC-SHA256-TRAILER\n";
    text += options.timestamp + "\n" + options.scope + "\n" + previous_signature + "\n";
    text += ToHex(Sha256(AsBytes(signed_lines)));
    if (!EqualInConstantTime(Sign(text), *trailer_signature)) return WrongSignature();
    return Ok();
}

AwsChunkedDecoder::AwsChunkedDecoder(AwsChunkedOptions options,
                                     std::optional<uint64_t> decoded_length)
    : state_(std::make_unique<State>()) {
    state_->previous_signature = options.seed_signature;
    state_->awaited.insert(options.trailer_names.begin(), options.trailer_names.end());
    state_->options = std::move(options);
    state_->decoded_length = decoded_length;
}

AwsChunkedDecoder::~AwsChunkedDecoder() = default;

Result<AwsChunkedDecoder::Step> AwsChunkedDecoder::Decode(ByteView in, ByteSpan out) {
    using Phase = State::Phase;
    State& state = *state_;
    Step step;
    bool go_on = true;
    while (go_on) {
        switch (state.phase) {
            case Phase::kHead: {
                TRY(go_on, state.Head(in, step));
                break;
            }
            case Phase::kData: {
                TRY(go_on, state.Data(in, out, step));
                break;
            }
            case Phase::kDataEnd: {
                TRY(go_on, state.DataEnd(in, step, Phase::kHead));
                break;
            }
            case Phase::kTrailer: {
                TRY(go_on, state.Trailer(in, step));
                break;
            }
            case Phase::kLastEnd: {
                TRY(go_on, state.DataEnd(in, step, Phase::kDone));
                break;
            }
            case Phase::kDone:
                if (step.consumed < in.size()) return MalformedChunk("something follows its end");
                step.done = true;
                go_on = false;
                break;
        }
    }
    return step;
}

const std::vector<std::pair<std::string, std::string>>& AwsChunkedDecoder::trailers() const {
    return state_->trailers;
}

}  // namespace coffer::codec
