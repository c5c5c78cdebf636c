// The keys that tests encrypt by: the same every time, so that a directory that one instance wrote
// another can read.
#pragma once

#include "coffer/service/key_ring.h"

namespace coffer::testing {

inline codec::AeadKey TestKey(uint8_t byte) {
    codec::AeadKey key;
    key.fill(std::byte{byte});
    return key;
}

// Named keys "one" (the default) and "two".
inline service::KeyRing TestKeys() {
    return service::KeyRing(codec::Seal(TestKey(1)), {{"one", TestKey(2)}, {"two", TestKey(3)}},
                            "one");
}

}  // namespace coffer::testing
