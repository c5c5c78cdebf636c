// The patterns of policies: text with wildcards ('*' for any characters, '?' for one) and policy
// variables ("${aws:username}"). Immutable once parsed; any thread may use one.
//
// Source: the IAM User Guide, "IAM policy elements: Variables and tags". What a variable stands for
// is always text: a '*' in a user's name matches a '*'.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "coffer/codec/policy/condition_key.h"
#include "coffer/codec/policy/request.h"

namespace coffer::codec::policy {

struct PatternSyntax {
    bool wildcards = true;     // else '*' and '?' are text
    bool variables = true;     // else "${" is text, as in policies of 2008
    bool ignore_case = false;  // of ASCII letters
};

enum class Match : uint8_t {
    kNo,
    kYes,
    kUnknown,  // a variable that the request has no value for, or several
};

class Pattern {
  public:
    // "${key}" is the value of a condition key, "${key, 'text'}" with a default, "${*}", "${?}" and
    // "${$}" are those characters as text. Nothing where a "${" is none of these.
    static std::optional<Pattern> Parse(std::string_view text, const PatternSyntax& syntax);

    // '?' stands for one character of UTF-8. Takes time in proportion to `text` and this, where a
    // '?' stands between two '*' to their product; never more.
    Match Matches(std::string_view text, Request& request) const;

    // As Matches, for a pattern without variables.
    bool MatchesText(std::string_view text) const;

    // Whether some text that begins with `prefix` and goes on can match, whatever the variables'
    // values are; and whether `text` itself can.
    bool CanBeginWith(std::string_view prefix) const;
    bool CanBe(std::string_view text) const;

    // What every text that it matches begins with, whatever the variables' values are; empty where
    // case makes no difference. Valid as long as this.
    std::string_view FixedBeginning() const;

    // Whether it matches one text only: it has neither wildcards nor variables.
    bool IsFixed() const;

    // The condition keys that its variables ask for.
    std::span<const ConditionKey> keys() const { return keys_; }

    // Cut at the first `count - 1` ':' outside of variables, as ARNs are; fewer where there are
    // fewer.
    std::vector<Pattern> SplitArn(size_t count) const;

  private:
    enum class Kind : uint8_t { kText, kOne, kMany, kVariable };

    struct Piece {
        Kind kind;
        uint32_t begin = 0;  // of its text in text_; of a variable, its default
        uint32_t size = 0;
        uint32_t key = 0;  // of a variable: which of keys_
        bool has_default = false;
    };

    struct Glob;  // pieces without variables over their text

    void AddText(std::string_view text);
    bool AddVariable(std::string_view name);
    std::optional<std::string_view> ValueOf(const Piece& variable, Request& request) const;
    bool CanReach(std::string_view text, bool and_go_on) const;

    bool ignore_case_ = false;
    std::string text_;
    std::vector<Piece> pieces_;
    std::vector<ConditionKey> keys_;
};

}  // namespace coffer::codec::policy
