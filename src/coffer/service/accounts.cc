#include "coffer/service/accounts.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "coffer/base/random.h"
#include "coffer/catalog/access_keys.h"
#include "coffer/catalog/accounts.h"
#include "coffer/catalog/buckets.h"
#include "coffer/service/iam/names.h"

namespace coffer::service {
namespace {

constexpr size_t kMaxNameBytes = 64;
constexpr int kMaxAttempts = 8;  // to find an id that no other account has

// 12 digits, of which the first is not 0: kAccount's is.
std::string NewAccountId() {
    constexpr uint64_t kFirst = 100'000'000'000;
    return std::to_string(kFirst + RandomUint64() % (9 * kFirst));
}

Error Taken(std::string_view name) {
    return {ErrorKind::kAlreadyExists, "EntityAlreadyExists",
            fmt::format("there is an account '{}' already", name)};
}

AccountInfo ToInfo(const catalog::Account& account) {
    return {.id = account.id,
            .name = account.name,
            .canonical_id = CanonicalIdOf(account.id),
            .access_key = account.access_key,
            .created = account.created};
}

Result<std::shared_ptr<const AccountDirectory>> Read(db::Transaction& tx) {
    TRY(const std::vector<catalog::Account> rows, catalog::ListAccounts(tx));
    std::vector<AccountInfo> accounts;
    accounts.reserve(rows.size());
    for (const catalog::Account& row : rows)
        accounts.push_back(ToInfo(row));
    return std::make_shared<const AccountDirectory>(std::move(accounts));
}

// Whether an account with this id, and this name, can be added.
Result<> CheckFree(db::Transaction& tx, const catalog::Account& wanted) {
    TRY(const auto same_name, catalog::FindAccount(tx, wanted.name));
    if (same_name) return Taken(wanted.name);
    TRY(const auto key, catalog::FindAccessKey(tx, wanted.access_key));
    if (key) return Error(ErrorKind::kUnavailable, "the access key that was made is taken");
    return Ok();
}

}  // namespace

AccountDirectory::AccountDirectory(std::vector<AccountInfo> others) : all_(std::move(others)) {
    all_.insert(all_.begin(), {.id = std::string(kAccount),
                               .name = std::string(kAccountName),
                               .canonical_id = std::string(kCanonicalId),
                               .access_key = {},
                               .created = {}});
}

const AccountInfo* AccountDirectory::Find(std::string_view id) const {
    const auto found = std::ranges::find(all_, id, &AccountInfo::id);
    return found == all_.end() ? nullptr : &*found;
}

const AccountInfo* AccountDirectory::FindCanonical(std::string_view canonical_id) const {
    const auto found = std::ranges::find(all_, canonical_id, &AccountInfo::canonical_id);
    return found == all_.end() ? nullptr : &*found;
}

AccountInfo AccountDirectory::Describe(std::string_view id) const {
    if (const AccountInfo* known = Find(id)) return *known;
    return {.id = std::string(id),
            .name = {},
            .canonical_id = CanonicalIdOf(id),
            .access_key = {},
            .created = {}};
}

Accounts::Accounts(db::Database& database, Clock& clock, Credentials& credentials)
    : database_(database),
      clock_(clock),
      credentials_(credentials),
      directory_(std::make_shared<const AccountDirectory>(std::vector<AccountInfo>())) {}

Result<> Accounts::Load() {
    std::shared_ptr<const AccountDirectory> read;
    TRY(database_.ReadBlocking([&](db::Transaction& tx) -> Result<> {
        TRY(read, Read(tx));
        return Ok();
    }));
    Keep(std::move(read));
    return Ok();
}

Task<Result<>> Accounts::Reload() {
    CO_TRY(auto read, co_await database_.Read(db::Cost::kScan, &Read));
    Keep(std::move(read));
    co_return Ok();
}

void Accounts::Keep(std::shared_ptr<const AccountDirectory> directory) {
    MutexLock lock(mutex_);
    directory_ = std::move(directory);
}

std::shared_ptr<const AccountDirectory> Accounts::directory() const {
    MutexLock lock(mutex_);
    return directory_;
}

Task<Result<Accounts::Created>> Accounts::Create(std::string name) {
    CO_TRY(CheckName("the account's name", name, kMaxNameBytes));
    if (name == kAccountName) co_return Taken(name);
    for (int attempt = 1;; ++attempt) {
        Secret secret(NewSecret());
        catalog::Account account{.id = NewAccountId(),
                                 .name = name,
                                 .access_key = NewId("AKIA"),
                                 .sealed_secret = {},
                                 .created = clock_.Now()};
        account.sealed_secret =
            SealSecret(credentials_.seal(), account.access_key, secret.Reveal());
        const Result<> made = co_await database_.Write([&](db::Transaction& tx) -> Result<> {
            TRY(CheckFree(tx, account));
            const Result<> inserted = catalog::InsertAccount(tx, account);
            if (!inserted && inserted.error().kind() == ErrorKind::kAlreadyExists)
                return Error(ErrorKind::kUnavailable, "the id that was made is taken");
            return inserted;
        });
        if (!made && made.error().kind() == ErrorKind::kUnavailable && attempt < kMaxAttempts)
            continue;
        CO_TRY(made);
        CO_TRY(co_await Reload());
        co_return Created{ToInfo(account),
                          KeyPair{account.access_key, std::move(secret), account.created}};
    }
}

Task<Result<>> Accounts::Remove(std::string name) {
    CO_TRY(co_await database_.Write(
        [&](db::Transaction& tx) -> Result<> {
            TRY(const auto account, catalog::FindAccount(tx, name));
            if (!account)
                return Error(ErrorKind::kNotFound, "NoSuchEntity",
                             fmt::format("there is no account '{}'", name));
            TRY(const auto buckets, catalog::ListBucketsOf(tx, account->id, "", "", 1));
            if (!buckets.empty())
                return Error(ErrorKind::kConflict, "DeleteConflict",
                             fmt::format("the account '{}' still owns buckets, such as '{}'", name,
                                         buckets.front().name));
            return catalog::DeleteAccount(tx, account->id);
        },
        db::Purpose::kFreesSpace));
    credentials_.Forget();
    co_return co_await Reload();
}

}  // namespace coffer::service
