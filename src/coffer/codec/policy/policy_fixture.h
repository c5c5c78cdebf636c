// What the tests of policies share: a request whose condition values are written down.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/codec/policy/policy.h"

namespace coffer::codec::policy {

// Values by the key's full name in lower case ("s3:existingobjecttag/team"); counts what it is
// asked.
class FixedValues final : public ValueSource {
  public:
    using Map = std::map<std::string, std::vector<std::string>>;

    FixedValues(Map values = {}) : values_(std::move(values)) {}

    ConditionValues Find(const ConditionKey& key) override {
        std::string name = key.name;
        if (key.id == KeyId::kJwtClaim)
            name += key.detail;
        else if (!key.detail.empty())
            name += "/" + key.detail;
        ++asked_[name];
        const auto found = values_.find(name);
        return found == values_.end() ? ConditionValues() : found->second;
    }

    const std::map<std::string, int>& asked() const { return asked_; }

  private:
    Map values_;
    std::map<std::string, int> asked_;
};

inline Principal Anonymous() {
    return {};
}

inline Principal Root(const std::string& account) {
    return {.kind = Principal::Kind::kRoot,
            .arn = "arn:aws:iam::" + account + ":root",
            .account = account,
            .canonical_id = "canonical-" + account,
            .user_id = account};
}

inline Principal User(const std::string& account, const std::string& name) {
    return {.kind = Principal::Kind::kUser,
            .arn = "arn:aws:iam::" + account + ":user/" + name,
            .account = account,
            .canonical_id = "canonical-" + account,
            .user_name = name,
            .user_id = "ID-" + name};
}

inline std::string Name(Decision decision) {
    switch (decision) {
        case Decision::kNone:
            return "none";
        case Decision::kAllowToAccount:
            return "allow to account";
        case Decision::kAllow:
            return "allow";
        case Decision::kDeny:
            return "deny";
    }
    return "?";
}

// ' for ", so that policies can be read in a test; ` for '.
inline std::string Json(std::string text) {
    for (char& c : text)
        c = c == '\'' ? '"' : c == '`' ? '\'' : c;
    return text;
}

inline Policy BucketPolicy(const std::string& document, std::string_view bucket = "b") {
    auto policy = Policy::ParseForBucket(Json(document), bucket);
    EXPECT_TRUE(policy.has_value()) << document << ": " << policy.error().ToString();
    return std::move(policy).value();
}

inline Policy IdentityPolicy(const std::string& document) {
    auto policy = Policy::ParseForIdentity(Json(document));
    EXPECT_TRUE(policy.has_value()) << document << ": " << policy.error().ToString();
    return std::move(policy).value();
}

// A bucket policy of one statement for everybody; `more` are its other elements.
inline std::string Everybody(const std::string& more) {
    return "{'Version':'2012-10-17','Statement':[{'Effect':'Allow','Principal':'*'," + more + "}]}";
}

// What a policy says; `resource` is what follows "arn:aws:s3:::".
inline std::string Ask(const Policy& policy, const Principal& who, std::string_view action,
                       const std::string& resource, const FixedValues::Map& values = {}) {
    FixedValues source(values);
    Request request(who, action, "arn:aws:s3:::" + resource, source);
    return Name(policy.Evaluate(request));
}

}  // namespace coffer::codec::policy
