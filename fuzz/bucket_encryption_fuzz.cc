// A configuration that was read is written so that it is read as the same one.
#include "coffer/codec/bucket_encryption.h"

#include "fuzz/fuzz.h"

namespace coffer::fuzz {

void Fuzz(std::string_view input) {
    const auto read = codec::ParseBucketEncryption(input);
    if (!read) return;
    const std::string written = codec::WriteBucketEncryption(read.value());
    COFFER_CHECK(codec::ParseBucketEncryption(written).value() == read.value());
}

}  // namespace coffer::fuzz
