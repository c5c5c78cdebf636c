// Access keys of users and of root: their own, and service accounts; and sessions, which are
// temporary ones.
//
// Errors carry IAM's codes: kNotFound "NoSuchAccessKey" and "NoSuchUser" (to IAM, both
// "NoSuchEntity"), kAlreadyExists "EntityAlreadyExists",
// kInvalid "ValidationError" and "MalformedPolicyDocument"; or are the catalogue's. Every change is
// durable, and counts for the next request, when its task has returned.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "coffer/base/clock.h"
#include "coffer/catalog/access_keys.h"
#include "coffer/service/iam/credentials.h"

namespace coffer::service {

using catalog::AccessKey;

struct NewAccessKey {
    std::string user;        // who is there; empty: root
    std::string access_key;  // empty: one is made
    Secret secret_key;       // empty: one is made
    bool service = false;
    bool enabled = true;
    std::string name;  // of a service account, as all that follows
    std::string description;
    std::string policy;  // narrows what the user may; empty: it does not
    std::optional<Timestamp> expires;
};

// What is not there stays as it is.
struct AccessKeyChanges {
    std::optional<Secret> secret_key;
    std::optional<bool> enabled;
    std::optional<std::string> name;
    std::optional<std::string> description;
    std::optional<std::string> policy;                // "": none any more
    std::optional<std::optional<Timestamp>> expires;  // nothing in it: never any more
};

struct KeyPair {
    std::string access_key;
    Secret secret_key;
    Timestamp created;
};

struct NewSession {
    std::string name;    // as Session has it
    std::string policy;  // as Session has it
    std::chrono::seconds duration{};
};

// Any thread may call it. What it is made of outlives it.
class AccessKeys {
  public:
    AccessKeys(db::Database& database, Clock& clock, Credentials& credentials)
        : database_(database), clock_(clock), credentials_(credentials) {}

    Task<Result<KeyPair>> Create(NewAccessKey wanted);
    Task<Result<AccessKey>> Get(std::string access_key);
    Task<Result<std::vector<AccessKey>>> List(std::string user);
    Task<Result<>> Change(std::string access_key, AccessKeyChanges changes);
    Task<Result<>> Delete(std::string access_key);

    // MinIO's way to make a user: a key with the user's name as its access key. A user who is there
    // gets the secret and the state; one who is not is made.
    Task<Result<>> PutUser(std::string name, Secret secret_key, bool enabled);

    // Another secret for the key that has the user's name, where it is there: nothing is made, and
    // what is disabled stays so.
    Task<Result<>> ChangeUsersSecret(std::string name, Secret secret_key);

    // For an actor with a key of its own or a service account's. Nothing is written.
    Task<Result<Session>> OpenSession(std::shared_ptr<const Actor> actor, NewSession wanted);

  private:
    Result<> CheckFree(std::string_view access_key) const;

    db::Database& database_;
    Clock& clock_;
    Credentials& credentials_;
};

}  // namespace coffer::service
