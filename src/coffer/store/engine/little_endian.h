// Numbers in the engine's files: little-endian, at any offset.
#pragma once

#include "coffer/base/bytes.h"

namespace coffer::store::engine {

template <class Word>
void StoreLittleEndian(ByteSpan out, size_t offset, Word value) {
    for (size_t i = 0; i < sizeof(Word); ++i) {
        out[offset + i] = static_cast<std::byte>(value >> (8 * i));
    }
}

template <class Word>
Word LoadLittleEndian(ByteView in, size_t offset) {
    Word value = 0;
    for (size_t i = 0; i < sizeof(Word); ++i) {
        value |= std::to_integer<Word>(in[offset + i]) << (8 * i);
    }
    return value;
}

}  // namespace coffer::store::engine
