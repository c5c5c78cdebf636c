#include "coffer/codec/seal.h"

#include <gtest/gtest.h>

#include "coffer/codec/hex.h"

namespace coffer::codec {
namespace {

Seal::Key KeyOf(unsigned char byte) {
    Seal::Key key;
    key.fill(std::byte{byte});
    return key;
}

// McGrew and Viega, "The Galois/Counter Mode of Operation", test case 16.
TEST(Aead, IsAesGcmAsItsAuthorsHaveIt) {
    AeadKey key;
    AeadNonce nonce;
    ASSERT_TRUE(FromHex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", key));
    ASSERT_TRUE(FromHex("cafebabefacedbaddecaf888", nonce));
    const std::string context = FromHex("feedfacedeadbeeffeedfacedeadbeefabaddad2").value();
    const std::string plain =
        FromHex(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532f"
            "cf0e2449a6b525b16aedf5aa0de657ba637b39")
            .value();
    const std::string closed = AeadClose(AeadCipher::kAes256Gcm, key, nonce, context, plain);
    EXPECT_EQ(
        ToHex(AsBytes(closed)),
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08"
        "b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b");
    EXPECT_EQ(AeadOpen(AeadCipher::kAes256Gcm, key, nonce, context, closed), plain);
}

// RFC 8439, 2.8.2.
TEST(Aead, IsChaCha20Poly1305AsItsRfcHasIt) {
    AeadKey key;
    AeadNonce nonce;
    ASSERT_TRUE(FromHex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f", key));
    ASSERT_TRUE(FromHex("070000004041424344454647", nonce));
    const std::string context = FromHex("50515253c0c1c2c3c4c5c6c7").value();
    const std::string plain =
        "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
        "future, sunscreen would be it.";
    const std::string closed = AeadClose(AeadCipher::kChaCha20Poly1305, key, nonce, context, plain);
    EXPECT_EQ(ToHex(AsBytes(closed).last(kAeadTagBytes)), "1ae10b594f09e26a7e902ecbd0600691");
    EXPECT_EQ(ToHex(AsBytes(closed).first(16)), "d31a8d34648e60db7b86afbc53ef7ec2");
    EXPECT_EQ(AeadOpen(AeadCipher::kChaCha20Poly1305, key, nonce, context, closed), plain);
}

TEST(Seal, GivesBackWhatItClosed) {
    const Seal seal(KeyOf(7));
    for (const std::string secret : {"", "s", "a secret key of some length / + ="}) {
        const auto opened = seal.Open(seal.Close(secret, "access key A"), "access key A");
        ASSERT_TRUE(opened) << opened.error().ToString();
        EXPECT_EQ(opened.value().Reveal(), secret);
    }
}

TEST(Seal, NeverClosesTheSameWayTwice) {
    const Seal seal(KeyOf(7));
    EXPECT_NE(seal.Close("secret", "c"), seal.Close("secret", "c"));
}

TEST(Seal, OpensNothingForAnotherContext) {
    const Seal seal(KeyOf(7));
    EXPECT_FALSE(seal.Open(seal.Close("secret", "access key A"), "access key B"));
}

TEST(Seal, OpensNothingOfAnotherKeyAndSaysWhatCantBeOpened) {
    const Seal other(KeyOf(8));
    const auto opened = other.Open(Seal(KeyOf(7)).Close("secret", "access key A"), "access key A");
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind(), ErrorKind::kCorrupt);
    EXPECT_NE(opened.error().message().find("access key A"), std::string::npos);
    EXPECT_NE(opened.error().message().find(other.KeyId()), std::string::npos);
}

TEST(Seal, FindsEveryChangedBitAndEveryLostByte) {
    const Seal seal(KeyOf(7));
    const std::string sealed = seal.Close("secret", "c");
    for (size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
        std::string changed = sealed;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_FALSE(seal.Open(changed, "c")) << bit;
    }
    for (size_t length = 0; length < sealed.size(); ++length)
        EXPECT_FALSE(seal.Open(std::string_view(sealed).substr(0, length), "c")) << length;
}

TEST(Seal, NamesItsKeyWithoutTellingIt) {
    EXPECT_EQ(Seal(KeyOf(7)).KeyId(), Seal(KeyOf(7)).KeyId());
    EXPECT_NE(Seal(KeyOf(7)).KeyId(), Seal(KeyOf(8)).KeyId());
    EXPECT_EQ(Seal(KeyOf(7)).KeyId().size(), 16);
    EXPECT_NE(Seal(KeyOf(7)).Derive("a"), Seal(KeyOf(7)).Derive("b"));
}

}  // namespace
}  // namespace coffer::codec
