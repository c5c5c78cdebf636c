// ObjectHeaders as the bytes of a column: for each header 's' (standard) or 'u' (user), the name,
// NUL, the value, NUL. No HTTP header can hold a NUL. No headers: no bytes.
#pragma once

#include <string>

#include "coffer/base/result.h"
#include "coffer/catalog/types.h"

namespace coffer::catalog {

std::string EncodeHeaders(const ObjectHeaders& headers);

// kCorrupt where the bytes are not of that form.
Result<ObjectHeaders> DecodeHeaders(std::string_view bytes);

}  // namespace coffer::catalog
