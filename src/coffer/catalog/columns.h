// Values as the bytes of a column (docs/formats/catalogue.md), and back. Decoding fails with
// kCorrupt where the bytes are not of the form that encoding gives.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "coffer/base/bytes.h"
#include "coffer/base/result.h"
#include "coffer/base/text_arena.h"
#include "coffer/catalog/types.h"
#include "coffer/db/database.h"

namespace coffer::catalog {

// First, where there is an ACL, 'a', codec::EncodeAcl, NUL, NUL; then for each header 's'
// (standard) or 'u' (user), and for each tag 't', the name, NUL, the value, NUL. No headers: no
// bytes. kInvalid "InvalidArgument" where a name or a value holds a NUL: it would be read as
// something else.
Result<std::string> EncodeHeaders(const ObjectHeaders& headers);
Result<ObjectHeaders> DecodeHeaders(std::string_view bytes);

// Whose the ACL says it is; empty where there is none, or no account's. The view is of `bytes`.
Result<std::string_view> DecodeHeadersOwner(std::string_view bytes);

// The MD5 that an ETag begins with as its 16 bytes, and what follows ("-3") as it is. The ETag of
// everything here begins with 32 lower-case hexadecimal digits, or is empty.
std::string EncodeEtag(std::string_view etag);
std::string DecodeEtag(ByteView bytes);
std::string_view DecodeEtag(ByteView bytes, TextArena& arena);  // the view is of `arena`

// A byte for the algorithm, one for the type, and the digest.
std::string EncodeChecksum(const Checksum& checksum);
Result<Checksum> DecodeChecksum(ByteView bytes);
Result<ChecksumKind> DecodeChecksumKind(ByteView bytes);

// A byte for the kind; of kKms: a byte that is 1 for a bucket key, the key's name, NUL, the
// context; of kCustomer: the key's proof.
std::string EncodeEncryption(const Encryption& encryption);
Result<Encryption> DecodeEncryption(ByteView bytes);

// A byte for the kind, the name of the key that seals, NUL, its id, NUL, the context, NUL, the
// sealed key.
std::string EncodeSeal(const BlobSeal& seal);
Result<BlobSeal> DecodeSeal(ByteView bytes);

// NULL stands for what is not there. The view is of `bytes`.
inline db::Value BytesOrNull(const std::string& bytes) {
    return bytes.empty() ? db::Value(nullptr) : db::Value(AsBytes(bytes));
}
inline db::Value BytesOrNull(const std::optional<codec::Sha256Digest>& digest) {
    return digest ? db::Value(ByteView(*digest)) : db::Value(nullptr);
}
inline db::Value TimeOrNull(const std::optional<Timestamp>& time) {
    return time ? db::Value(ToMicros(*time)) : db::Value(nullptr);
}
template <class Id>
db::Value IdOrNull(const std::optional<Id>& id) {
    return id ? db::Value(id->value()) : db::Value(nullptr);
}

}  // namespace coffer::catalog
