#include "coffer/service/iam/session_token.h"

#include <chrono>

#include "coffer/codec/base64.h"
#include "coffer/codec/json.h"

namespace coffer::service {
namespace {

using codec::JsonValue;
using codec::TextOf;

constexpr std::string_view kContext = "session";

int64_t ToSeconds(Timestamp time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

std::string SealSession(const codec::Seal& seal, const Session& session) {
    const JsonValue document(JsonValue::Object{{"key", session.access_key},
                                               {"secret", std::string(session.secret_key.Reveal())},
                                               {"user", session.user},
                                               {"id", session.holder_id},
                                               {"name", session.name},
                                               {"policy", session.policy},
                                               {"issued", ToSeconds(session.issued)},
                                               {"expires", ToSeconds(session.expires)}});
    return codec::Base64UrlEncode(AsBytes(seal.Close(codec::WriteJson(document), kContext)));
}

std::optional<Session> OpenSession(const codec::Seal& seal, std::string_view token) {
    const auto sealed = codec::Base64UrlDecode(token);
    if (!sealed) return std::nullopt;
    const auto text = seal.Open(*sealed, kContext);
    if (!text) return std::nullopt;
    const auto document = codec::ParseJson(text.value().Reveal());
    if (!document) return std::nullopt;
    const JsonValue* expires = document.value().Find("expires");
    if (expires == nullptr || !expires->AsInt()) return std::nullopt;
    const JsonValue* issued = document.value().Find("issued");
    const int64_t issued_seconds = issued == nullptr ? 0 : issued->AsInt().value_or(0);
    return Session{.access_key = TextOf(document.value(), "key"),
                   .secret_key = Secret(TextOf(document.value(), "secret")),
                   .user = TextOf(document.value(), "user"),
                   .holder_id = TextOf(document.value(), "id"),
                   .name = TextOf(document.value(), "name"),
                   .policy = TextOf(document.value(), "policy"),
                   .issued = Timestamp(std::chrono::seconds(issued_seconds)),
                   .expires = Timestamp(std::chrono::seconds(*expires->AsInt()))};
}

}  // namespace coffer::service
