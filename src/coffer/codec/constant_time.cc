#include "coffer/codec/constant_time.h"

#include <openssl/crypto.h>

namespace coffer::codec {

bool EqualInConstantTime(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace coffer::codec
