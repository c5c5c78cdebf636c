#include "coffer/codec/policy/pattern.h"

#include <algorithm>
#include <cstring>

#include "coffer/codec/ascii.h"

namespace coffer::codec::policy {
namespace {

// Continues a character of UTF-8 that began before.
bool IsContinuation(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

size_t NextCharacter(std::string_view text, size_t at) {
    do
        ++at;
    while (at < text.size() && IsContinuation(text[at]));
    return at;
}

size_t PreviousCharacter(std::string_view text, size_t at) {
    do
        --at;
    while (at > 0 && IsContinuation(text[at]));
    return at;
}

// memmem is linear, where string_view::find can take the product of both lengths.
size_t FindText(std::string_view text, std::string_view what, size_t from) {
    const void* found = ::memmem(text.data() + from, text.size() - from, what.data(), what.size());
    return found == nullptr ? text.npos
                            : static_cast<size_t>(static_cast<const char*>(found) - text.data());
}

}  // namespace

struct Pattern::Glob {
    using Pieces = std::span<const Piece>;

    std::string_view text;
    Pieces pieces;

    std::string_view TextOf(const Piece& piece) const {
        return text.substr(piece.begin, piece.size);
    }

    static Pieces::iterator FirstMany(Pieces pieces) {
        return std::ranges::find(pieces, Kind::kMany, &Piece::kind);
    }

    // Where `part`, which has no kMany, ends when it begins at `at`.
    std::optional<size_t> Forward(Pieces part, std::string_view subject, size_t at) const {
        for (const Piece& piece : part) {
            if (piece.kind == Kind::kOne) {
                if (at >= subject.size()) return std::nullopt;
                at = NextCharacter(subject, at);
            } else {
                if (!subject.substr(at).starts_with(TextOf(piece))) return std::nullopt;
                at += piece.size;
            }
        }
        return at;
    }

    // Where it begins when it ends with the subject.
    std::optional<size_t> Backward(Pieces part, std::string_view subject) const {
        size_t at = subject.size();
        for (size_t i = part.size(); i-- > 0;) {
            if (part[i].kind == Kind::kOne) {
                if (at == 0) return std::nullopt;
                at = PreviousCharacter(subject, at);
            } else {
                if (!subject.substr(0, at).ends_with(TextOf(part[i]))) return std::nullopt;
                at -= part[i].size;
            }
        }
        return at;
    }

    // Where its first occurrence from `at` on ends.
    std::optional<size_t> Search(Pieces part, std::string_view subject, size_t at) const {
        if (part.empty()) return at;
        for (; at <= subject.size(); ++at) {
            if (part[0].kind == Kind::kText) at = FindText(subject, TextOf(part[0]), at);
            if (at == subject.npos) return std::nullopt;
            if (const auto end = Forward(part, subject, at)) return end;
        }
        return std::nullopt;
    }

    // What stands before the first '*' is at the beginning, what stands after the last is at the
    // end, and what stands between is found from left to right, each as early as it can be: if any
    // choice fits, this one does.
    bool Matches(std::string_view subject) const {
        const auto first = FirstMany(pieces);
        std::optional<size_t> at = Forward({pieces.begin(), first}, subject, 0);
        if (!at) return false;
        if (first == pieces.end()) return *at == subject.size();

        Pieces rest(first + 1, pieces.end());
        for (auto many = FirstMany(rest); many != rest.end(); many = FirstMany(rest)) {
            at = Search({rest.begin(), many}, subject, *at);
            if (!at) return false;
            rest = {many + 1, rest.end()};
        }
        const std::optional<size_t> tail = Backward(rest, subject);
        return tail && *tail >= *at;
    }
};

std::optional<Pattern> Pattern::Parse(std::string_view text, const PatternSyntax& syntax) {
    Pattern pattern;
    pattern.ignore_case_ = syntax.ignore_case;
    while (!text.empty()) {
        if (syntax.variables && text.starts_with("${")) {
            const size_t end = text.find('}');
            if (end == text.npos || !pattern.AddVariable(text.substr(2, end - 2)))
                return std::nullopt;
            text.remove_prefix(end + 1);
        } else if (syntax.wildcards && text[0] == '*') {
            // Two stars in a row are one.
            if (pattern.pieces_.empty() || pattern.pieces_.back().kind != Kind::kMany)
                pattern.pieces_.push_back({Kind::kMany});
            text.remove_prefix(1);
        } else if (syntax.wildcards && text[0] == '?') {
            pattern.pieces_.push_back({Kind::kOne});
            text.remove_prefix(1);
        } else {
            const size_t size = std::min(text.find_first_of("*?$", 1), text.size());
            pattern.AddText(text.substr(0, size));
            text.remove_prefix(size);
        }
    }
    return pattern;
}

void Pattern::AddText(std::string_view text) {
    if (text.empty()) return;
    const bool goes_on = !pieces_.empty() && pieces_.back().kind == Kind::kText;
    if (!goes_on) pieces_.push_back({Kind::kText, static_cast<uint32_t>(text_.size())});
    pieces_.back().size += static_cast<uint32_t>(text.size());
    text_ += ignore_case_ ? ToLower(text) : std::string(text);
}

bool Pattern::AddVariable(std::string_view name) {
    if (name == "*" || name == "?" || name == "$") {
        AddText(name);
        return true;
    }
    Piece piece{Kind::kVariable, static_cast<uint32_t>(text_.size())};
    if (const size_t comma = name.find(','); comma != name.npos) {
        std::string_view text = TrimSpaces(name.substr(comma + 1));
        if (text.size() < 2 || !text.starts_with('\'') || !text.ends_with('\'')) return false;
        text = text.substr(1, text.size() - 2);
        if (text.find('\'') != text.npos) return false;
        piece.has_default = true;
        piece.size = static_cast<uint32_t>(text.size());
        text_ += text;
        name = name.substr(0, comma);
    }
    const auto key = ParseConditionKey(TrimSpaces(name));
    if (!key) return false;
    piece.key = static_cast<uint32_t>(keys_.size());
    keys_.push_back(*key);
    pieces_.push_back(piece);
    return true;
}

std::optional<std::string_view> Pattern::ValueOf(const Piece& variable, Request& request) const {
    if (const std::string* value = request.Value(keys_[variable.key])) return *value;
    if (!variable.has_default) return std::nullopt;
    return std::string_view(text_).substr(variable.begin, variable.size);
}

Match Pattern::Matches(std::string_view text, Request& request) const {
    if (keys_.empty()) return MatchesText(text) ? Match::kYes : Match::kNo;
    Pattern resolved;
    resolved.ignore_case_ = ignore_case_;
    for (const Piece& piece : pieces_) {
        if (piece.kind == Kind::kText) {
            resolved.AddText(std::string_view(text_).substr(piece.begin, piece.size));
        } else if (piece.kind != Kind::kVariable) {
            resolved.pieces_.push_back(piece);
        } else if (const auto value = ValueOf(piece, request)) {
            resolved.AddText(*value);
        } else {
            return Match::kUnknown;
        }
    }
    return resolved.MatchesText(text) ? Match::kYes : Match::kNo;
}

bool Pattern::MatchesText(std::string_view text) const {
    if (!ignore_case_) return Glob{text_, pieces_}.Matches(text);
    return Glob{text_, pieces_}.Matches(ToLower(text));
}

bool Pattern::CanBe(std::string_view text) const {
    return CanReach(text, false);
}

bool Pattern::CanBeginWith(std::string_view prefix) const {
    return CanReach(prefix, true);
}

// Walks all ways through the pattern at once. A place is a piece and how much of its text is
// behind.
bool Pattern::CanReach(std::string_view text, bool and_go_on) const {
    std::vector<size_t> starts;  // the place at which each piece begins
    size_t places = 0;
    for (const Piece& piece : pieces_) {
        starts.push_back(places);
        places += piece.kind == Kind::kText ? piece.size : 1;
    }
    const auto stays = [](Kind kind) { return kind == Kind::kMany || kind == Kind::kVariable; };
    // One may pass a piece that can stand for nothing without reading.
    const auto pass = [&](std::vector<bool>& at) {
        for (size_t i = 0; i < pieces_.size(); ++i)
            if (stays(pieces_[i].kind) && at[starts[i]]) at[starts[i] + 1] = true;
    };

    std::vector<bool> at(places + 1);
    at[0] = true;
    pass(at);
    for (const char c : text) {
        std::vector<bool> next(places + 1);
        for (size_t i = 0; i < pieces_.size(); ++i) {
            const Piece& piece = pieces_[i];
            for (size_t k = 0; k < (piece.kind == Kind::kText ? piece.size : 1); ++k) {
                if (!at[starts[i] + k]) continue;
                if (stays(piece.kind)) next[starts[i]] = true;
                if (piece.kind == Kind::kOne ||
                    (piece.kind == Kind::kText && text_[piece.begin + k] == c))
                    next[starts[i] + k + 1] = true;
            }
        }
        pass(next);
        at = std::move(next);
    }
    if (!and_go_on) return at[places];
    // There is more to come, so that the end alone will not do.
    return std::find(at.begin(), at.end() - 1, true) != at.end() - 1;
}

std::string_view Pattern::FixedBeginning() const {
    if (ignore_case_ || pieces_.empty() || pieces_.front().kind != Kind::kText) return {};
    return std::string_view(text_).substr(pieces_.front().begin, pieces_.front().size);
}

bool Pattern::IsFixed() const {
    return std::ranges::all_of(pieces_,
                               [](const Piece& piece) { return piece.kind == Kind::kText; });
}

std::vector<Pattern> Pattern::SplitArn(size_t count) const {
    std::vector<Pattern> parts(1);
    parts.back().ignore_case_ = ignore_case_;
    const auto next = [&] {
        parts.emplace_back();
        parts.back().ignore_case_ = ignore_case_;
    };
    for (const Piece& piece : pieces_) {
        std::string_view text = std::string_view(text_).substr(piece.begin, piece.size);
        if (piece.kind == Kind::kText) {
            for (size_t colon = text.find(':'); colon != text.npos && parts.size() < count;
                 colon = text.find(':')) {
                if (colon > 0) parts.back().AddText(text.substr(0, colon));
                text.remove_prefix(colon + 1);
                next();
            }
            if (!text.empty()) parts.back().AddText(text);
            continue;
        }
        Pattern& part = parts.back();
        Piece copy = piece;
        copy.begin = static_cast<uint32_t>(part.text_.size());
        if (piece.kind == Kind::kVariable) {
            part.text_ += text;
            copy.key = static_cast<uint32_t>(part.keys_.size());
            part.keys_.push_back(keys_[piece.key]);
        }
        part.pieces_.push_back(copy);
    }
    return parts;
}

}  // namespace coffer::codec::policy
