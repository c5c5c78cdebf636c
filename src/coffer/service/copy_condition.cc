#include "coffer/service/copy_condition.h"

namespace coffer::service {

std::optional<CopyCondition> ConditionOf(const Error& error) {
    switch (error.kind()) {
        case ErrorKind::kCorrupt:
        case ErrorKind::kInvalid:  // it is shorter than the blob
            return CopyCondition::kDamaged;
        case ErrorKind::kNotFound:
            return CopyCondition::kMissing;
        case ErrorKind::kDenied:
        case ErrorKind::kIo:
        case ErrorKind::kUnsupported:  // of a later Coffer
            return CopyCondition::kUnreadable;
        default:
            return std::nullopt;
    }
}

}  // namespace coffer::service
