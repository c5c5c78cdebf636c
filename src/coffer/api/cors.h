// Cross-origin requests (the Fetch standard, "CORS protocol"), for everything on the S3 port, as
// MinIO answers them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "coffer/http/message.h"

namespace coffer::api {

// Whether one of `patterns` fits; '*' in a pattern stands for anything.
bool OriginIsAllowed(const std::vector<std::string>& patterns, std::string_view origin);

// A decorator. Preflights are answered here; other requests of an allowed origin get the headers
// that let its page see the answer. Allowing an origin gives a page no rights: it has to sign its
// requests like anyone.
class CorsHandler final : public http::Handler {
  public:
    // `inner` outlives this.
    CorsHandler(http::Handler& inner, std::vector<std::string> allowed_origins);

    Task<http::Response> Handle(http::Request& request) override;

  private:
    http::Handler& inner_;
    const std::vector<std::string> allowed_origins_;
};

}  // namespace coffer::api
