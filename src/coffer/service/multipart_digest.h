// The ETag and the checksum of an object that is made of parts, from those of the parts.
#pragma once

#include <string>
#include <vector>

#include "coffer/catalog/types.h"

namespace coffer::service {

// MD5 of the parts' MD5 digests, "-" and their number. Each part's ETag is its MD5 in hexadecimal.
std::string MultipartEtag(const std::vector<catalog::Part>& parts);

// kComposite: the algorithm over the parts' raw checksums. kFullObject: the CRC of all bytes,
// combined from the parts' (docs.aws.amazon.com, "Checking object integrity"). Every part has a
// checksum.
catalog::Checksum MultipartChecksum(const std::vector<catalog::Part>& parts,
                                    codec::ChecksumAlgorithm algorithm, catalog::ChecksumType type);

}  // namespace coffer::service
