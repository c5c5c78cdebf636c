// What every fuzz target shares. A target is one function, Fuzz, that checks properties of a parser
// with COFFER_CHECK: not only that nothing crashes, but that what was read is what was written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "coffer/base/check.h"

namespace coffer::fuzz {

void Fuzz(std::string_view input);

}  // namespace coffer::fuzz

// A program has one target, and this header is included by its only source.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    coffer::fuzz::Fuzz({reinterpret_cast<const char*>(data), size});
    return 0;
}
