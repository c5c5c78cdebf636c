// What the codecs cost: bytes a second of digests, time of the small steps that every request
// takes.
#include <benchmark/benchmark.h>

#include <random>
#include <string>

#include "coffer/codec/base64.h"
#include "coffer/codec/date.h"
#include "coffer/codec/digest.h"
#include "coffer/codec/json.h"
#include "coffer/codec/multi_hasher.h"
#include "coffer/codec/names.h"
#include "coffer/codec/uri.h"
#include "coffer/codec/xml.h"

namespace coffer::codec {
namespace {

std::string RandomBytes(size_t size) {
    std::mt19937_64 random(1);
    std::string bytes(size, '\0');
    for (char& c : bytes)
        c = static_cast<char>(random());
    return bytes;
}

template <auto kFunction>
void Digest(benchmark::State& state) {
    const std::string data = RandomBytes(static_cast<size_t>(state.range(0)));
    for (auto _ : state)
        benchmark::DoNotOptimize(kFunction(AsBytes(data)));
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

constexpr auto kCrc32 = [](ByteView data) { return Crc32(0, data); };
constexpr auto kCrc32c = [](ByteView data) { return Crc32c(0, data); };
constexpr auto kCrc64Nvme = [](ByteView data) { return Crc64Nvme(0, data); };
constexpr auto kHmac = [](ByteView data) { return HmacSha256(AsBytes("key"), data); };

BENCHMARK(Digest<Md5>)->Name("md5")->Arg(64)->Arg(4 << 10)->Arg(1 << 20);
BENCHMARK(Digest<Sha256>)->Name("sha256")->Arg(64)->Arg(4 << 10)->Arg(1 << 20);
BENCHMARK(Digest<kHmac>)->Name("hmac_sha256")->Arg(64);
// Both digests of an upload: together, and by OpenSSL one after the other; their ratio is what the
// own code is for.
constexpr auto kBothTogether = [](ByteView data) {
    MultiHasher hasher(std::nullopt);
    hasher.Update(data);
    return hasher.Finish().sha256;
};
constexpr auto kBothByOpenSsl = [](ByteView data) {
    MultiHasher hasher(std::nullopt, MultiHasher::Method::kOpenSsl);
    hasher.Update(data);
    return hasher.Finish().sha256;
};
// What encryption adds: SHA-256 of another stream in the same pass.
constexpr auto kAnotherBeside = [](ByteView data) {
    MultiHasher hasher(std::nullopt);
    hasher.Update(data, data);
    return hasher.FinishBeside();
};
// Two uploads: what both cost together.
constexpr auto kPair = [](ByteView data) {
    MultiHasher first(std::nullopt);
    MultiHasher second(std::nullopt);
    MultiHasher::UpdatePair(first, data, second, data);
    first.Finish();
    return second.Finish().sha256;
};
BENCHMARK(Digest<kPair>)->Name("md5_sha256_of_two")->Arg(4 << 10)->Arg(64 << 10);
BENCHMARK(Digest<kAnotherBeside>)->Name("md5_sha256_and_another")->Arg(4 << 10)->Arg(64 << 10);
BENCHMARK(Digest<kBothTogether>)->Name("md5_sha256_together")->Arg(64)->Arg(4 << 10)->Arg(64 << 10);
BENCHMARK(Digest<kBothByOpenSsl>)->Name("md5_sha256_openssl")->Arg(64)->Arg(4 << 10)->Arg(64 << 10);

BENCHMARK(Digest<kCrc32>)->Name("crc32")->Arg(64)->Arg(4 << 10)->Arg(1 << 20);
BENCHMARK(Digest<kCrc32c>)->Name("crc32c")->Arg(64)->Arg(4 << 10)->Arg(64 << 10)->Arg(1 << 20);
BENCHMARK(Digest<kCrc64Nvme>)->Name("crc64nvme")->Arg(64)->Arg(4 << 10)->Arg(1 << 20);

void CombineCrc(benchmark::State& state) {
    for (auto _ : state)
        benchmark::DoNotOptimize(CombineCrc64Nvme(1, 2, uint64_t{5} << 30));
}
BENCHMARK(CombineCrc)->Name("combine_crc64nvme");

// A page of 1,000 keys, as ListObjectsV2 writes it.
std::string Listing() {
    XmlWriter writer;
    writer.Open("ListBucketResult").Attribute("xmlns", "http://s3.amazonaws.com/doc/2006-03-01/");
    for (int i = 0; i < 1000; ++i) {
        writer.Open("Contents")
            .Element("Key", "photos/2026/01/image-" + std::to_string(i) + ".jpg")
            .Element("LastModified", FormatIso8601(FromMicros(1767323045678000 + i)))
            .Element("ETag", "\"d41d8cd98f00b204e9800998ecf8427e\"")
            .Element("Size", 123456 + i)
            .Element("StorageClass", "STANDARD")
            .Close();
    }
    writer.Close();
    return writer.Finish();
}

void WriteListing(benchmark::State& state) {
    for (auto _ : state)
        benchmark::DoNotOptimize(Listing());
}
BENCHMARK(WriteListing)->Name("xml_write_1000_keys")->Unit(benchmark::kMicrosecond);

void ReadListing(benchmark::State& state) {
    const std::string text = Listing();
    for (auto _ : state)
        benchmark::DoNotOptimize(ParseXml(text).value().root());
    state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}
BENCHMARK(ReadListing)->Name("xml_read_1000_keys")->Unit(benchmark::kMicrosecond);

void ReadPolicy(benchmark::State& state) {
    constexpr std::string_view kPolicy =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["*"]},)"
        R"("Action":["s3:GetObject"],"Resource":["arn:aws:s3:::bucket/*"]}]})";
    for (auto _ : state)
        benchmark::DoNotOptimize(ParseJson(kPolicy));
}
BENCHMARK(ReadPolicy)->Name("json_read_policy");

void ReadTarget(benchmark::State& state) {
    constexpr std::string_view kTarget =
        "/bucket/photos/2026/"
        "caf%C3%A9%20menu.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
        "minioadmin%2F20260102%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260102T030405Z"
        "&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature="
        "d41d8cd98f00b204e9800998ecf8427ed41d8cd98f00b204e9800998ecf8427e";
    for (auto _ : state) {
        const Target target = SplitTarget(kTarget);
        benchmark::DoNotOptimize(PercentDecode(target.path));
        benchmark::DoNotOptimize(Query::Parse(*target.query));
    }
}
BENCHMARK(ReadTarget)->Name("uri_read_presigned");

void EncodePath(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(PercentEncode("photos/2026/caf\xc3\xa9 menu.jpg", Slash::kKeep));
    }
}
BENCHMARK(EncodePath)->Name("uri_encode_path");

void CheckUtf8(benchmark::State& state) {
    const std::string text(1 << 10, 'k');
    for (auto _ : state)
        benchmark::DoNotOptimize(IsUtf8(text));
    state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}
BENCHMARK(CheckUtf8)->Name("utf8_check_ascii_key");

void FormatDates(benchmark::State& state) {
    const Timestamp time = FromMicros(1767323045678000);
    for (auto _ : state) {
        benchmark::DoNotOptimize(FormatHttpDate(time));
        benchmark::DoNotOptimize(FormatIso8601(time));
    }
}
BENCHMARK(FormatDates)->Name("date_format_http_and_iso");

}  // namespace
}  // namespace coffer::codec
