// Random policies and requests, decided by the engine and by a second evaluator that reads the JSON
// as the User Guide tells it: one rule after the other, without a thought for speed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <random>
#include <string>

#include "coffer/codec/ascii.h"
#include "coffer/codec/json.h"
#include "coffer/codec/policy/policy_fixture.h"

namespace coffer::codec::policy {
namespace {

using Strings = std::vector<std::string>;

struct Asked {
    Principal who;
    std::string action;
    std::string resource;
    FixedValues::Map values;  // without those that the principal has
};

// --- the second evaluator ---

enum class Truth { kNo, kYes, kUnknown };

class Model {
  public:
    explicit Model(const Asked& asked) : asked_(asked) {
        values_ = asked.values;
        const auto set = [this](const char* key, const std::string& value) {
            if (!value.empty()) values_[key] = {value};
        };
        set("aws:username", asked.who.user_name);
        set("aws:principalarn", asked.who.arn);
    }

    std::string Evaluate(const JsonValue& policy) const {
        std::string says = "none";
        for (const JsonValue& statement : *policy.Find("Statement")->AsArray()) {
            const bool allow = *statement.Find("Effect")->AsString() == "Allow";
            const std::string to = Principals(statement, allow);
            if (to == "none" || !Action(statement) || !Resource(statement, allow) ||
                !Conditions(statement, allow))
                continue;
            if (to == "deny") return "deny";
            if (says != "allow") says = to;
        }
        return says;
    }

  private:
    // A pattern as a list: a character, or "*" and "?" as -1 and -2; nothing for unknown.
    std::optional<std::vector<int>> Expand(std::string text, bool wildcards) const {
        std::vector<int> list;
        while (!text.empty()) {
            if (text.starts_with("${")) {
                const size_t end = text.find('}');
                std::string name = text.substr(2, end - 2);
                text = text.substr(end + 1);
                std::optional<std::string> value;
                if (const size_t comma = name.find(", '"); comma != name.npos) {
                    value = name.substr(comma + 3, name.size() - comma - 4);
                    name = name.substr(0, comma);
                }
                const auto found = values_.find(Lower(name));
                if (found != values_.end() && found->second.size() == 1) value = found->second[0];
                if (!value) return std::nullopt;
                list.insert(list.end(), value->begin(), value->end());
                continue;
            }
            const char c = text[0];
            list.push_back(wildcards && c == '*' ? -1 : wildcards && c == '?' ? -2 : c);
            text = text.substr(1);
        }
        return list;
    }

    static bool Fits(const std::vector<int>& list, size_t i, const std::string& text, size_t k) {
        if (i == list.size()) return k == text.size();
        if (list[i] == -1)
            return Fits(list, i + 1, text, k) || (k < text.size() && Fits(list, i, text, k + 1));
        if (k == text.size()) return false;
        return (list[i] == -2 || list[i] == text[k]) && Fits(list, i + 1, text, k + 1);
    }

    Truth Like(const std::string& pattern, const std::string& text, bool wildcards = true) const {
        const auto list = Expand(pattern, wildcards);
        if (!list) return Truth::kUnknown;
        return Fits(*list, 0, text, 0) ? Truth::kYes : Truth::kNo;
    }

    // Tag keys keep their case.
    static std::string Lower(const std::string& key) {
        const size_t slash = key.find('/');
        return ToLower(key.substr(0, slash)) + (slash == key.npos ? "" : key.substr(slash));
    }

    static Strings List(const JsonValue& value) {
        Strings all;
        if (value.AsString()) return {*value.AsString()};
        for (const JsonValue& each : *value.AsArray())
            all.push_back(*each.AsString());
        return all;
    }

    std::string Principals(const JsonValue& statement, bool allow) const {
        const JsonValue* principal = statement.Find("Principal");
        const JsonValue* others = statement.Find("NotPrincipal");
        const std::string effect = allow ? "allow" : "deny";
        if (principal == nullptr && others == nullptr) return effect;
        bool exactly = false;
        bool account = false;
        const JsonValue& named = principal ? *principal : *others;
        if (named.AsString()) exactly = true;  // "*"
        if (const auto* lists = named.AsObject()) {
            for (const JsonMember& member : *lists) {
                for (const std::string& name : List(member.value)) {
                    if (name == "*") exactly = true;
                    if (asked_.who.arn.empty()) continue;
                    if (name == asked_.who.arn) exactly = true;
                    if (name == asked_.who.account || name == asked_.who.canonical_id ||
                        name == "arn:aws:iam::" + asked_.who.account + ":root")
                        account = true;
                }
            }
        }
        if (account && asked_.who.kind == Principal::Kind::kRoot) exactly = true;
        if (others) return exactly ? "none" : effect;
        if (exactly) return effect;
        if (!account) return "none";
        return allow ? "allow to account" : "deny";
    }

    bool Action(const JsonValue& statement) const {
        const JsonValue* actions = statement.Find("Action");
        const JsonValue* others = statement.Find("NotAction");
        bool named = false;
        for (const std::string& action : List(actions ? *actions : *others))
            named |= Like(ToLower(action), ToLower(asked_.action)) == Truth::kYes;
        return actions ? named : !named;
    }

    // MinIO: a bucket says nothing of an action on the server that is named as one.
    bool PassedOver(const JsonValue& statement, const std::string& resource) const {
        const JsonValue* actions = statement.Find("Action");
        if (!actions || !resource.starts_with("arn:aws:s3:::")) return false;
        if (!asked_.action.starts_with("admin:")) return false;
        for (const std::string& action : List(*actions))
            if (action.starts_with("admin:") && Like(action, asked_.action) == Truth::kYes)
                return true;
        return false;
    }

    bool Resource(const JsonValue& statement, bool allow) const {
        const JsonValue* resources = statement.Find("Resource");
        const JsonValue* others = statement.Find("NotResource");
        bool named = false;
        bool unknown = false;
        for (const std::string& resource : List(resources ? *resources : *others)) {
            const Truth fits = Like(resource, asked_.resource);
            named |= fits == Truth::kYes || (resources && PassedOver(statement, resource));
            unknown |= fits == Truth::kUnknown;
        }
        if (resources) return named;
        if (named) return false;
        return !unknown || !allow;
    }

    bool Conditions(const JsonValue& statement, bool allow) const {
        const JsonValue* conditions = statement.Find("Condition");
        if (conditions == nullptr) return true;
        for (const JsonMember& operation : *conditions->AsObject())
            for (const JsonMember& key : *operation.value.AsObject())
                if (!Condition(operation.name, key.name, List(key.value), allow)) return false;
        return true;
    }

    static bool Cut(std::string* text, const std::string& what, bool from_end) {
        if (!(from_end ? text->ends_with(what) : text->starts_with(what))) return false;
        text->erase(from_end ? text->size() - what.size() : 0, what.size());
        return true;
    }

    bool Condition(std::string operation, const std::string& key, const Strings& operands,
                   bool allow) const {
        const auto found = values_.find(Lower(key));
        const Strings values = found == values_.end() ? Strings() : found->second;
        if (operation == "Null") {
            const std::string now = values.empty() ? "true" : "false";
            return std::find(operands.begin(), operands.end(), now) != operands.end();
        }
        const bool for_any = Cut(&operation, "ForAnyValue:", false);
        const bool for_all = Cut(&operation, "ForAllValues:", false);
        const bool if_exists = Cut(&operation, "IfExists", true);
        const size_t negation = operation.starts_with("NotIp") ? 0 : operation.find("Not");
        const bool negated = negation != operation.npos;
        if (negated) operation.erase(negation, 3);

        if (values.empty()) return if_exists || for_all || (!for_any && negated);
        size_t good = 0;
        for (const std::string& value : values) {
            bool fits = false;
            bool unknown = false;
            for (const std::string& operand : operands) {
                const Truth one = Compare(operation, operand, value);
                fits |= one == Truth::kYes;
                unknown |= one == Truth::kUnknown;
            }
            if (!negated) good += fits ? 1 : 0;
            if (negated && !fits) good += unknown && allow ? 0 : 1;
        }
        if (for_all || (negated && !for_any)) return good == values.size();
        return good > 0;
    }

    static Truth If(bool yes) { return yes ? Truth::kYes : Truth::kNo; }

    Truth Compare(const std::string& operation, const std::string& operand,
                  const std::string& value) const {
        if (operation == "StringEquals") return Like(operand, value, false);
        if (operation == "StringLike") return Like(operand, value);
        if (operation == "StringEqualsIgnoreCase") {
            const auto list = Expand(operand, false);
            if (!list) return Truth::kUnknown;
            return If(ToLower(std::string(list->begin(), list->end())) == ToLower(value));
        }
        if (operation == "Bool") return If(operand == value);
        if (operation == "IpAddress") return If(Bits(value).starts_with(Bits(operand)));
        if (operation.starts_with("Arn")) return Arn(operand, value);
        const auto number = operation.starts_with("Date") ? Day : Number;
        const double left = number(value);
        const double right = number(operand);
        if (operation.ends_with("LessThan")) return If(left < right);
        if (operation.ends_with("LessThanEquals")) return If(left <= right);
        if (operation.ends_with("GreaterThan")) return If(left > right);
        if (operation.ends_with("GreaterThanEquals")) return If(left >= right);
        return If(left == right);
    }

    // The operands here have no variables in their first parts.
    Truth Arn(const std::string& operand, const std::string& value) const {
        if (operand == "*") return Truth::kYes;
        const std::string last = operand.substr(operand.find(":user"));
        const std::vector<std::string_view> want = Split(operand, ':');
        const std::vector<std::string_view> have = Split(value, ':');
        for (size_t i = 0; i < 5; ++i)
            if (Like(std::string(want[i]), std::string(have[i])) == Truth::kNo) return Truth::kNo;
        return Like(last.substr(1), std::string(have[5]));
    }

    static double Number(const std::string& text) { return std::strtod(text.c_str(), nullptr); }
    static double Day(const std::string& text) { return std::stoi(text.substr(8, 2)); }

    // The bits of a network of the small vocabulary below, so that it holds what begins with them.
    static std::string Bits(const std::string& text) {
        if (text.starts_with("2001:db8:")) return "6" + text.substr(0, text.find("::"));
        unsigned a = 0, b = 0, c = 0, d = 0, prefix = 32;
        std::sscanf(text.c_str(), "%u.%u.%u.%u/%u", &a, &b, &c, &d, &prefix);
        std::string bits = "4";
        for (const unsigned byte : {a, b, c, d})
            for (int bit = 7; bit >= 0; --bit)
                bits += (byte >> bit & 1) != 0 ? '1' : '0';
        return bits.substr(0, prefix + 1);
    }

    const Asked& asked_;
    FixedValues::Map values_;
};

// --- what is tried ---

class Generator {
  public:
    explicit Generator(uint64_t seed) : random_(seed) {}

    std::string Policy(bool of_bucket) {
        std::string statements;
        for (size_t count = 1 + random_() % 4; count > 0; --count)
            statements += (statements.empty() ? "" : ",") + Statement(of_bucket);
        return Json("{'Version':'2012-10-17','Statement':[" + statements + "]}");
    }

    Asked Request() {
        Asked asked;
        const Principal everyone[] = {Anonymous(),        Root("1"),        Root("2"),
                                      User("1", "alice"), User("2", "bob"), User("1", "a*")};
        asked.who = everyone[random_() % 6];
        asked.action = Pick({"s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:DeleteObject"});
        asked.resource =
            "arn:aws:s3:::" + Pick({"b", "b/a", "b/ab", "b/alice/x", "b/a/b", "b/a*/x"});
        if (random_() % 8 == 0) {
            asked.action = "admin:CreateUser";
            asked.resource = "*";
        }
        const auto maybe = [&](const char* key, std::initializer_list<const char*> of) {
            if (random_() % 3 == 0) return;
            Strings& values = asked.values[key];
            values.push_back(Pick(of));
            if (random_() % 3 == 0) values.push_back(Pick(of));
        };
        maybe("aws:referer", {"a", "b", "A", "*", ""});
        maybe("s3:existingobjecttag/t", {"a", "alice"});
        maybe("aws:epochtime", {"1", "2", "3"});
        maybe("aws:currenttime", {"2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"});
        maybe("aws:securetransport", {"true", "false"});
        maybe("aws:sourceip", {"10.0.0.1", "10.200.3.4", "192.0.2.1", "2001:db8:1::7"});
        return asked;
    }

  private:
    std::string Pick(std::initializer_list<const char*> of) {
        return *(of.begin() + random_() % of.size());
    }

    std::string Some(std::initializer_list<const char*> of) {
        std::string list = "'" + Pick(of) + "'";
        if (random_() % 2 == 0) return list;
        return "[" + list + ",'" + Pick(of) + "']";
    }

    std::string Statement(bool of_bucket) {
        const bool deny = random_() % 3 == 0;
        std::string text = deny ? "{'Effect':'Deny'" : "{'Effect':'Allow'";
        if (of_bucket) {
            text += deny && random_() % 3 == 0 ? ",'NotPrincipal':" : ",'Principal':";
            text += Pick({"'*'", "{'AWS':'*'}", "{'AWS':'1'}", "{'CanonicalUser':'canonical-2'}",
                          "{'AWS':['arn:aws:iam::1:user/alice','2']}",
                          "{'AWS':'arn:aws:iam::2:root','CanonicalUser':['canonical-1']}"});
        }
        text += random_() % 4 == 0 ? ",'NotAction':" : ",'Action':";
        if (!of_bucket && random_() % 4 == 0)
            text += Some({"admin:CreateUser", "admin:*", "admin:DeleteUser", "*", "s3:*"});
        else
            text += Some({"s3:GetObject", "s3:*", "s3:Get*", "*", "S3:putOBJECT", "s3:?utObject",
                          "s3:List*", "s3:DeleteObject"});
        text += random_() % 4 == 0 ? ",'NotResource':" : ",'Resource':";
        text += Some({"arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::b/a*", "*",
                      "arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/${aws:Referer, `a`}/?",
                      "arn:aws:s3:::b/${s3:ExistingObjectTag/t}*", "arn:aws:s3:::b*"});
        if (random_() % 3 != 0) text += ",'Condition':{" + Condition() + "}";
        return text + "}";
    }

    std::string Condition() {
        const std::string qualifier = Pick({"", "", "", "ForAnyValue:", "ForAllValues:"});
        const std::string suffix = Pick({"", "", "", "IfExists"});
        const auto one = [&](const std::string& operation, const std::string& key,
                             const std::string& values) {
            return "'" + qualifier + operation + suffix + "':{'" + key + "':" + values + "}";
        };
        switch (random_() % 7) {
            case 0:
                return "'Null':{'" + Pick({"aws:Referer", "aws:username"}) +
                       "':" + Some({"true", "false"}) + "}";
            case 1:
                return one(Pick({"NumericEquals", "NumericNotEquals", "NumericLessThan",
                                 "NumericLessThanEquals", "NumericGreaterThan",
                                 "NumericGreaterThanEquals"}),
                           "aws:EpochTime", Some({"1", "2", "2.5"}));
            case 2:
                return one(Pick({"DateEquals", "DateNotEquals", "DateLessThan",
                                 "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"}),
                           "aws:CurrentTime", Some({"2026-01-01", "2026-01-02T00:00:00Z"}));
            case 3:
                return one("Bool", "aws:SecureTransport", Some({"true", "false"}));
            case 4:
                return one(Pick({"IpAddress", "NotIpAddress"}), "aws:SourceIp",
                           Some({"10.0.0.0/8", "10.128.0.0/9", "192.0.2.1", "2001:db8:1::/48"}));
            case 5:
                return one(Pick({"ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"}),
                           "aws:PrincipalArn",
                           Some({"arn:aws:iam::1:user/*", "arn:aws:iam::*:user/alice", "*",
                                 "arn:aws:iam::1:user/${aws:Referer}"}));
            default:
                return one(Pick({"StringEquals", "StringNotEquals", "StringLike", "StringNotLike",
                                 "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"}),
                           Pick({"aws:Referer", "aws:username"}),
                           Some({"a", "A", "a*", "?", "*", "", "${aws:username}",
                                 "${s3:ExistingObjectTag/t}", "${aws:Nothing, `b`}"}));
        }
    }

    std::mt19937_64 random_;
};

TEST(PolicyModel, DecidesAsTheUserGuideTellsIt) {
    const char* given = std::getenv("COFFER_TEST_SEED");
    const uint64_t seed = given ? std::strtoull(given, nullptr, 10) : std::random_device()();
    SCOPED_TRACE("COFFER_TEST_SEED=" + std::to_string(seed));
    Generator generator(seed);
    std::map<std::string, int> decisions;
    for (int i = 0; i < 8'000; ++i) {
        const bool of_bucket = i % 2 == 0;
        const std::string text = generator.Policy(of_bucket);
        const auto policy =
            of_bucket ? Policy::ParseForBucket(text, "b") : Policy::ParseForIdentity(text);
        if (!policy) {
            ++decisions["refused"];
            // The only rules that the generator breaks.
            ASSERT_TRUE(policy.error().message().starts_with("Action does not apply") ||
                        policy.error().message().starts_with("Conditions do not apply"))
                << text << policy.error().message();
            continue;
        }
        const JsonValue json = ParseJson(text).value();
        for (int k = 0; k < 5; ++k) {
            const Asked asked = generator.Request();
            FixedValues source(asked.values);
            Request request(asked.who, asked.action, asked.resource, source);
            const std::string decision = Name(policy.value().Evaluate(request));
            ASSERT_EQ(decision, Model(asked).Evaluate(json))
                << text << "\n"
                << asked.who.arn << " " << asked.action << " " << asked.resource;
            ++decisions[decision];
        }
    }
    // It is worth something only if all of them happen.
    for (const char* decision : {"none", "allow", "allow to account", "deny"})
        EXPECT_GT(decisions[decision], 200) << decision;
    EXPECT_LT(decisions["refused"], 4'000);
}

}  // namespace
}  // namespace coffer::codec::policy
