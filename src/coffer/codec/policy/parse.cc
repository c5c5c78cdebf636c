#include <algorithm>
#include <set>

#include "coffer/codec/ascii.h"
#include "coffer/codec/json.h"
#include "coffer/codec/policy/actions.h"
#include "coffer/codec/policy/policy.h"

namespace coffer::codec::policy {
namespace {

constexpr std::string_view kS3 = "arn:aws:s3:::";
constexpr std::string_view kInvalidSyntax = "Invalid policy syntax.";
constexpr std::string_view kSyntaxErrors = "Syntax errors in policy.";

struct KnownAction {
    std::string name;  // in lower case
    Acts acts;
};

const std::vector<KnownAction>& LowerCaseActions() {
    static const std::vector<KnownAction> all = [] {
        std::vector<KnownAction> actions;
        for (const Action& action : KnownActions())
            actions.push_back({ToLower(action.name), action.acts});
        return actions;
    }();
    return all;
}

// Reads a document. Both kinds have the same grammar; they differ in what their elements may say,
// and in the words of their errors.
class Reader {
  public:
    // Without a bucket: the policy of a user or group.
    explicit Reader(std::optional<std::string_view> bucket, Idle idle)
        : bucket_(bucket), idle_(idle) {
        if (bucket) bucket_arn_ = std::string(kS3) + std::string(*bucket);
    }

    Result<std::vector<Statement>> Read(std::string_view document);

  private:
    // The error in the words of S3, or of IAM.
    Error Refuse(std::string_view s3, std::string_view iam = kSyntaxErrors) const {
        return bucket_ ? Error(ErrorKind::kInvalid, "MalformedPolicy", std::string(s3))
                       : Error(ErrorKind::kInvalid, "MalformedPolicyDocument", std::string(iam));
    }

    Result<> CheckFields(const JsonValue::Object& fields,
                         std::initializer_list<std::string_view> known) const;
    Result<> ReadVersion(const JsonValue& document);
    Result<Statement> ReadStatement(const JsonValue& value);
    Result<> ReadSid(const JsonValue& fields);
    Result<> ReadEffect(const JsonValue& fields, Statement* statement) const;
    Result<> ReadPrincipals(const JsonValue& fields, Statement* statement) const;
    Result<> ReadActions(const JsonValue& fields, Statement* statement);
    Result<> ReadAction(const std::string& text, Statement* statement);
    Result<> ReadResources(const JsonValue& fields, Statement* statement) const;
    Result<Pattern> ReadResource(const std::string& text) const;
    Result<> ReadConditions(const JsonValue& fields, Statement* statement) const;
    Result<> CheckApplicability(const Statement& statement) const;

    std::optional<std::string_view> bucket_;
    Idle idle_;
    std::string bucket_arn_;
    bool variables_ = false;        // Version 2012-10-17
    bool resource_needed_ = false;  // by an action of the statement
    std::set<std::string> sids_ = {};
};

// The strings of "one" or ["one", "two"]; nothing for anything else.
std::optional<std::vector<std::string>> Strings(const JsonValue& value) {
    if (const std::string* one = value.AsString()) return std::vector{*one};
    const JsonValue::Array* elements = value.AsArray();
    if (elements == nullptr || elements->empty()) return std::nullopt;
    std::vector<std::string> all;
    for (const JsonValue& element : *elements) {
        if (element.AsString() == nullptr) return std::nullopt;
        all.push_back(*element.AsString());
    }
    return all;
}

// The element of either name, and whether it is the second.
struct Element {
    const JsonValue* value = nullptr;
    bool negated = false;
    bool both = false;
};

Element FindEither(const JsonValue& fields, std::string_view name, std::string_view not_name) {
    const JsonValue* plain = fields.Find(name);
    const JsonValue* negated = fields.Find(not_name);
    if (plain != nullptr) return {plain, false, negated != nullptr};
    return {negated, true, false};
}

Result<std::vector<Statement>> Reader::Read(std::string_view document) {
    if (!document.starts_with('{'))
        return Refuse("Policies must be valid JSON and the first byte must be '{'");
    const auto json = ParseJson(document);
    if (!json) return Refuse("This policy contains invalid Json");
    const JsonValue& policy = json.value();
    const std::string too_large =
        "Normalized policy document exceeds the maximum allowed size of " +
        std::to_string(kMaxPolicyBytes) + " bytes";
    if (WriteJson(policy).size() > kMaxPolicyBytes) return Refuse(too_large, too_large);

    TRY(CheckFields(*policy.AsObject(), {"Version", "Id", "ID", "Statement"}));
    TRY(ReadVersion(policy));
    for (const std::string_view name : {"Id", "ID"}) {
        const JsonValue* id = policy.Find(name);
        if (id != nullptr && id->AsString() == nullptr) return Refuse(kInvalidSyntax);
    }

    const JsonValue* element = policy.Find("Statement");
    if (element == nullptr) return Refuse("Missing required field Statement");
    const JsonValue::Array one = {*element};
    const JsonValue::Array& all = element->AsArray() ? *element->AsArray() : one;
    if (all.empty()) return Refuse("Could not parse the policy: Statement is empty!");
    std::vector<Statement> statements;
    for (const JsonValue& value : all) {
        TRY(Statement statement, ReadStatement(value));
        statements.push_back(std::move(statement));
    }
    return statements;
}

Result<> Reader::CheckFields(const JsonValue::Object& fields,
                             std::initializer_list<std::string_view> known) const {
    for (const JsonMember& field : fields)
        if (std::ranges::find(known, field.name) == known.end())
            return Refuse("Unknown field " + field.name);
    return Ok();
}

Result<> Reader::ReadVersion(const JsonValue& document) {
    const JsonValue* version = document.Find("Version");
    if (version == nullptr) return Ok();
    const std::string* text = version->AsString();
    if (text == nullptr || (*text != "2012-10-17" && *text != "2008-10-17"))
        return Refuse("The policy must contain a valid version string");
    variables_ = *text == "2012-10-17";
    return Ok();
}

Result<Statement> Reader::ReadStatement(const JsonValue& value) {
    const JsonValue::Object* fields = value.AsObject();
    if (fields == nullptr) return Refuse(kInvalidSyntax);
    TRY(CheckFields(*fields, {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction",
                              "Resource", "NotResource", "Condition"}));
    Statement statement;
    TRY(ReadSid(value));
    TRY(ReadEffect(value, &statement));
    TRY(ReadPrincipals(value, &statement));
    TRY(ReadActions(value, &statement));
    TRY(ReadResources(value, &statement));
    TRY(ReadConditions(value, &statement));
    if (bucket_ && idle_ == Idle::kRefuse) {
        TRY(CheckApplicability(statement));
    }
    return statement;
}

Result<> Reader::ReadSid(const JsonValue& fields) {
    const JsonValue* sid = fields.Find("Sid");
    if (sid == nullptr) return Ok();
    const std::string* text = sid->AsString();
    if (text == nullptr) return Refuse(kInvalidSyntax);
    // S3 lets one Sid stand twice, IAM does not.
    if (!bucket_ && !text->empty() && !sids_.insert(*text).second)
        return Refuse({}, "Statement IDs (SID) in a single policy must be unique.");
    return Ok();
}

Result<> Reader::ReadEffect(const JsonValue& fields, Statement* statement) const {
    const JsonValue* effect = fields.Find("Effect");
    if (effect == nullptr) return Refuse("Missing required field Effect");
    const std::string* text = effect->AsString();
    if (text == nullptr) return Refuse(kInvalidSyntax);
    statement->allow = *text == "Allow";
    if (!statement->allow && *text != "Deny") return Refuse("Invalid effect: " + *text);
    return Ok();
}

Result<> Reader::ReadPrincipals(const JsonValue& fields, Statement* statement) const {
    const Element element = FindEither(fields, "Principal", "NotPrincipal");
    if (!bucket_) {
        if (element.value == nullptr) return Ok();
        return Refuse({}, "Policy document should not specify a principal.");
    }
    if (element.value == nullptr) return Refuse("Missing required field Principal");
    if (element.both) return Refuse(kInvalidSyntax);
    if (element.negated && statement->allow)
        return Refuse("Allow with NotPrincipal is not allowed.");
    statement->principals = Principals::Parse(*element.value);
    statement->not_principals = element.negated;
    if (!statement->principals) return Refuse("Invalid principal in policy");
    return Ok();
}

Result<> Reader::ReadActions(const JsonValue& fields, Statement* statement) {
    const Element element = FindEither(fields, "Action", "NotAction");
    if (element.value == nullptr)
        return Refuse("Missing required field Action", "Policy statement must contain actions.");
    if (element.both) return Refuse(kInvalidSyntax);
    statement->not_actions = element.negated;
    resource_needed_ = false;
    const auto names = Strings(*element.value);
    if (!names)
        return Refuse("Policy has invalid action", "Policy statement must contain actions.");
    for (const std::string& name : *names) {
        TRY(ReadAction(name, statement));
    }
    return Ok();
}

Result<> Reader::ReadAction(const std::string& text, Statement* statement) {
    constexpr std::string_view kInvalidAction = "Policy has invalid action";
    const std::string lower = ToLower(text);
    const auto pattern = Pattern::Parse(lower, {.variables = false});
    statement->actions.push_back(*pattern);
    const size_t colon = lower.find(':');
    if (lower == "*") {
        resource_needed_ = true;
        return Ok();
    }
    if (colon == lower.npos || colon == 0 || colon + 1 == lower.size())
        return Refuse(kInvalidAction,
                      "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    if (lower.find(':', colon + 1) != lower.npos)
        return Refuse(kInvalidAction, "Actions/Condition can contain only one colon.");
    const std::string vendor = lower.substr(0, colon);
    if (vendor.find_first_of("*?") != vendor.npos || (bucket_ && vendor != "s3"))
        return Refuse(kInvalidAction, "Vendor " + vendor + " is not valid");
    if (vendor != "admin" && vendor != "sts" && vendor != "kms") resource_needed_ = true;
    if (!KnowsAllOf(vendor)) return Ok();

    const auto matches = [&](const KnownAction& action) {
        return pattern->MatchesText(action.name);
    };
    if (std::ranges::any_of(LowerCaseActions(), matches)) return Ok();
    return Refuse(kInvalidAction, "unsupported action '" + text + "'");
}

Result<> Reader::ReadResources(const JsonValue& fields, Statement* statement) const {
    const Element element = FindEither(fields, "Resource", "NotResource");
    statement->not_resources = element.negated && element.value != nullptr;
    if (element.value == nullptr) {
        if (bucket_ || resource_needed_ || statement->not_actions)
            return Refuse("Missing required field Resource",
                          "Policy statement must contain resources.");
        statement->resources.push_back(*Pattern::Parse("*", {}));
        return Ok();
    }
    if (element.both) return Refuse(kInvalidSyntax);
    const auto names = Strings(*element.value);
    if (!names)
        return Refuse("Policy has invalid resource", "Policy statement must contain resources.");
    for (const std::string& name : *names) {
        TRY(Pattern pattern, ReadResource(name));
        statement->resources.push_back(std::move(pattern));
    }
    return Ok();
}

Result<Pattern> Reader::ReadResource(const std::string& text) const {
    const auto pattern = Pattern::Parse(text, {.variables = variables_});
    constexpr std::string_view kInvalidResource = "Policy has invalid resource";
    const std::string not_arn = "Resource " + text + " must be in ARN format or \"*\".";
    if (!pattern) return Refuse(kInvalidResource, not_arn);
    if (text == "*") return *pattern;
    if (!bucket_) {
        if (!text.starts_with("arn:") || pattern->SplitArn(6).size() < 6)
            return Refuse({}, not_arn);
        return *pattern;
    }
    // It is of this bucket, or wide enough to be.
    if (!text.starts_with(kS3) ||
        !(pattern->CanBe(bucket_arn_) || pattern->CanBeginWith(bucket_arn_ + "/")))
        return Refuse(kInvalidResource);
    return *pattern;
}

Result<> Reader::ReadConditions(const JsonValue& fields, Statement* statement) const {
    const JsonValue* element = fields.Find("Condition");
    if (element == nullptr) return Ok();
    const JsonValue::Object* operators = element->AsObject();
    if (operators == nullptr) return Refuse(kInvalidSyntax);
    for (const JsonMember& operation : *operators) {
        const JsonValue::Object* keys = operation.value.AsObject();
        if (keys == nullptr) return Refuse(kInvalidSyntax);
        for (const JsonMember& named : *keys) {
            const auto key = ParseConditionKey(named.name);
            const bool mistaken = key && idle_ == Idle::kRefuse && IsMistaken(*key);
            if (!key || mistaken || (bucket_ && !IsForBuckets(*key)))
                return Refuse("Policy has an invalid condition key",
                              "invalid condition key '" + named.name + "'");
            const auto condition = Condition::Parse(operation.name, *key, named.value, variables_);
            if (!condition) return Refuse(condition.error().message());
            statement->conditions.push_back(condition.value());
        }
    }
    return Ok();
}

// Whether each action that is named acts on something that is named, and can come with each key.
// What a statement excludes (NotAction, NotResource) may be anything.
Result<> Reader::CheckApplicability(const Statement& statement) const {
    if (statement.not_actions) return Ok();
    const auto names = [&](auto&& can) {
        return statement.not_resources || std::ranges::any_of(statement.resources, can);
    };
    const bool on_bucket = names([&](const Pattern& each) { return each.CanBe(bucket_arn_); });
    const bool on_objects =
        names([&](const Pattern& each) { return each.CanBeginWith(bucket_arn_ + "/"); });

    // The actions that the statement can be about, and which of them each condition comes with:
    // looked up once, since both lists can be long.
    std::vector<std::string_view> applicable;
    for (const KnownAction& action : LowerCaseActions())
        if (action.name.starts_with("s3:") && ((action.acts == Acts::kOnBuckets && on_bucket) ||
                                               (action.acts == Acts::kOnObjects && on_objects)))
            applicable.push_back(action.name);
    std::vector<std::vector<bool>> comes;
    for (const Condition& condition : statement.conditions) {
        std::vector<bool>& row = comes.emplace_back();
        for (const std::string_view action : applicable)
            row.push_back(ComesWith(condition.key(), action.substr(3)));
    }

    for (const Pattern& pattern : statement.actions) {
        std::vector<size_t> matched;
        for (size_t i = 0; i < applicable.size(); ++i)
            if (pattern.MatchesText(applicable[i])) matched.push_back(i);
        if (matched.empty()) return Refuse("Action does not apply to any resource(s) in statement");
        for (const std::vector<bool>& row : comes)
            if (std::ranges::none_of(matched, [&row](size_t i) { return row[i]; }))
                return Refuse(
                    "Conditions do not apply to combination of actions and resources in statement");
    }
    return Ok();
}

}  // namespace

Result<Policy> Policy::ParseForBucket(std::string_view document, std::string_view bucket,
                                      Idle idle) {
    TRY(std::vector<Statement> statements, Reader(bucket, idle).Read(document));
    return Policy(std::move(statements));
}

Result<Policy> Policy::ParseForIdentity(std::string_view document, Idle idle) {
    TRY(std::vector<Statement> statements, Reader(std::nullopt, idle).Read(document));
    return Policy(std::move(statements));
}

}  // namespace coffer::codec::policy
