#include "coffer/service/conditions.h"

#include <fmt/format.h>

#include "coffer/codec/date.h"
#include "coffer/codec/etag.h"

namespace coffer::service {
namespace {

Error Failed(std::string_view condition) {
    return Error(
        ErrorKind::kPreconditionFailed, "PreconditionFailed",
        fmt::format("at least one of the preconditions you specified did not hold: {}", condition));
}

// HTTP dates have whole seconds.
bool IsAfter(Timestamp modified, Timestamp condition) {
    return std::chrono::floor<std::chrono::seconds>(modified) >
           std::chrono::floor<std::chrono::seconds>(condition);
}

}  // namespace

Result<ReadVerdict> EvaluateRead(const ReadConditions& conditions, const std::string& etag,
                                 Timestamp modified) {
    if (conditions.if_match) {
        if (!codec::EntityTagList::Parse(*conditions.if_match).MatchesStrongly(etag))
            return Failed("If-Match");
    } else if (conditions.if_unmodified_since &&
               IsAfter(modified, *conditions.if_unmodified_since)) {
        return Failed("If-Unmodified-Since");
    }
    if (conditions.if_none_match) {
        if (codec::EntityTagList::Parse(*conditions.if_none_match).MatchesWeakly(etag))
            return ReadVerdict::kNotModified;
    } else if (conditions.if_modified_since && !IsAfter(modified, *conditions.if_modified_since)) {
        return ReadVerdict::kNotModified;
    }
    return ReadVerdict::kProceed;
}

bool HoldsForRange(const ReadConditions& conditions, const std::string& etag, Timestamp modified) {
    if (!conditions.if_range) return true;
    if (const auto date = codec::ParseHttpDate(*conditions.if_range))
        return std::chrono::floor<std::chrono::seconds>(modified) == *date;
    return *conditions.if_range != "*" &&
           codec::EntityTagList::Parse(*conditions.if_range).MatchesStrongly(etag);
}

Result<> EvaluateCopySource(const ReadConditions& conditions, const std::string& etag,
                            Timestamp modified) {
    TRY(const ReadVerdict verdict, EvaluateRead(conditions, etag, modified));
    if (verdict == ReadVerdict::kNotModified) {
        return Failed(conditions.if_none_match ? "x-amz-copy-source-if-none-match"
                                               : "x-amz-copy-source-if-modified-since");
    }
    return Ok();
}

Result<> EvaluateWrite(const WriteConditions& conditions, const std::optional<std::string>& etag) {
    if (conditions.if_match) {
        if (!etag) {
            return Error(ErrorKind::kNotFound, "NoSuchKey",
                         "If-Match was given, and there is no such object");
        }
        if (!codec::EntityTagList::Parse(*conditions.if_match).MatchesStrongly(*etag))
            return Failed("If-Match");
    }
    if (conditions.if_none_match && etag &&
        codec::EntityTagList::Parse(*conditions.if_none_match).MatchesWeakly(*etag)) {
        return Failed("If-None-Match");
    }
    return Ok();
}

}  // namespace coffer::service
