#include "coffer/codec/madmin.h"

#include <gtest/gtest.h>

#include "coffer/base/bytes.h"
#include "coffer/codec/base64.h"

namespace coffer::codec {
namespace {

const Secret kPassword("minio/secret");

std::string Opened(std::string_view base64, const Secret& password = kPassword) {
    const auto text = MadminDecrypt(password, Base64Decode(base64).value());
    return text ? std::string(text.value().Reveal()) : "refused";
}

// Made with what madmin-go encrypts with (sio-go 0.3.1, x/crypto): "hello" by each method.
constexpr std::string_view kByArgon2Aes =
    "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUEAbm9uY2U2NzjzU/LpB5wO5p+35t1GeskkIo3Y+UQ=";
constexpr std::string_view kByArgon2ChaCha =
    "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkIBbm9uY2U2Nzhy2TGxFl8Yl8/kpyvIJ078s9N/5eY=";
constexpr std::string_view kByPbkdf2 =
    "Q0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0NDQ0MCbm9uY2U2NzhdkvE27HZQt9RRaOnhgxvIqbyh3xk=";

TEST(Madmin, ReadsWhatMadminWrites) {
    EXPECT_EQ(Opened(kByArgon2Aes), "hello");
    EXPECT_EQ(Opened(kByArgon2ChaCha), "hello");
    EXPECT_EQ(Opened(kByPbkdf2), "hello");
}

TEST(Madmin, ReadsNothingOfAnotherPassword) {
    for (const std::string_view data : {kByArgon2Aes, kByArgon2ChaCha, kByPbkdf2})
        EXPECT_EQ(Opened(data, Secret("minio/secreT")), "refused");
}

TEST(Madmin, GivesBackTextsOfAnyLength) {
    for (const size_t size : {size_t{0}, size_t{1}, 16_KiB - 1, 16_KiB, 16_KiB + 1, 50'000UL}) {
        const std::string text(size, 'x');
        const auto opened = MadminDecrypt(kPassword, MadminEncrypt(kPassword, text));
        ASSERT_TRUE(opened) << size;
        EXPECT_EQ(opened.value().Reveal(), text);
    }
}

TEST(Madmin, FindsWhatWasChangedCutOffOrExchanged) {
    const std::string data = MadminEncrypt(kPassword, std::string(20'000, 'x'));
    constexpr size_t kFirst = 41;
    constexpr size_t kFragment = 16'384 + 16;
    for (const size_t at : {size_t{0}, size_t{33}, kFirst, kFirst + kFragment, data.size() - 1}) {
        std::string changed = data;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        EXPECT_FALSE(MadminDecrypt(kPassword, changed)) << at;
    }
    EXPECT_FALSE(MadminDecrypt(kPassword, data.substr(0, kFirst + kFragment)));
    EXPECT_FALSE(MadminDecrypt(kPassword, data.substr(0, kFirst)));
    EXPECT_FALSE(MadminDecrypt(kPassword, data.substr(0, 10)));
    EXPECT_FALSE(MadminDecrypt(kPassword, data + data.substr(kFirst + kFragment)));
    EXPECT_FALSE(MadminDecrypt(kPassword, ""));
}

}  // namespace
}  // namespace coffer::codec
