// No payload brings it down or is taken for another's; what is encrypted comes back.
#include "coffer/base/check.h"
#include "coffer/codec/madmin.h"

#include "fuzz/fuzz.h"

void coffer::fuzz::Fuzz(std::string_view input) {
    constexpr size_t kMethod = 32;
    const Secret password("fuzz/secret");
    std::string data(input);
    // Of the three ways to a key the one that takes no memory.
    if (data.size() > kMethod) data[kMethod] = 2;
    COFFER_CHECK(!codec::MadminDecrypt(password, data));
    const auto back = codec::MadminDecrypt(password, codec::MadminEncrypt(password, input));
    COFFER_CHECK(back && back.value().Reveal() == input);
}
