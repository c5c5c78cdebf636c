// Object lock: what keeps a version from being deleted, the documents that say so, and when it
// yields. Pure functions, any thread may call them.
//
// A retention ends at a point in time, and holds while the clock shows less: a clock that goes back
// makes locks last longer, never shorter. Whether one retention is shorter than another depends on
// their two dates alone, and on no clock.
//
// Source: the Amazon S3 User Guide, "Locking objects with Object Lock"; the Amazon S3 API
// Reference, "PutObjectLockConfiguration", "PutObjectRetention", "PutObjectLegalHold".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "coffer/base/clock.h"
#include "coffer/base/result.h"

namespace coffer::codec {

enum class LockMode : uint8_t {
    kGovernance,  // who has the permission may bypass it
    kCompliance,  // nobody can end it early
};

// "GOVERNANCE", "COMPLIANCE".
std::string_view LockModeName(LockMode mode);
std::optional<LockMode> ParseLockMode(std::string_view name);

struct Retention {
    LockMode mode = LockMode::kGovernance;
    Timestamp until;  // to the millisecond, as documents and headers have it

    bool operator==(const Retention&) const = default;
};

// What locks a version; none of it: nothing does.
struct ObjectLock {
    std::optional<Retention> retention;
    std::optional<bool> legal_hold;  // nothing: it was never set

    bool operator==(const ObjectLock&) const = default;
};

// Who wants to take a lock away, or what it locks.
struct LockAuthority {
    Timestamp now;
    bool bypass_governance = false;  // asked for, and permitted
};

// A date of ISO 8601, without what is below a millisecond; nothing where it is none.
std::optional<Timestamp> ParseRetainUntil(std::string_view text);

// Whether a version may be deleted: kDenied "AccessDenied", in S3's words, where its lock holds.
Result<> CheckUnlocked(const ObjectLock& lock, const LockAuthority& authority);

// Whether `next` may come in place of `old`; nothing: no retention. kDenied "AccessDenied" where
// that would shorten a retention that holds, or give it another mode: one of compliance can only be
// prolonged, one of governance also changed by who may bypass it.
Result<> CheckRetentionChange(const std::optional<Retention>& old,
                              const std::optional<Retention>& next, const LockAuthority& authority);

// How long new versions in a bucket are retained that bring no retention of their own.
struct DefaultRetention {
    LockMode mode = LockMode::kGovernance;
    int count = 1;
    bool years = false;  // of calendar years, else of days

    bool operator==(const DefaultRetention&) const = default;
};

// The end of a retention that begins at `from`.
Timestamp RetainUntil(const DefaultRetention& retention, Timestamp from);

// An <ObjectLockConfiguration>: locks are enabled.
struct ObjectLockConfiguration {
    std::optional<DefaultRetention> default_retention;

    bool operator==(const ObjectLockConfiguration&) const = default;
};

// kInvalid "MalformedXML": no such document, not "Enabled", a Rule without one mode and one of Days
// and Years. kInvalid "InvalidRetentionPeriod": not 1 to 36,500 days, or 100 years.
Result<ObjectLockConfiguration> ParseObjectLockConfiguration(std::string_view document);
std::string WriteObjectLockConfiguration(const ObjectLockConfiguration& configuration);

// A <Retention>; nothing where it is empty, which asks for none. kInvalid "MalformedXML".
Result<std::optional<Retention>> ParseRetention(std::string_view document);
std::string WriteRetention(const Retention& retention);

// A <LegalHold>: whether its status is "ON". kInvalid "MalformedXML".
Result<bool> ParseLegalHold(std::string_view document);
std::string WriteLegalHold(bool on);

}  // namespace coffer::codec
