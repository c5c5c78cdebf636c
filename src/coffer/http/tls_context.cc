#include "coffer/http/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <chrono>
#include <optional>
#include <utility>

#include "coffer/base/log.h"

namespace coffer::http {
namespace {

constexpr std::chrono::seconds kCheckInterval{1};

Error TlsError(const std::string& what) {
    char reason[256] = "unknown";
    if (const unsigned long code = ERR_peek_last_error(); code != 0) {
        ERR_error_string_n(code, reason, sizeof reason);
    }
    ERR_clear_error();
    return Error(ErrorKind::kInvalid, what + ": " + reason);
}

// An encrypted key can't be used: nobody is there to type its pass phrase, which OpenSSL would ask
// the terminal for.
int NoPassword(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
}

int ChooseHttp11(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                 unsigned in_size, void*) {
    static constexpr unsigned char kOffered[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* chosen = nullptr;
    if (SSL_select_next_proto(&chosen, out_size, kOffered, sizeof kOffered, in, in_size) !=
        OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

Result<TlsContext::Handle> MakeContext(const std::string& certificate, const std::string& key) {
    const TlsContext::Handle context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    if (!context) return TlsError("TLS");
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(context.get(), ChooseHttp11, nullptr);
    TRY(UseCertificate(context.get(), certificate, key));
    return context;
}

struct FileVersion {
    ino_t inode = 0;
    off_t size_bytes = 0;
    int64_t modified_s = 0;
    int64_t modified_ns = 0;
    bool operator==(const FileVersion&) const = default;
};

// Nothing where there is no such file.
std::optional<FileVersion> Look(const std::string& path) {
    struct stat file{};
    if (::stat(path.c_str(), &file) != 0) return std::nullopt;
    return FileVersion{file.st_ino, file.st_size, file.st_mtim.tv_sec, file.st_mtim.tv_nsec};
}

std::string CertificatePath(const std::string& dir) {
    return dir + "/public.crt";
}
std::string KeyPath(const std::string& dir) {
    return dir + "/private.key";
}

}  // namespace

Result<> UseCertificate(ssl_ctx_st* context, const std::string& certificate,
                        const std::string& key) {
    bool encrypted = false;
    SSL_CTX_set_default_passwd_cb(context, NoPassword);
    SSL_CTX_set_default_passwd_cb_userdata(context, &encrypted);
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1)
        return TlsError("certificate " + certificate);
    const bool used = SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) == 1;
    SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
    if (encrypted) {
        ERR_clear_error();
        return Error(ErrorKind::kInvalid, "key " + key +
                                              " is encrypted; one without a pass phrase is wanted: "
                                              "`openssl pkey -in KEY -out NEW` takes it off");
    }
    if (!used) return TlsError("key " + key);
    if (SSL_CTX_check_private_key(context) != 1)
        return TlsError(key + " does not belong to " + certificate);
    return Ok();
}

struct TlsContext::FileVersions {
    std::optional<FileVersion> certificate;
    std::optional<FileVersion> key;
    bool operator==(const FileVersions&) const = default;

    static FileVersions In(const std::string& dir) {
        return {Look(CertificatePath(dir)), Look(KeyPath(dir))};
    }
};

TlsContext::TlsContext(std::string certs_dir, Handle current,
                       std::unique_ptr<FileVersions> versions)
    : certs_dir_(std::move(certs_dir)),
      current_(std::move(current)),
      versions_(std::move(versions)),
      checked_at_(std::chrono::steady_clock::now()) {}

TlsContext::~TlsContext() = default;

Result<std::unique_ptr<TlsContext>> TlsContext::Load(const std::string& certs_dir) {
    auto versions = std::make_unique<FileVersions>(FileVersions::In(certs_dir));
    if (!versions->certificate && !versions->key) return std::unique_ptr<TlsContext>();
    TRY(Handle context, MakeContext(CertificatePath(certs_dir), KeyPath(certs_dir)));
    return std::unique_ptr<TlsContext>(
        new TlsContext(certs_dir, std::move(context), std::move(versions)));
}

TlsContext::Handle TlsContext::Current() {
    const SteadyTime now = std::chrono::steady_clock::now();
    if (now - checked_at_ < kCheckInterval) return current_;
    checked_at_ = now;
    FileVersions versions = FileVersions::In(certs_dir_);
    if (versions == *versions_) return current_;
    *versions_ = versions;
    Result<Handle> changed = MakeContext(CertificatePath(certs_dir_), KeyPath(certs_dir_));
    if (changed) {
        current_ = std::move(changed.value());
        Log(LogLevel::kInfo, "the TLS certificate was read again", {{"certs_dir", certs_dir_}});
    } else {
        Log(LogLevel::kWarning, "the changed TLS certificate can't be used; the one before stays",
            {{"error", changed.error().message()}});
    }
    return current_;
}

}  // namespace coffer::http
