// The query of a request as Signature Version 4 signs it, and why there are two forms of it: AWS
// has parameters in the order of their names and values; Go's clients, MinIO's among them, leave
// those of one name as they stand. Pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "coffer/codec/sigv4.h"
#include "coffer/codec/uri.h"

namespace coffer::codec {

enum class QueryOrder {
    kByNameAndValue,
    kByName,
};

// Without X-Amz-Signature.
std::string SigV4CanonicalQuery(const Query& query, QueryOrder order);

// Whether the forms may differ: a name is there twice.
bool HasRepeatedName(const Query& query);

// SigV4CanonicalRequest of sigv4.h, with the query in one of its forms.
Result<std::string> SigV4CanonicalRequest(std::string_view method, std::string_view raw_path,
                                          std::string_view canonical_query,
                                          std::span<const HeaderField> headers,
                                          std::span<const std::string> signed_headers,
                                          std::string_view payload);

}  // namespace coffer::codec
