// Access control lists: whose a bucket or an object is, and who else may read or write it or its
// list. Pure functions; any thread may call them.
//
// Source: the Amazon S3 User Guide, "Access control list (ACL) overview"; the Amazon S3 API
// Reference, PutBucketAcl and PutObjectAcl.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "coffer/base/result.h"

namespace coffer::codec {

// What a grant allows, as bits: full control is all of it.
enum class AclPermission : uint8_t {
    kRead = 1,      // of a bucket: to list it
    kWrite = 2,     // of a bucket: to put objects; of an object: nothing
    kReadAcp = 4,   // the list itself
    kWriteAcp = 8,  // the list itself
    kFullControl = 15,
};

enum class AclGroup : uint8_t { kAllUsers, kAuthenticatedUsers, kLogDelivery };

// A group, or the id of an account.
using AclGrantee = std::variant<AclGroup, std::string>;

struct AclGrant {
    AclGrantee grantee;
    AclPermission permission{};
    bool operator==(const AclGrant&) const = default;
};

inline constexpr size_t kMaxAclGrants = 100;

struct Acl {
    std::string owner;             // the id of an account
    std::vector<AclGrant> grants;  // groups first, then accounts, each in the order given
    bool operator==(const Acl&) const = default;
};

// Nobody but the owner is granted anything.
Acl PrivateAcl(std::string owner);

// Whether everybody, or everybody with an account, is granted something: what S3 calls public.
bool IsPublic(const std::vector<AclGrant>& grants);

// The lists that have a name.
enum class CannedAcl : uint8_t {
    kPrivate,
    kPublicRead,
    kPublicReadWrite,
    kAuthenticatedRead,
    kAwsExecRead,  // private: Amazon EC2, whom it is for, is nobody here
    kBucketOwnerRead,
    kBucketOwnerFullControl,
    kLogDeliveryWrite,
};

// "public-read". Nothing where it is none.
std::optional<CannedAcl> ParseCannedAcl(std::string_view name);

// What it grants on a thing of `owner`'s in a bucket of `bucket_owner`'s; of a bucket itself, the
// two are the same.
std::vector<AclGrant> CannedGrants(CannedAcl acl, const std::string& owner,
                                   const std::string& bucket_owner);

// How documents name accounts, who have ids everywhere else.
class AclNames {
  public:
    virtual ~AclNames() = default;
    // The account of a canonical id, or nothing.
    virtual std::optional<std::string> AccountOf(std::string_view canonical_id) const = 0;
    struct Name {
        std::string canonical_id;
        std::string display_name;  // empty: there is none
    };
    virtual Name NameOf(std::string_view account) const = 0;
};

// An <AccessControlPolicy>. kInvalid "MalformedACLError": not that, without an owner, or of more
// than kMaxAclGrants; "InvalidArgument": a canonical id or a group that there is not;
// "UnresolvableGrantByEmailAddress": accounts have no e-mail addresses here.
Result<Acl> ParseAcl(std::string_view document, const AclNames& names);
std::string WriteAcl(const Acl& acl, const AclNames& names);

// Adds what an x-amz-grant-* header says: `id="…", uri="…", emailAddress="…"`, with or without
// quotes. Errors as ParseAcl; "InvalidArgument" also for another form.
Result<> ParseGrantHeader(std::string_view value, AclPermission permission, const AclNames& names,
                          std::vector<AclGrant>& grants);

// Groups first, each grant once.
void SortGrants(std::vector<AclGrant>& grants);

// As the catalogue keeps one (docs/formats/catalogue.md): the owner, then the grants, with commas
// between. DecodeAcl: kCorrupt where it is not of that form.
std::string EncodeAcl(const Acl& acl);
Result<Acl> DecodeAcl(std::string_view text);

// Only the owner of what EncodeAcl gave.
std::string_view EncodedAclOwner(std::string_view text);

}  // namespace coffer::codec
