// Where access keys are looked up: root's, those of users, service accounts, and sessions.
//
// What is found is kept in memory with all that a request needs of it: secret, principal, policies.
// Every change of users, groups, policies and keys is followed by Forget, before it is answered. So
// a request costs no read of the catalogue for its credentials but the first after a change.
// (One process owns a catalogue. Where several come to share one, each will have to hear of the
// others' changes.)
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "coffer/base/clock.h"
#include "coffer/base/mutex.h"
#include "coffer/base/secret.h"
#include "coffer/codec/seal.h"
#include "coffer/db/database.h"
#include "coffer/service/actor.h"
#include "coffer/service/iam/session_token.h"

namespace coffer::service {

// Of one access key. Never changes.
struct Credential {
    Secret secret;
    std::shared_ptr<const Actor> actor;
    bool enabled = true;               // the key, and its user
    std::optional<Timestamp> expires;  // of sessions and service accounts
};

// To be asked once the signature was found right, so that a stranger learns nothing. kDenied
// "InvalidAccessKeyId" where the key is disabled, or a service account's that has expired; kInvalid
// "ExpiredToken" of a session that has.
Result<> CheckUsable(const Credential& credential, Timestamp now);

// Any thread may use it. `database` and `seal` outlive it.
class Credentials {
  public:
    Credentials(std::string root_access_key, Secret root_secret_key, db::Database& database,
                const codec::Seal& seal, size_t capacity = 4096);

    using Found = std::shared_ptr<const Credential>;

    // The credential of an access key; null where there is none. `token`: the session token of the
    // request, or empty. kInvalid "InvalidToken" where it is not of this key, nor of a user who is
    // there; errors of the catalogue. Both views outlive the task.
    Task<Result<Found>> Find(std::string_view access_key, std::string_view token);

    // To be called after every change that Find may depend on has been committed.
    void Forget();

    const std::string& root_access_key() const { return root_->actor->access_key; }
    const codec::Seal& seal() const { return seal_; }

    // Who holds root's key.
    const std::shared_ptr<const Actor>& root() const { return root_->actor; }

    // Changes with root's access key and secret: what binds sessions of root to them.
    const std::string& root_id() const { return root_id_; }

  private:
    // What is known of a key before its user is.
    struct Key {
        Secret secret;
        std::string user;
        Actor actor;  // without the user's part
        bool enabled = true;
        std::optional<Timestamp> expires;
        std::optional<Session> session;
    };

    Result<Found> Load(db::Transaction& tx, std::string_view access_key, std::string_view token);
    Result<std::optional<Key>> LoadKey(db::Transaction& tx, std::string_view access_key,
                                       std::string_view token) const;
    Result<Found> Join(db::Transaction& tx, Key key) const;

    const codec::Seal& seal_;
    db::Database& database_;
    const size_t capacity_;
    Found root_;
    std::string root_id_;

    Mutex mutex_;
    uint64_t changes_ GUARDED_BY(mutex_) = 0;
    std::unordered_map<std::string, Found> known_ GUARDED_BY(mutex_);
};

// The secret of an access key, as it is kept.
std::string SealSecret(const codec::Seal& seal, std::string_view access_key,
                       std::string_view secret);

}  // namespace coffer::service
