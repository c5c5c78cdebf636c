// The server over TLS, with certificates made here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <thread>

#include "coffer/http/client.h"
#include "coffer/http/server.h"
#include "coffer/runtime/executors.h"

#include "tests/support/socket_client.h"
#include "tests/support/temporary_directory.h"

namespace coffer::http {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using testing::SocketClient;

template <class T, void (*Free)(T*)>
struct FreeWith {
    void operator()(T* object) const { Free(object); }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY, EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, FreeWith<X509, X509_free>>;
using FilePtr = std::unique_ptr<FILE, int (*)(FILE*)>;

KeyPtr MakeKey() {
    return KeyPtr(EVP_EC_gen("P-256"));
}

CertificatePtr MakeCertificate(EVP_PKEY* key, long serial) {
    CertificatePtr certificate(X509_new());
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_NAME* const name = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), name);
    X509_set_pubkey(certificate.get(), key);
    X509_sign(certificate.get(), key, EVP_sha256());
    return certificate;
}

// Into place by rename, as whoever renews certificates should.
void WriteCertificate(const std::string& dir, X509* certificate) {
    {
        const FilePtr file(std::fopen((dir + "/new").c_str(), "w"), std::fclose);
        ASSERT_EQ(PEM_write_X509(file.get(), certificate), 1);
    }
    std::filesystem::rename(dir + "/new", dir + "/public.crt");
}

// Encrypted where there is a pass phrase.
void WriteKey(const std::string& dir, EVP_PKEY* key, const char* pass_phrase = nullptr) {
    {
        const FilePtr file(std::fopen((dir + "/new").c_str(), "w"), std::fclose);
        const EVP_CIPHER* const cipher = pass_phrase == nullptr ? nullptr : EVP_aes_256_cbc();
        ASSERT_EQ(PEM_write_PrivateKey(file.get(), key, cipher, nullptr, 0, nullptr,
                                       const_cast<char*>(pass_phrase)),
                  1);
    }
    std::filesystem::rename(dir + "/new", dir + "/private.key");
}

struct Handshake {
    bool done = false;
    std::string version;
    std::string alpn;
    long serial = 0;  // of the server's certificate
};

Handshake Shake(uint16_t port, int max_version, const std::string& alpn) {
    const SocketClient socket(port);
    const std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX, SSL_CTX_free>> context(
        SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context.get(), max_version);
    SSL_CTX_set_security_level(context.get(), 0);
    const std::unique_ptr<SSL, FreeWith<SSL, SSL_free>> ssl(SSL_new(context.get()));
    SSL_set_alpn_protos(ssl.get(), reinterpret_cast<const unsigned char*>(alpn.data()),
                        static_cast<unsigned>(alpn.size()));
    SSL_set_fd(ssl.get(), socket.fd());
    Handshake result;
    result.done = SSL_connect(ssl.get()) == 1;
    if (!result.done) return result;
    result.version = SSL_get_version(ssl.get());
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl.get(), &chosen, &size);
    result.alpn.assign(reinterpret_cast<const char*>(chosen), size);
    result.serial = ASN1_INTEGER_get(X509_get0_serialNumber(SSL_get0_peer_certificate(ssl.get())));
    return result;
}

class TestHandler final : public Handler {
  public:
    Task<Response> Handle(Request& request) override {
        Response response;
        response.body = request.target == "/large" ? std::string(10'000'000, 'x')
                        : request.peer.tls         ? "over TLS"
                                                   : "plain";
        co_return response;
    }
};

class TlsTest : public ::testing::Test {
  protected:
    TlsTest() {
        options_.host = "127.0.0.1";
        options_.certs_dir = dir_.path();
    }

    void UseNewPair(long serial) {
        const KeyPtr key = MakeKey();
        WriteKey(dir_.path(), key.get());
        WriteCertificate(dir_.path(), MakeCertificate(key.get(), serial).get());
    }

    Result<> Start() {
        server_.emplace(executors_, handler_, options_);
        return server_->Start();
    }

    Result<FetchResult> Get(const std::string& target, bool verify = false) {
        FetchOptions options;
        options.tls.verify = verify;
        options.body_limit_bytes = 100'000'000;
        return Fetch("https://127.0.0.1:" + std::to_string(server_->port()) + target, options);
    }

    testing::TemporaryDirectory dir_;
    ServerOptions options_;
    TestHandler handler_;
    runtime::Executors executors_{2};
    std::optional<Server> server_;
};

TEST_F(TlsTest, WithoutCertificatesIsPlainHttp) {
    ASSERT_TRUE(Start());
    EXPECT_FALSE(server_->tls());
    const auto result = Fetch("http://127.0.0.1:" + std::to_string(server_->port()) + "/", {});
    ASSERT_TRUE(result) << result.error().ToString();
    EXPECT_EQ(result.value().body, "plain");
}

TEST_F(TlsTest, ServesOverTls) {
    UseNewPair(1);
    ASSERT_TRUE(Start());
    EXPECT_TRUE(server_->tls());
    const Result<FetchResult> result = Get("/");
    ASSERT_TRUE(result) << result.error().ToString();
    EXPECT_EQ(result.value().body, "over TLS");
}

TEST_F(TlsTest, SendsMoreThanTheSocketTakesAtOnce) {
    UseNewPair(1);
    ASSERT_TRUE(Start());
    const Result<FetchResult> result = Get("/large");
    ASSERT_TRUE(result) << result.error().ToString();
    EXPECT_EQ(result.value().body, std::string(10'000'000, 'x'));
}

TEST_F(TlsTest, TheClientRefusesACertificateThatNobodyVouchesFor) {
    UseNewPair(1);
    ASSERT_TRUE(Start());
    const Result<FetchResult> result = Get("/", true);
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message(), HasSubstr("certificate verify failed"));
}

TEST_F(TlsTest, SpeaksTls12AndLaterAndNamesHttp11) {
    UseNewPair(1);
    ASSERT_TRUE(Start());
    const std::string both("\x02h2\x08http/1.1");
    const Handshake newest = Shake(server_->port(), TLS1_3_VERSION, both);
    EXPECT_EQ(newest.version, "TLSv1.3");
    EXPECT_EQ(newest.alpn, "http/1.1");
    EXPECT_EQ(Shake(server_->port(), TLS1_2_VERSION, "").version, "TLSv1.2");
    EXPECT_FALSE(Shake(server_->port(), TLS1_1_VERSION, "").done);
    EXPECT_FALSE(Shake(server_->port(), TLS1_3_VERSION, "\x02h2").done);
}

TEST_F(TlsTest, DoesNotWaitForEverForAHandshake) {
    UseNewPair(1);
    options_.tls_timeout = milliseconds(1);
    ASSERT_TRUE(Start());
    SocketClient client(server_->port());
    EXPECT_EQ(client.ReceiveAll(), "");
}

TEST_F(TlsTest, EndsAClientThatSpeaksPlainHttp) {
    UseNewPair(1);
    ASSERT_TRUE(Start());
    SocketClient client(server_->port());
    client.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(client.ReceiveAll(), ::testing::Not(HasSubstr("200")));
}

TEST_F(TlsTest, StopEndsAHandshakeThatHangs) {
    UseNewPair(1);
    options_.tls_timeout = std::chrono::hours(1);
    ASSERT_TRUE(Start());
    SocketClient client(server_->port());
    while (server_->counters().connections_open == 0)
        std::this_thread::yield();
    server_->Stop(std::chrono::hours(1));
    EXPECT_EQ(client.ReceiveAll(), "");
}

TEST_F(TlsTest, RefusesToStartWithAPairThatDoesNotMatch) {
    UseNewPair(1);
    WriteKey(dir_.path(), MakeKey().get());
    const Result<> started = Start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().kind(), ErrorKind::kInvalid);
    EXPECT_THAT(started.error().message(), HasSubstr("private.key"));
}

TEST_F(TlsTest, RefusesToStartWithHalfAPair) {
    WriteKey(dir_.path(), MakeKey().get());
    const Result<> started = Start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().kind(), ErrorKind::kInvalid);
    EXPECT_THAT(started.error().message(), HasSubstr("public.crt"));
}

TEST_F(TlsTest, RefusesAnEncryptedKeyOnEitherSideAndAsksNobody) {
    const KeyPtr key = MakeKey();
    WriteKey(dir_.path(), key.get(), "pass");
    WriteCertificate(dir_.path(), MakeCertificate(key.get(), 1).get());
    const auto of_server = Start();
    // With the callback of OpenSSL, this asks the terminal.
    const auto of_client = CheckCertificate(
        {.certificate = dir_.path() + "/public.crt", .key = dir_.path() + "/private.key"});
    for (const auto& refused : {of_server, of_client}) {
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind(), ErrorKind::kInvalid);
        EXPECT_THAT(refused.error().message(), HasSubstr("/private.key is encrypted"));
    }
}

// The server looks once a second, so this takes as long.
TEST_F(TlsTest, TakesANewPairWithoutARestartButNotABrokenOne) {
    UseNewPair(1);
    ASSERT_TRUE(Start());
    EXPECT_EQ(Shake(server_->port(), TLS1_3_VERSION, "").serial, 1);
    ::testing::internal::CaptureStderr();
    WriteKey(dir_.path(), MakeKey().get());
    std::string log;
    while (log.find("can't be used") == std::string::npos) {
        EXPECT_EQ(Shake(server_->port(), TLS1_3_VERSION, "").serial, 1);
        std::this_thread::sleep_for(milliseconds(20));
        log += ::testing::internal::GetCapturedStderr();
        ::testing::internal::CaptureStderr();
    }
    ::testing::internal::GetCapturedStderr();
    UseNewPair(2);
    while (Shake(server_->port(), TLS1_3_VERSION, "").serial != 2)
        std::this_thread::sleep_for(milliseconds(20));
}

}  // namespace
}  // namespace coffer::http
