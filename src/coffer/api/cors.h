// Cross-origin requests (the Fetch standard, "CORS protocol"): what a browser's request asks by
// rules, of a bucket or of the server. Allowing an origin gives a page no rights: it has to sign
// its requests like anyone.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "coffer/codec/cors.h"
#include "coffer/http/message.h"

namespace coffer::api {

// The rules of the server: pages of these origins may use every method and header, and read what S3
// tells in headers. None where no origin is given.
std::vector<codec::CorsRule> ServerCorsRules(std::vector<std::string> allowed_origins);

// The answer to a preflight, in S3's words. kInvalid "BadRequest" where the request does not say
// what is to come; kDenied "AccessForbidden" where no rule allows it.
Result<http::Response> AnswerPreflight(const http::Request& request,
                                       std::span<const codec::CorsRule> rules);

// Gives a reply, to whatever but a preflight, the headers that let the page see it. The method is
// that of Access-Control-Request-Method where the request has one, as S3 takes it.
void AddCorsHeaders(const http::Request& request, std::span<const codec::CorsRule> rules,
                    http::Response& reply);

// A decorator for what belongs to no bucket: health and metrics. A preflight that the rules do not
// allow goes on like any request.
class CorsHandler final : public http::Handler {
  public:
    // `inner` outlives this.
    CorsHandler(http::Handler& inner, std::vector<codec::CorsRule> rules);

    Task<http::Response> Handle(http::Request& request) override;

  private:
    http::Handler& inner_;
    const std::vector<codec::CorsRule> rules_;
};

}  // namespace coffer::api
