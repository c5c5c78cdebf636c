#include "coffer/service/iam/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "coffer/base/random.h"
#include "coffer/codec/ascii.h"
#include "coffer/codec/base64.h"
#include "coffer/codec/digest.h"
#include "coffer/codec/hex.h"

namespace coffer::service {
namespace {

constexpr size_t kMaxKeyBytes = 128;
constexpr size_t kMaxPathBytes = 512;
constexpr size_t kIdChars = 16;
constexpr size_t kSecretBytes = 30;  // 40 characters of Base64

bool IsAlphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsNameChar(char c) {
    return IsAlphanumeric(c) || std::string_view("_+=,.@-").find(c) != std::string_view::npos;
}

Error Invalid(std::string message) {
    return {ErrorKind::kInvalid, "ValidationError", std::move(message)};
}

}  // namespace

Result<> CheckName(std::string_view what, std::string_view name, size_t limit) {
    if (!name.empty() && name.size() <= limit && std::ranges::all_of(name, IsNameChar)) return Ok();
    return Invalid(
        fmt::format("The specified value for {} is invalid. It must contain only "
                    "alphanumeric characters and/or the following: +=,.@_-, and have 1 "
                    "to {} of them.",
                    what, limit));
}

Result<> CheckPath(std::string_view path) {
    const bool printable = std::ranges::all_of(path, [](char c) { return c > ' ' && c < '\x7f'; });
    if (path.starts_with('/') && path.ends_with('/') && path.size() <= kMaxPathBytes && printable)
        return Ok();
    return Invalid(
        "The specified value for path is invalid. It must begin and end with / and contain only "
        "alphanumeric characters and/or / characters.");
}

Result<> CheckAccessKey(std::string_view access_key) {
    const bool legal = std::ranges::all_of(
        access_key, [](char c) { return c > ' ' && c < '\x7f' && c != '=' && c != ','; });
    if (legal && access_key.size() >= kMinAccessKeyBytes && access_key.size() <= kMaxKeyBytes)
        return Ok();
    return Invalid(
        fmt::format("The access key is invalid: it has {} to {} characters, and none of "
                    "them is a space, '=' or ','.",
                    kMinAccessKeyBytes, kMaxKeyBytes));
}

Result<> CheckSecret(std::string_view secret) {
    if (secret.size() >= kMinSecretBytes && secret.size() <= kMaxKeyBytes) return Ok();
    return Invalid(fmt::format("The secret key is invalid: it has {} to {} bytes.", kMinSecretBytes,
                               kMaxKeyBytes));
}

std::string NewId(std::string_view prefix) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::array<std::byte, kIdChars> random;
    FillRandom(random);
    std::string id(prefix);
    for (const std::byte byte : random)
        id += kAlphabet[static_cast<size_t>(byte) % kAlphabet.size()];
    return id;
}

std::string NewSecret() {
    std::array<std::byte, kSecretBytes> random;
    FillRandom(random);
    return codec::Base64Encode(random);
}

std::string CanonicalIdOf(std::string_view account) {
    if (account == kAccount) return std::string(kCanonicalId);
    return codec::ToHex(codec::Sha256(AsBytes(fmt::format("canonical id of {}", account))));
}

std::string RootArn(std::string_view account) {
    return fmt::format("arn:aws:iam::{}:root", account);
}

std::string AccountOfArn(std::string_view arn) {
    constexpr size_t kAccountPart = 4;
    const auto parts = codec::Split(arn, ':');
    return parts.size() > kAccountPart ? std::string(parts[kAccountPart]) : std::string();
}

std::string IamArn(std::string_view kind, std::string_view path, std::string_view name) {
    return fmt::format("arn:aws:iam::{}:{}{}{}", kAccount, kind, path, name);
}

std::string BuiltinPolicyArn(std::string_view name) {
    return fmt::format("arn:aws:iam::aws:policy/{}", name);
}

Result<std::string> PolicyNameOf(std::string_view arn) {
    const std::string own = fmt::format("arn:aws:iam::{}:policy/", kAccount);
    if (arn.starts_with(own) || arn.starts_with(BuiltinPolicyArn("")))
        return std::string(arn.substr(arn.rfind('/') + 1));
    return Invalid(fmt::format("ARN {} is not valid.", arn));
}

}  // namespace coffer::service
