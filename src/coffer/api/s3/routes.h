// The routes of S3: one table that says for every operation what it looks like, who may do it, and
// what does it.
//
// Source: the Amazon S3 API Reference, "Actions"; the Service Authorization Reference for the
// actions of policies. An operation that Coffer does not offer has its row too, and answers 501.
#pragma once

#include <span>
#include <string_view>

#include "coffer/api/s3/call.h"

namespace coffer::api::s3 {

// Who may use a route: whoever a policy allows the action. There is no route without a rule: it has
// no default.
class Rule {
  public:
    // `version_action` is asked in place of `action` where the request names a version.
    consteval explicit Rule(std::string_view action, std::string_view version_action = {})
        : action_(action), version_action_(version_action.empty() ? action : version_action) {
        if (!action_.starts_with("s3:") || !version_action_.starts_with("s3:"))
            throw "not an action of S3";
    }

    // Anybody, without credentials: what browsers ask before they send any.
    static consteval Rule Anybody() { return Rule(); }

    // The operation names many keys, and asks for each of them by itself.
    static consteval Rule ForEachKey(std::string_view action, std::string_view version_action) {
        Rule rule(action, version_action);
        rule.asks_later_ = true;
        return rule;
    }

    // Policies depend on what the request's document says: the operation asks once it has read it.
    static consteval Rule OfDocument(std::string_view action,
                                     std::string_view version_action = {}) {
        Rule rule(action, version_action);
        rule.asks_later_ = true;
        return rule;
    }

    bool anybody() const { return action_.empty(); }
    bool asks_later() const { return asks_later_; }
    std::string_view action(bool names_version) const {
        return names_version ? version_action_ : action_;
    }

  private:
    consteval Rule() = default;

    std::string_view action_;
    std::string_view version_action_;
    bool asks_later_ = false;
};

struct Route {
    std::string_view method;
    Scope scope;
    std::string_view
        query;  // what must be in the query: "uploads", "list-type=2", "partNumber uploadId"
    std::string_view header;     // what must be among the headers; empty: nothing
    std::string_view operation;  // its name in AWS's reference, in metrics and logs
    Rule rule;
    Operation act;
    std::string_view
        parameters;  // what else the operation understands in the query, separated by spaces
};

// All rows. The first whose method, scope, query and header fit is the one.
std::span<const Route> Routes();

// The row for a request. Where none fits, a row whose operation is "Unknown" that answers 405 (the
// method) or 501 (a sub-resource that S3 may have one day: a parameter that the row does not
// understand, on a request that changes something, or without a value). It is never taken for the
// operation without that parameter.
const Route& FindRoute(const S3Request& request);

}  // namespace coffer::api::s3
