// The payloads of MinIO's admin API that carry secrets: encrypted with a key that is derived from
// the caller's secret key, in both directions. Pure functions; any thread may call them; each takes
// some milliseconds or tens of them, by design, and decrypting 64 MiB of memory meanwhile.
//
// The form: 32 bytes of salt; one that says how (0: Argon2id and AES-256-GCM, 1: Argon2id and
// ChaCha20-Poly1305, 2: PBKDF2 and AES-256-GCM); 8 of nonce; then the text in fragments of 16 KiB,
// each with its tag. A fragment's nonce is those 8 bytes and its number, from 1, in 4 bytes,
// little-endian; what is authenticated besides is one byte (0, and 0x80 for the last fragment) and
// the tag of nothing under the number 0.
//
// Source: madmin-go, EncryptData; RFC 9106 (Argon2id: one pass, 64 MiB, 4 lanes); RFC 8018, 5.2
// (PBKDF2: HMAC-SHA-256, 8,192 rounds); secure-io/sio-go for the fragments.
#pragma once

#include <string>
#include <string_view>

#include "coffer/base/result.h"
#include "coffer/base/secret.h"

namespace coffer::codec {

// Takes any of the three. kInvalid where it was not made with this password, or is damaged, or cut
// off.
Result<Secret> MadminDecrypt(const Secret& password, std::string_view data);

// By PBKDF2, which every client reads, and which costs no memory.
std::string MadminEncrypt(const Secret& password, std::string_view text);

}  // namespace coffer::codec
