// An archive is read to the same entries, or refused, whatever pieces of its directory come; and
// nothing that is read lies outside of it.
#include <algorithm>
#include <string>
#include <vector>

#include "coffer/codec/inflate.h"
#include "coffer/codec/zip.h"

#include "fuzz/fuzz.h"

namespace coffer::fuzz {
namespace {

void Inflate(std::string_view raw) {
    codec::Inflater inflater;
    std::string out(64, '\0');
    ByteView left = AsBytes(raw);
    for (size_t total = 0; total < 64_KiB;) {
        const auto step = inflater.Inflate(left, std::as_writable_bytes(std::span(out)));
        if (!step || step.value().done) return;
        COFFER_CHECK(step.value().consumed <= left.size() && step.value().produced <= out.size());
        if (step.value().consumed == 0 && step.value().produced == 0) return;
        left = left.subspan(step.value().consumed);
        total += step.value().produced;
    }
}

}  // namespace

void Fuzz(std::string_view input) {
    const auto tail =
        input.substr(input.size() - std::min<size_t>(input.size(), codec::kZipTailBytes));
    const auto directory = codec::ReadZipEnd(tail, input.size());
    Inflate(input);
    if (!directory) return;
    std::string_view rest =
        input.substr(directory.value().offset_bytes, directory.value().size_bytes);
    COFFER_CHECK(rest.size() == directory.value().size_bytes);
    while (!rest.empty()) {
        codec::ZipEntry entry;
        const auto taken = codec::ReadZipEntry(rest, input.size(), entry);
        if (!taken || !taken.value()) return;
        codec::ZipEntry again;
        COFFER_CHECK(
            !codec::ReadZipEntry(rest.substr(0, *taken.value() - 1), input.size(), again).value());
        const auto begin = codec::ReadZipHeader(
            input.substr(entry.header_offset_bytes, codec::kZipHeaderBytes), entry, input.size());
        if (begin) {
            COFFER_CHECK(begin.value() <= input.size() &&
                         entry.compressed_bytes <= input.size() - begin.value());
            Inflate(input.substr(begin.value(), entry.compressed_bytes));
        }
        rest.remove_prefix(*taken.value());
    }
}

}  // namespace coffer::fuzz
