// The server's certificate and key, as MinIO takes them: public.crt and private.key in one
// directory, both PEM.
//
// They are read again when the files change, so that a renewed certificate needs no restart.
#pragma once

#include <memory>
#include <string>

#include "coffer/base/clock.h"
#include "coffer/base/result.h"

struct ssl_ctx_st;

namespace coffer::http {

class TlsContext {
  public:
    using Handle = std::shared_ptr<ssl_ctx_st>;

    // Null where `certs_dir` has neither file. kInvalid: one is missing, or they can't be used; the
    // message says why.
    static Result<std::unique_ptr<TlsContext>> Load(const std::string& certs_dir);

    // What the next connection uses: TLS 1.2 or later, ALPN http/1.1. Looks for changed files at
    // most once a second; a pair that can't be used is logged, and the one before stays. One thread
    // at a time.
    Handle Current();

    ~TlsContext();

  private:
    struct FileVersions;
    TlsContext(std::string certs_dir, Handle current, std::unique_ptr<FileVersions> versions);

    const std::string certs_dir_;
    Handle current_;
    std::unique_ptr<FileVersions> versions_;  // of the files that were last tried
    SteadyTime checked_at_;
};

// Has `context` show the certificate of these PEM files, on either side. kInvalid says which of
// them can't be used, and why: an encrypted key never can.
Result<> UseCertificate(ssl_ctx_st* context, const std::string& certificate,
                        const std::string& key);

}  // namespace coffer::http
