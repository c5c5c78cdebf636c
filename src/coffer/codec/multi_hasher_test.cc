#include "coffer/codec/multi_hasher.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <random>
#include <string>

#include "coffer/codec/hex.h"

namespace coffer::codec {
namespace {

template <class Digest>
Digest ByOpenSsl(const EVP_MD* algorithm, std::string_view text) {
    Digest digest;
    EXPECT_EQ(EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()),
                         nullptr, algorithm, nullptr),
              1);
    return digest;
}

std::string Crc32cOf(std::string_view text) {
    const std::unique_ptr<Hasher> hasher = NewHasher(ChecksumAlgorithm::kCrc32c);
    hasher->Update(AsBytes(text));
    return hasher->Finish();
}

constexpr auto kNothing = std::nullopt;

// A processor without the instructions shows only what OpenSSL does.
class MultiHasherTest : public ::testing::TestWithParam<MultiHasher::Method> {
  protected:
    void SetUp() override {
        if (GetParam() == MultiHasher::Method::kTogether && !HasSha256Instructions()) {
            GTEST_SKIP() << "this processor has no instructions for SHA-256";
        }
        RecordProperty("seed", std::to_string(seed_));
    }

    std::string RandomBytes(size_t size) {
        std::string bytes(size, '\0');
        for (char& c : bytes)
            c = static_cast<char>(random_());
        return bytes;
    }

    MultiHasher::Digests Hash(std::string_view text) const {
        MultiHasher hasher(kNothing, GetParam());
        hasher.Update(AsBytes(text));
        return hasher.Finish();
    }

    const std::mt19937_64::result_type seed_ = std::random_device{}();
    std::mt19937_64 random_{seed_};
};

INSTANTIATE_TEST_SUITE_P(Methods, MultiHasherTest,
                         ::testing::Values(MultiHasher::Method::kTogether,
                                           MultiHasher::Method::kOpenSsl),
                         [](const auto& method) {
                             return method.param == MultiHasher::Method::kTogether ? "Together"
                                                                                   : "OpenSsl";
                         });

// MD5: RFC 1321, A.5. SHA-256: NIST's examples of FIPS 180-4, and of its byte-oriented long message
// test (a million times "a").
TEST_P(MultiHasherTest, GivesThePublishedVectors) {
    struct Vector {
        std::string text, md5, sha256;
    };
    const Vector vectors[] = {
        {"", "d41d8cd98f00b204e9800998ecf8427e",
         "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "900150983cd24fb0d6963f7d28e17f72",
         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "8215ef0796a20bcaaae116d3876c664a",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
         "57edf4a22be3c955ac49da2e2107b67a",
         "f371bc4a311f2b009eef952dd83ca80e2b60026c8e935592d0f9c308453c813e"},
        {std::string(1'000'000, 'a'), "7707d6ae4e027c70eea2a935c2296f21",
         "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"}};
    for (const Vector& vector : vectors) {
        const auto digests = Hash(vector.text);
        EXPECT_EQ(ToHex(digests.md5), vector.md5);
        EXPECT_EQ(ToHex(digests.sha256), vector.sha256);
        EXPECT_EQ(digests.checksum, "");
    }
}

TEST_P(MultiHasherTest, AgreesWithOpenSslAtEveryLengthAndAlignment) {
    SCOPED_TRACE(seed_);
    const std::string buffer = RandomBytes(1100);
    for (size_t size = 0; size <= 1000; ++size) {
        const std::string_view text = std::string_view(buffer).substr(size % 67, size);
        const auto digests = Hash(text);
        ASSERT_EQ(digests.md5, ByOpenSsl<Md5Digest>(EVP_md5(), text)) << size;
        ASSERT_EQ(digests.sha256, ByOpenSsl<Sha256Digest>(EVP_sha256(), text)) << size;
        ASSERT_EQ(Sha256(AsBytes(text)), digests.sha256) << size;
    }
}

TEST_P(MultiHasherTest, GivesTheSameHoweverTheDataIsCut) {
    SCOPED_TRACE(seed_);
    for (int round = 0; round < 300; ++round) {
        const std::string text = RandomBytes(random_() % 20'000);
        const size_t longest = 1 + random_() % 300;
        MultiHasher hasher(kNothing, GetParam());
        for (ByteView rest = AsBytes(text); !rest.empty();) {
            const ByteView piece = rest.first(std::min(rest.size(), random_() % (longest + 1)));
            hasher.Update(piece);
            rest = rest.subspan(piece.size());
        }
        const auto digests = hasher.Finish();
        ASSERT_EQ(digests.md5, ByOpenSsl<Md5Digest>(EVP_md5(), text));
        ASSERT_EQ(digests.sha256, ByOpenSsl<Sha256Digest>(EVP_sha256(), text));
    }
}

TEST_P(MultiHasherTest, HashesAStreamBesideIt) {
    SCOPED_TRACE(seed_);
    for (int round = 0; round < 300; ++round) {
        const std::string text = RandomBytes(random_() % 20'000);
        const std::string beside = RandomBytes(random_() % 20'000);
        // Pieces of whole blocks, as whoever encrypts has them, and others.
        const size_t unit = round % 2 == 0 ? kDigestBlockBytes : 1;
        MultiHasher hasher(kNothing, GetParam());
        ByteView rest = AsBytes(text);
        ByteView rest_beside = AsBytes(beside);
        const auto take = [&](ByteView& from) {
            const ByteView piece = from.first(std::min(from.size(), unit * (random_() % 300)));
            from = from.subspan(piece.size());
            return piece;
        };
        while (!rest.empty() || !rest_beside.empty()) {
            const ByteView piece = take(rest);
            hasher.Update(piece, take(rest_beside));
        }
        const auto digests = hasher.Finish();
        ASSERT_EQ(digests.md5, ByOpenSsl<Md5Digest>(EVP_md5(), text));
        ASSERT_EQ(digests.sha256, ByOpenSsl<Sha256Digest>(EVP_sha256(), text));
        ASSERT_EQ(hasher.FinishBeside(), ByOpenSsl<Sha256Digest>(EVP_sha256(), beside));
    }
}

TEST_P(MultiHasherTest, HashesTwoStreamsInAPair) {
    SCOPED_TRACE(seed_);
    for (int round = 0; round < 300; ++round) {
        const std::string texts[2] = {RandomBytes(random_() % 20'000),
                                      RandomBytes(random_() % 20'000)};
        MultiHasher hashers[2] = {MultiHasher(ChecksumAlgorithm::kCrc32c, GetParam()),
                                  MultiHasher(kNothing, GetParam())};
        ByteView rests[2] = {AsBytes(texts[0]), AsBytes(texts[1])};
        // Pieces of whole blocks and of one size; of whole blocks; of any size.
        const size_t unit = round % 3 == 2 ? 1 : kDigestBlockBytes;
        while (!rests[0].empty() || !rests[1].empty()) {
            ByteView pieces[2];
            const size_t size = unit * (random_() % 100);
            for (int i = 0; i < 2; ++i) {
                const size_t wanted = round % 3 == 0 ? size : unit * (random_() % 100);
                pieces[i] = rests[i].first(std::min(rests[i].size(), wanted));
                rests[i] = rests[i].subspan(pieces[i].size());
            }
            MultiHasher::UpdatePair(hashers[0], pieces[0], hashers[1], pieces[1]);
        }
        for (int i = 0; i < 2; ++i) {
            const auto digests = hashers[i].Finish();
            ASSERT_EQ(digests.md5, ByOpenSsl<Md5Digest>(EVP_md5(), texts[i]));
            ASSERT_EQ(digests.sha256, ByOpenSsl<Sha256Digest>(EVP_sha256(), texts[i]));
            if (i == 0) {
                ASSERT_EQ(digests.checksum, Crc32cOf(texts[i]));
            }
        }
    }
}

TEST_P(MultiHasherTest, PairsWithOneThatIsComputedInAnotherWay) {
    const std::string text = RandomBytes(1000);
    MultiHasher by_parameter(kNothing, GetParam());
    MultiHasher by_open_ssl(kNothing, MultiHasher::Method::kOpenSsl);
    MultiHasher::UpdatePair(by_parameter, AsBytes(text), by_open_ssl, AsBytes(text));
    EXPECT_EQ(by_parameter.Finish().sha256, ByOpenSsl<Sha256Digest>(EVP_sha256(), text));
    EXPECT_EQ(by_open_ssl.Finish().md5, ByOpenSsl<Md5Digest>(EVP_md5(), text));
}

TEST_P(MultiHasherTest, ComputesTheChecksumThatWasAskedFor) {
    const std::string text = RandomBytes(5000);
    for (const auto algorithm :
         {ChecksumAlgorithm::kCrc32, ChecksumAlgorithm::kCrc32c, ChecksumAlgorithm::kCrc64Nvme,
          ChecksumAlgorithm::kSha1, ChecksumAlgorithm::kSha256}) {
        MultiHasher hasher(algorithm, GetParam());
        hasher.Update(AsBytes(text));
        const std::unique_ptr<Hasher> alone = NewHasher(algorithm);
        alone->Update(AsBytes(text));
        EXPECT_EQ(hasher.Finish().checksum, alone->Finish()) << ChecksumName(algorithm);
    }
}

}  // namespace
}  // namespace coffer::codec
