// Sessions: temporary access keys. Nothing of a session is kept: the token that comes with each of
// its requests says all of it, sealed, so that only the server that gave it can read or make one.
// Pure functions; any thread may call them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "coffer/base/clock.h"
#include "coffer/base/secret.h"
#include "coffer/codec/seal.h"

namespace coffer::service {

struct Session {
    std::string access_key;
    Secret secret_key;
    std::string user;       // whose rights it has; empty: root's
    std::string holder_id;  // of that user: one who comes back under the name is another
    std::string name;       // as the client called it (AssumeRole); empty: it has the user's name
    std::string policy;     // narrows what it may; empty: it does not
    Timestamp issued;       // to the second, as all times here; of an old token that has none: 1970
    Timestamp expires;
};

// The form in docs/formats/sealed.md, in Base64url.
std::string SealSession(const codec::Seal& seal, const Session& session);

// Nothing unless the token was made by SealSession under the same key. Whether it has expired is
// the caller's to ask.
std::optional<Session> OpenSession(const codec::Seal& seal, std::string_view token);

}  // namespace coffer::service
