#include "coffer/codec/policy/principals.h"

#include <algorithm>

#include "coffer/codec/ascii.h"

namespace coffer::codec::policy {
namespace {

// Nobody is called "": that is what anonymous requests have in place of names.
bool Contains(const std::vector<std::string>& all, const std::string& one) {
    return !one.empty() && std::ranges::find(all, one) != all.end();
}

// Account ids, and other names without a structure of their own.
bool IsPlainName(std::string_view name) {
    return !name.empty() && name.find_first_of("*?:/ ") == name.npos;
}

}  // namespace

std::optional<Principals> Principals::Parse(const JsonValue& value) {
    Principals principals;
    if (const std::string* name = value.AsString()) {
        if (*name != "*") return std::nullopt;
        principals.everyone_ = true;
        return principals;
    }
    const JsonValue::Object* members = value.AsObject();
    if (members == nullptr || members->empty()) return std::nullopt;
    for (const JsonMember& member : *members) {
        if (const std::string* name = member.value.AsString()) {
            if (!principals.Add(member.name, *name)) return std::nullopt;
            continue;
        }
        const JsonValue::Array* names = member.value.AsArray();
        if (names == nullptr || names->empty()) return std::nullopt;
        for (const JsonValue& element : *names) {
            const std::string* name = element.AsString();
            if (name == nullptr || !principals.Add(member.name, *name)) return std::nullopt;
        }
    }
    return principals;
}

bool Principals::Add(const std::string& type, const std::string& name) {
    if (type == "AWS") return AddAws(name);
    if (name.empty() || name.find_first_of("*?") != name.npos) return false;
    if (type == "CanonicalUser") canonical_ids_.push_back(name);
    return type == "CanonicalUser" || type == "Service" || type == "Federated";
}

bool Principals::AddAws(const std::string& name) {
    if (name == "*") {
        everyone_ = true;
        return true;
    }
    if (IsPlainName(name)) {
        accounts_.push_back(name);
        return true;
    }
    if (name.find_first_of("*? ") != name.npos) return false;
    const std::vector<std::string_view> parts = Split(name, ':');
    if (parts.size() != 6 || parts[0] != "arn" || parts[1].empty() || !parts[3].empty())
        return false;
    const std::string_view service = parts[2];
    const std::string_view resource = parts[5];
    if (service == "iam" && resource == "root") {
        if (!IsPlainName(parts[4])) return false;
        accounts_.emplace_back(parts[4]);
        return true;
    }
    const size_t slash = resource.find('/');
    const std::string_view type = resource.substr(0, slash);
    const bool known =
        service == "iam" ? type == "user" || type == "role"
                         : service == "sts" && (type == "assumed-role" || type == "federated-user");
    if (!known || slash == resource.npos || slash + 1 == resource.size()) return false;
    arns_.push_back(name);
    return true;
}

Principals::Match Principals::Matches(const Principal& principal) const {
    if (everyone_) return Match::kExactly;
    if (Contains(arns_, principal.arn) || Contains(arns_, principal.issuer_arn))
        return Match::kExactly;
    if (!Contains(accounts_, principal.account) &&
        !Contains(canonical_ids_, principal.canonical_id))
        return Match::kNo;
    return principal.kind == Principal::Kind::kRoot ? Match::kExactly : Match::kAccount;
}

}  // namespace coffer::codec::policy
